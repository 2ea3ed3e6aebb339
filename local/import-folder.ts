import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO } from './demo.ts';
import type { ResultRow } from './result-table.ts';
import type { Stack } from './stack.ts';

/** An answer about an import, as far as people read it. */
export type ImportAnswer = {
  message?: string;
  error_code?: string;
  error_msg?: string;
  job_mapping?: ResultRow[];
  state?: string;
  archives_done?: number;
  archives_total?: number;
  jobs_done?: number;
  counts?: Record<string, number>;
};

const POLL_MS = 500;

export const importPath = () => `/v1.0/${DEMO.projectId}/streaming/jobs/import`;

/**
 * Imports a folder over HTTP, as a client does that does not wait for the answer, and looks how far it is until it ends.
 * @param rows of its mapping, the first ones, that come with its end.
 * @param onProgress hears of each look.
 * @param signal ends the wait, which nothing else bounds: an import ends, whoever dies.
 * @returns the end of the import and its address; or why there was none.
 */
export async function importFolder(
  { endpoint }: Pick<Stack, 'endpoint'>,
  zipFile: string,
  { rows, onProgress, signal }: { rows: number; onProgress: (shown: ImportAnswer) => void; signal: AbortSignal },
): Promise<{ answer: ImportAnswer; location: string | null }> {
  const body = JSON.stringify({ zip_file: zipFile, is_cover: true });
  const accepted = await call(endpoint + importPath(), { method: 'POST', body, headers: { prefer: 'respond-async' } });
  const { location } = accepted;
  if (location === null) return accepted;
  for (;;) {
    const { answer } = await call(`${endpoint}${location}?limit=${rows}`, { signal });
    if (answer.state !== 'queued' && answer.state !== 'running') return { answer, location };
    onProgress(answer);
    await sleep(POLL_MS, undefined, { signal });
  }
}

async function call(url: string, init: RequestInit) {
  const headers = { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(url, { ...init, headers });
  const answer: ImportAnswer = parseKeepingIds(await response.text());
  return { answer, location: response.headers.get('location') };
}

/** Ids may be beyond what a number holds: they are read as their digits. */
function parseKeepingIds(text: string): ImportAnswer {
  return JSON.parse(text, (key, value, context?: { source?: string }) => {
    return key.endsWith('_job_id') ? (context?.source ?? value) : value;
  });
}
