import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO } from './demo.ts';
import type { ResultRow } from './result-table.ts';
import type { Stack } from './stack.ts';

/** An answer about an import, as far as people read it. */
export type ImportAnswer = {
  is_success?: string;
  message?: string;
  error_code?: string;
  error_msg?: string;
  job_mapping?: ResultRow[];
  state?: string;
  archives_done?: number;
  next_marker?: string;
};

const POLL_MS = 500;
/** An import that is answered by its address is read for this long at the most: its lease is shorter. */
const POLLS = 240;

export const importPath = () => `/v1.0/${DEMO.projectId}/streaming/jobs/import`;

/**
 * Imports a folder over HTTP, as any client does, and waits for it if the answer only tells where it is.
 * @param onProgress hears how many archives are done, while it waits.
 */
export async function importFolder(
  { endpoint }: Stack,
  zipFile: string,
  onProgress: (archivesDone: number) => void,
): Promise<ImportAnswer> {
  const body = JSON.stringify({ zip_file: zipFile, is_cover: true });
  const { answer, location } = await call(endpoint + importPath(), { method: 'POST', body });
  if (location === null) return answer;
  for (let poll = 0; poll < POLLS; poll++) {
    const { answer: shown } = await call(`${endpoint}${location}?limit=1`);
    if (shown.state !== 'running') break;
    onProgress(shown.archives_done ?? 0);
    await sleep(POLL_MS);
  }
  return readWhole(endpoint + location);
}

async function readWhole(address: string): Promise<ImportAnswer> {
  const rows: ResultRow[] = [];
  let marker = '0';
  for (;;) {
    const { answer } = await call(`${address}?limit=1000&marker=${marker}`);
    rows.push(...(answer.job_mapping ?? []));
    if (answer.next_marker === undefined) return { ...answer, job_mapping: rows };
    marker = answer.next_marker;
  }
}

async function call(url: string, init: RequestInit = {}) {
  const headers = { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json' };
  const response = await fetch(url, { ...init, headers });
  const answer: ImportAnswer = parseKeepingIds(await response.text());
  return { answer, location: response.status === 202 ? response.headers.get('location') : null };
}

/** Ids may be beyond what a number holds: they are read as their digits. */
function parseKeepingIds(text: string): ImportAnswer {
  return JSON.parse(text, (key, value, context?: { source?: string }) => {
    return key.endsWith('_job_id') ? (context?.source ?? value) : value;
  });
}
