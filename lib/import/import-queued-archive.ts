import type { ArchiveTask } from '../dispatch/archive-task.ts';
import { type ArchiveOutcomes, countActions, isSettled } from '../job/outcome.ts';
import { DEADLY_RECEIVES, GIVEN_UP_RECEIVES, IMPORT_JOBS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { glanceAtImport, type ImportGlance } from '../store/import-states.ts';
import { concludeImport, expiry, readImport } from '../store/imports.ts';
import {
  type ArchiveState,
  claimArchive,
  findOutcomes,
  giveUpArchive,
  putOutcomes,
  shareArchive,
} from '../store/outcomes.ts';
import { isWholeBlock, noteProgress, readProgress } from '../store/progress.ts';
import type { Writer } from '../store/write-job.ts';
import type { CountedJobs } from './counted-jobs.ts';
import { importSeenArchive, type WorkerServices } from './import-archive.ts';
import { isReported } from './import-state.ts';
import { giveRoom } from './queue-room.ts';
import { examineImport } from './show-import.ts';

/** What came of a message, for the log. `again`: some jobs are open, and it is to be delivered once more. */
export type QueuedEnd =
  | { outcome: 'imported' | 'again'; found: ArchiveOutcomes }
  | { outcome: 'repeated' | 'given_up' | 'ended' };

/** One delivery of a message. */
export type QueuedRun = Writer & {
  /** Deliveries of the message, this one included. */
  receives: number;
  /** Hears what the archive came to, once that is stored and nothing of it is open. */
  onStored: (found: ArchiveOutcomes) => void;
};

/**
 * Imports one archive that the queue handed over, and notes that it is done. Of an import that has ended it writes
 * nothing, however late the message comes: no job that was deleted since is there again.
 * @throws what the table, S3 or the archive's reading failed with: then the message comes again.
 */
export async function importQueuedArchive(
  services: WorkerServices & { counted: CountedJobs },
  task: ArchiveTask,
  run: QueuedRun,
): Promise<QueuedEnd> {
  const { table, blobs } = services;
  const glance = await glanceAtImport(table, task.projectId, task.importId);
  // It was cancelled, has ended or expired.
  if (glance?.state !== 'running') return { outcome: 'ended' };
  if (await isHopeless(services, task, run)) return giveUp(services, task, glance);
  const expiresAt = expiry(Date.now());
  const { seen, isFirst } = await enterArchive(services, task, expiresAt);
  if (seen.kept && isSettled(seen.kept.found)) {
    await noteDone(services, task, glance, seen.kept.found);
    return { outcome: 'repeated' };
  }
  // What another worker was at may be half done: it is done whole.
  const isFull = isFirst && (await services.counted.of(table, glance)) >= IMPORT_JOBS;
  const { found } = isFull
    ? await putOutcomes(table, blobs, task, { found: noRoom(task), seen, run: run.id, expiresAt })
    : await importSeenArchive(services, task, run, seen);
  if (!isSettled(found)) return { outcome: 'again', found };
  run.onStored(found);
  await noteDone(services, task, glance, found);
  return { outcome: 'imported', found };
}

/** What others left of the archive: its message may come twice. Unless it is done, they know of this run from now on. */
async function enterArchive(
  { table, blobs }: WorkerServices,
  task: ArchiveTask,
  expiresAt: number,
): Promise<{ seen: ArchiveState; isFirst: boolean }> {
  const claimed = task.isContinued ? undefined : await claimArchive(table, task, expiresAt);
  if (claimed !== undefined) return { seen: claimed, isFirst: true };
  const seen = await findOutcomes(table, blobs, task);
  if (seen.kept && isSettled(seen.kept.found)) return { seen, isFirst: false };
  return { seen: await shareArchive(table, blobs, task, expiresAt), isFirst: seen.version === 0 };
}

/** Whether nobody is to try again: workers began the archive, and none lived to tell of it; or it took too many tries. */
async function isHopeless({ table, blobs }: WorkerServices, task: ArchiveTask, run: QueuedRun): Promise<boolean> {
  if (run.receives >= GIVEN_UP_RECEIVES) return true;
  if (run.receives < DEADLY_RECEIVES) return false;
  const { version, kept } = await findOutcomes(table, blobs, task);
  return version > 0 && kept === undefined;
}

async function giveUp(services: WorkerServices, task: ArchiveTask, glance: ImportGlance): Promise<QueuedEnd> {
  const { table, blobs } = services;
  // Whoever continued the import sends a message of its own.
  if (task.run !== glance.run) return { outcome: 'ended' };
  const { version, kept } = await findOutcomes(table, blobs, task);
  if (kept && isSettled(kept.found)) {
    await noteDone(services, task, glance, kept.found);
    return { outcome: 'repeated' };
  }
  await giveUpArchive(table, task, { importRun: glance.run, version, expiresAt: expiry(Date.now()) });
  await note(services, task, glance, { ...countsOf(kept?.found), givenUp: glance.run });
  return { outcome: 'given_up' };
}

const noteDone = (services: WorkerServices, task: ArchiveTask, glance: ImportGlance, found: ArchiveOutcomes) =>
  note(services, task, glance, { ...countsOf(found), givenUp: undefined });

/** Notes that an archive is done, or given up; and with the last one what the import came to. */
async function note(
  services: WorkerServices,
  task: ArchiveTask,
  glance: ImportGlance,
  numbers: { jobs: number; failed: number; givenUp: string | undefined },
): Promise<void> {
  const { table } = services;
  const noted = await noteProgress(table, task, { ...numbers, bytes: task.object.size });
  if (!isWholeBlock(noted, task.archivePlace, glance.archivesTotal)) return;
  const { archives } = await readProgress(table, glance);
  if (archives.size === glance.archivesTotal) await conclude(services, glance);
}

/** For who lists imports, and whose next one waits for room: what an import came to can be told without it. */
async function conclude({ table, blobs }: WorkerServices, { projectId, importId, run }: ImportGlance): Promise<void> {
  const record = await readImport(table, blobs, projectId, importId);
  if (record?.run !== run || record.state !== 'running') return;
  const { state, results, entries } = await examineImport(table, blobs, record);
  if (state !== 'finished' && state !== 'failed') return;
  const counts = results.every(isReported) ? countActions(entries) : undefined;
  await concludeImport(table, record, { state, begun: record.begun ?? results.length, counts });
  await giveRoom(table, projectId, importId);
}

function countsOf(found: ArchiveOutcomes | undefined): { jobs: number; failed: number } {
  if (found === undefined || 'refused' in found) return { jobs: 0, failed: 1 };
  const { failed = 0, not_started = 0 } = countActions(found.jobs);
  return { jobs: found.jobs.length, failed: failed + not_started };
}

function noRoom({ object }: ArchiveTask): ArchiveOutcomes {
  const name = quoteName(`${object.bucket}/${object.key}`);
  const message = `${name}: the import had its ${IMPORT_JOBS} jobs before this archive was begun. Import the rest in parts.`;
  return { refused: { code: 'DLI.0009', reason: 'import.jobs', message } };
}
