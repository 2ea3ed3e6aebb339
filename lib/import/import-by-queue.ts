import { setTimeout as sleep } from 'node:timers/promises';
import type { SendPlan } from '../dispatch/send-tasks.ts';
import { ApiError } from '../errors.ts';
import { ANSWER_BYTES, IMPORT_ANSWER_MS, IMPORT_CONCLUDE_MS, MAPPING_ROW_BYTES, PROGRESS_LOOK_MS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { glanceAtImport } from '../store/import-states.ts';
import { readImport } from '../store/imports.ts';
import { type Progress, readProgress, sumOf } from '../store/progress.ts';
import type { JobTable } from '../store/table.ts';
import type { Asked } from './accept-import.ts';
import { type ImportReply, importReply, NOT_FINISHED, progressMessage, progressReply } from './answer.ts';
import type { Started } from './begin-import.ts';
import { refusalOf, untilAfter } from './carry-out.ts';
import type { ImportState } from './import-answers.ts';
import { stateByProgress } from './progress-answer.ts';
import { examineImport } from './show-import.ts';
import { within } from './within.ts';

export type QueueServices = { table: JobTable; blobs: Blobs; sendPlan: SendPlan };

/**
 * Has the archives of an import put on the queue, and waits for its end as long as there is time, unless the client does
 * not want that.
 * @throws ApiError if its one archive was refused.
 */
export async function importByQueue(
  services: QueueServices,
  { requestId, receivedAt, respondAsync }: Asked,
  started: Started,
  onFault: (error: unknown) => void,
): Promise<ImportReply> {
  const { projectId, importId, run } = started;
  const wait = { receivedAt, onFault, done: 0 };
  if (started.how === 'ended') return reply(services, wait, started, await lookAt(services.table, started));
  const plan = { requestId, projectId, importId, run, underWay: [] };
  // Should it fail, the import is looked after all the same, only later.
  await services.sendPlan(plan, 0, untilAfter(receivedAt, IMPORT_CONCLUDE_MS)).catch(onFault);
  if (respondAsync) return progressReply(started, { state: 'queued', message: 'accepted', isSuccess: true });
  return waitForQueue(services, wait, started);
}

type Wait = {
  receivedAt: number;
  onFault: (error: unknown) => void;
  /** Archives that were done before the import came to the queue, which counts them only when it gets to them. */
  done: number;
};

/** Waits for the end of an import on the queue, as long as there is time. @throws ApiError if its one archive was refused. */
export async function waitForQueue(services: QueueServices, wait: Wait, started: Started): Promise<ImportReply> {
  const { receivedAt, onFault } = wait;
  const seen = await waitForEnd(services, started, { timeOut: untilAfter(receivedAt, IMPORT_ANSWER_MS), onFault });
  return reply(services, wait, started, seen);
}

async function reply(
  services: QueueServices,
  { receivedAt, onFault, done }: Wait,
  started: Started,
  seen: Sight | undefined,
): Promise<ImportReply> {
  if (!seen?.isOver || isTooLarge(seen.progress)) return replyBySight(started, seen, done);
  try {
    return await within(replyByOutcomes(services, started), untilAfter(receivedAt, IMPORT_CONCLUDE_MS));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // It has ended, and its address tells how.
    onFault(error);
    return replyBySight(started, seen, done);
  }
}

/** What was seen of an import: how far it is, and whether it has ended. */
type Sight = { state: ImportState; progress: Progress; isOver: boolean };

/** Looks at an import until it has ended, or there is no time left. @returns what was seen last. */
async function waitForEnd(
  { table }: QueueServices,
  started: Started,
  { timeOut, onFault }: { timeOut: AbortSignal; onFault: (error: unknown) => void },
): Promise<Sight | undefined> {
  let seen: Sight | undefined;
  while (!seen?.isOver && !timeOut.aborted) {
    await sleep(PROGRESS_LOOK_MS);
    const look = within(lookAt(table, started), timeOut);
    seen = (await look.catch((error: unknown) => void (timeOut.aborted || onFault(error)))) ?? seen;
  }
  return seen;
}

async function lookAt(table: JobTable, { projectId, importId }: Started): Promise<Sight | undefined> {
  const glance = await glanceAtImport(table, projectId, importId);
  if (glance === undefined) return undefined;
  const progress = await readProgress(table, glance);
  if (progress.archives.size === glance.archivesTotal) return { state: 'finished', progress, isOver: true };
  if (glance.state !== 'running') return { state: glance.state, progress, isOver: true };
  return { state: stateByProgress(progress), progress, isOver: false };
}

/** Rows of the mapping that are more than an answer can hold need not be read for it. */
const isTooLarge = (progress: Progress) => sumOf(progress).jobs * MAPPING_ROW_BYTES > ANSWER_BYTES;

function replyBySight(started: Started, seen: Sight | undefined, doneBefore: number): ImportReply {
  const done = Math.max(seen?.progress.archives.size ?? 0, doneBefore);
  const seenAs = seen?.state ?? 'queued';
  const state = seenAs === 'queued' && done > 0 ? 'running' : seenAs;
  const { failed } = seen ? sumOf(seen.progress) : { failed: 0 };
  const isSuccess = state === 'finished' && failed === 0;
  const counted = progressMessage(done, started.archives.length);
  return progressReply(started, { state, isSuccess, message: messageOf(state, failed, counted) });
}

function messageOf(state: ImportState, failed: number, counted: string): string {
  if (state !== 'finished') return `${state === 'cancelled' ? state : NOT_FINISHED}: ${counted}`;
  return failed === 0 ? 'The job is imported successfully' : `${failed} jobs or archives failed`;
}

async function replyByOutcomes(
  { table, blobs }: QueueServices,
  { projectId, importId }: Started,
): Promise<ImportReply> {
  const record = await readImport(table, blobs, projectId, importId);
  if (record === undefined) throw new Error('the record of an import that was accepted is gone');
  const examined = await examineImport(table, blobs, record);
  if (examined.state === 'failed') throw refusalOf(examined.results);
  return importReply({ projectId, importId, ...examined });
}
