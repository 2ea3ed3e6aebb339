import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import type { Stack } from '../../local/stack.ts';
import { putArchives } from './archives.ts';
import type { CallCounter } from './call-counter.ts';
import { cpuSecondsOf } from './processes.ts';

/** An import that is measured: a folder of archives, or one archive. */
export type Size = { archives: number; jobs: number };

/** What one import took. Calls are those of all functions, by service and operation; CPU is that of all processes. */
export type Run = Size & { seconds: number; cpuSeconds: number; calls: ReadonlyMap<string, number>; project: Project };

/** An import in a project of its own. */
export type Project = { jobsUrl: string; token: string; importId: number; zipFile: string };

export type Rig = {
  stack: Stack;
  counter: CallCounter;
  /** Lines of workers' logs so far, one an archive: who counts these makes no call that would count. */
  archivesLogged: () => number;
  /** Hears how far an import is. */
  onProgress: (size: Size, archivesDone: number) => void;
  /** Aborted when all of it has taken too long. */
  timeOut: AbortSignal;
};

const added = z.object({ keys: z.object({ token: z.string() }) });
const accepted = z.object({ import_id: z.int() });
const shown = z.object({
  state: z.string(),
  archives_done: z.int(),
  jobs_done: z.int(),
  counts: z.record(z.string(), z.int()),
});
const listed = z.object({ job_list: z.object({ total_count: z.int() }) });

const KEY = 'scale';
const LOOK_MS = 20;
const POLL_MS = 500;

/** Imports a folder, or one archive, in a project of its own, and measures it. @throws if it does not end right. */
export async function runImport(rig: Rig, size: Size): Promise<Run> {
  const { stack, counter } = rig;
  const folder = `${size.archives}x${size.jobs}`;
  const place = { action: 'add', project_id: folder, locations: [{ bucket: stack.bucket }] };
  const { token } = added.parse((await stack.invoke('manage-project', place)).result).keys;
  const jobsUrl = `${stack.endpoint}/v1.0/${folder}/streaming/jobs`;
  const [first = ''] = await putArchives(stack, { folder, ...size });
  const isFolder = size.archives > 1;
  const zipFile = isFolder ? `${stack.bucket}/${folder}` : first;

  const loggedBefore = rig.archivesLogged();
  const cpu = () => [process.pid, ...stack.pids()].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
  const cpuBefore = cpu();
  counter.calls.clear();
  const startedAt = performance.now();
  // Who does not wait makes no calls to see how far it is.
  const importId = await sendImport({ jobsUrl, token, zipFile }, isFolder ? { prefer: 'respond-async' } : {});
  for (let done = 0; done < size.archives; done = rig.archivesLogged() - loggedBefore) {
    rig.timeOut.throwIfAborted();
    rig.onProgress(size, done);
    await sleep(LOOK_MS);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const [cpuSeconds, calls] = [cpu() - cpuBefore, new Map(counter.calls)];
  const project = { jobsUrl, token, importId, zipFile };
  await check(rig, project, size);
  return { ...size, seconds, cpuSeconds, calls, project };
}

/** @returns the number of the import. */
export async function sendImport(
  { jobsUrl, token, zipFile }: Omit<Project, 'importId'>,
  headers: Record<string, string> = {},
): Promise<number> {
  const answer = await call(`${jobsUrl}/import`, {
    method: 'POST',
    headers: { 'x-auth-token': token, 'content-type': 'application/json', 'idempotency-key': KEY, ...headers },
    body: JSON.stringify({ zip_file: zipFile }),
  });
  return accepted.parse(answer).import_id;
}

export const get = ({ token, jobsUrl }: Project, path: string) =>
  call(jobsUrl + path, { headers: { 'x-auth-token': token } });

async function call(url: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} was refused: ${text}`);
  return JSON.parse(text);
}

/** Each job is there once: as many were created as the archives hold, and no two of them have one name. */
async function check(rig: Rig, project: Project, { archives, jobs }: Size): Promise<void> {
  const total = archives * jobs;
  const look = async () => shown.parse(await get(project, `/imports/${project.importId}?limit=1`));
  let found = await look();
  for (; ['queued', 'running'].includes(found.state); found = await look()) {
    rig.timeOut.throwIfAborted();
    await sleep(POLL_MS);
  }
  const { job_list: list } = listed.parse(await get(project, '?limit=1'));
  const isRight =
    found.state === 'finished' &&
    found.archives_done === archives &&
    found.jobs_done === total &&
    found.counts['created'] === total &&
    list.total_count === total;
  if (!isRight) throw new Error(`${total} jobs: found ${JSON.stringify(found)}, and ${list.total_count} in the list`);
}
