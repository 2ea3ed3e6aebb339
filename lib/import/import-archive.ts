import pMap from 'p-map';
import type { ArchiveTask } from '../dispatch/archive-task.ts';
import { ApiError } from '../errors.ts';
import { type ArchiveOutcomes, isOpen, isSettled, type Outcome } from '../job/outcome.ts';
import { JOB_WRITES } from '../limits.ts';
import type { Blobs, StoredText } from '../store/blobs.ts';
import { takeJobIds } from '../store/counters.ts';
import { expiry } from '../store/imports.ts';
import { readArchiveObject } from '../store/objects.ts';
import { findOutcomes, putOutcomes, readOutcomes } from '../store/outcomes.ts';
import type { JobTable } from '../store/table.ts';
import { writeJob } from '../store/write-job.ts';
import { type ArchiveJob, readJobs } from './read-jobs.ts';

export type WorkerServices = { table: JobTable; blobs: Blobs };

/** One run over one archive. */
export type Run = {
  /** Unlike that of any other run. */
  id: string;
  /** Milliseconds since the epoch after which no write is begun. */
  writeUntil: number;
  /** Hears of faults that became outcomes. */
  onFault: (error: unknown) => void;
};

/**
 * Imports one archive: reads it whole, writes its jobs, stores what happened to each. Of an archive that is continued,
 * what is settled stays as it is.
 * @returns the outcomes, and where they are stored.
 * @throws if the object could not be read or the outcomes not be stored: what is written by then is not known.
 */
export async function importArchive(
  services: WorkerServices,
  task: ArchiveTask,
  run: Run,
): Promise<{ found: ArchiveOutcomes; stored: StoredText }> {
  const { table, blobs } = services;
  const former = task.isContinued ? await findOutcomes(table, task) : undefined;
  const known = former && (await readOutcomes(blobs, former.stored));
  if (former && known && isSettled(known)) return { found: known, stored: former.stored };

  const found = await outcomesOf(services, task, run, known);
  const expiresAt = expiry(Date.now());
  const seenVersion = former?.version ?? 0;
  const stored = await putOutcomes(table, blobs, task, { found, seenVersion, run: run.id, expiresAt });
  return { found, stored };
}

async function outcomesOf(
  services: WorkerServices,
  task: ArchiveTask,
  run: Run,
  known: ArchiveOutcomes | undefined,
): Promise<ArchiveOutcomes> {
  const settled = known && 'jobs' in known ? known.jobs.filter((outcome) => !isOpen(outcome)) : [];
  const archive = await orRefusal(readArchiveObject(services.blobs.s3, task.object));
  // Some of its jobs are in the table: an archive that is gone since cannot take them back.
  if ('refused' in archive) return known ?? gone(withHelp(archive.refused), task);
  const jobs = await orRefusal(readJobs(archive));
  if ('refused' in jobs) return { refused: withHelp(jobs.refused) };
  const places = new Set(settled.map(({ jobPlace }) => jobPlace));
  const open = jobs.filter(({ jobPlace }) => !places.has(jobPlace));
  const written = await writeJobs(services, task, run, open);
  return { jobs: [...settled, ...written].sort((a, b) => a.jobPlace - b.jobPlace) };
}

type Refusal = Extract<ArchiveOutcomes, { refused: unknown }>['refused'];

/** What an archive was refused for, in place of an exception. */
async function orRefusal<T>(reading: Promise<T>): Promise<T | { refused: Refusal }> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, reason } = error;
    return { refused: { code, message, reason } };
  }
}

/** Of an archive that cannot be read any more only the first run knows that nothing was written. */
function gone(refused: Refusal, { isContinued }: ArchiveTask): ArchiveOutcomes {
  return { refused: isContinued ? { ...refused, mayHaveWritten: true } : refused };
}

/** Whoever made the archive needs more than the one thing that is wrong with it. */
function withHelp({ message, ...refused }: Refusal): Refusal {
  return {
    ...refused,
    message: refused.reason === undefined ? message : `${message.replace(/\.$/, '')}. ${LAYOUT_PAGE}`,
  };
}

/** Writes all sound jobs of an archive, several at a time. None is begun after one that failed for good, or
 * when the time is up. */
async function writeJobs(
  { table, blobs }: WorkerServices,
  task: ArchiveTask,
  run: Run,
  jobs: ArchiveJob[],
): Promise<Outcome[]> {
  const { projectId, importId, isCover, archivePlace, object } = task;
  const count = jobs.filter((job) => job.ok).length;
  const firstId = count === 0 ? 0 : await takeJobIds(table, projectId, count);
  let ids = 0;
  let isDown = false;

  const write = async (job: ArchiveJob): Promise<Outcome> => {
    const { jobPlace, entry, oldJobId, name } = job;
    const seen = { jobPlace, entry, oldJobId };
    if (!job.ok) {
      return { ...seen, action: 'failed', name, code: 'DLI.0001', message: job.message, isTransient: false };
    }
    if (isDown) return { ...seen, name, ...NOT_STARTED };
    if (Date.now() >= run.writeUntil) return { ...seen, name, ...NO_TIME };
    const { definition, contentHash, summary } = job;
    try {
      const written = await writeJob(
        table,
        blobs,
        {
          projectId,
          place: { importId, isCover, archivePlace, jobPlace },
          name: job.name,
          newJobId: firstId + ids++,
          contentHash,
          definition,
          summary: { ...summary, status: 'job_init', status_desc: '', start_time: 0 },
          archive: `${object.bucket}/${object.key}`,
          entry,
        },
        run.id,
      );
      return { ...seen, ...written, name: job.name, contentHash };
    } catch (error) {
      isDown = true;
      run.onFault(error);
      return { ...seen, name, ...NOT_KNOWN };
    }
  };
  return pMap(jobs, write, { concurrency: JOB_WRITES });
}

const LAYOUT_PAGE = 'See docs/archives.md for what an archive may hold.';

const NOT_KNOWN = {
  action: 'failed',
  code: 'DLI.0999',
  message: 'not known to be imported: the table did not answer. Send the request again.',
  isTransient: true,
} as const;

const NO_TIME = {
  action: 'not_started',
  code: 'DLI.0019',
  message: 'not imported: there was no time left for it. Send the request again.',
  isTransient: true,
} as const;

const NOT_STARTED = {
  action: 'not_started',
  code: 'DLI.0999',
  message: 'not imported: the table failed before. Send the request again.',
  isTransient: true,
} as const;
