import pMap from 'p-map';
import type { ArchiveTask } from '../dispatch/archive-task.ts';
import { ApiError } from '../errors.ts';
import { type ArchiveOutcomes, isOpen, isSettled, NOT_KNOWN, type Outcome, type Refused } from '../job/outcome.ts';
import { JOB_WRITES } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { takeJobIds } from '../store/counters.ts';
import { expiry } from '../store/imports.ts';
import { readArchiveObject } from '../store/objects.ts';
import {
  type ArchiveState,
  findOutcomes,
  type KeptOutcomes,
  putOutcomes,
  shareArchive,
  UNTOUCHED,
} from '../store/outcomes.ts';
import type { JobTable } from '../store/table.ts';
import { type Writer, writeJob } from '../store/write-job.ts';
import { GarbageCollector } from './collect-garbage.ts';
import { type ArchiveJob, readJobs } from './read-jobs.ts';

/** Of the archives of a worker, one after another. */
const garbage = new GarbageCollector();

export type WorkerServices = { table: JobTable; blobs: Blobs };

/**
 * Imports one archive: reads it whole, writes its jobs, stores what happened to each. Of an archive that is continued,
 * what is settled stays as it is.
 * @returns the outcomes, and where they are stored.
 * @throws if the object could not be read or the outcomes not be stored: what is written by then is not known.
 */
export async function importArchive(services: WorkerServices, task: ArchiveTask, run: Writer): Promise<KeptOutcomes> {
  const { table, blobs } = services;
  if (!task.isContinued) return importSeenArchive(services, task, run, UNTOUCHED);
  const seen = await findOutcomes(table, blobs, task);
  if (seen.kept && isSettled(seen.kept.found)) return seen.kept;
  return importSeenArchive(services, task, run, await shareArchive(table, blobs, task, expiry(Date.now())));
}

/** The same. @param seen what is stored of the archive, which is not settled. */
export async function importSeenArchive(
  services: WorkerServices,
  task: ArchiveTask,
  run: Writer,
  seen: ArchiveState,
): Promise<KeptOutcomes> {
  const { table, blobs } = services;
  const found = await outcomesOf(services, task, run, seen.kept?.found);
  garbage.add(task.object.size);
  return putOutcomes(table, blobs, task, { found, seen, run: run.id, expiresAt: expiry(Date.now()) });
}

async function outcomesOf(
  services: WorkerServices,
  task: ArchiveTask,
  run: Writer,
  known: ArchiveOutcomes | undefined,
): Promise<ArchiveOutcomes> {
  const settled = known && 'jobs' in known ? known.jobs.filter((outcome) => !isOpen(outcome)) : [];
  const jobs = await readOrRefuse(services, task);
  // Some of its jobs are in the table: an archive that is another one since cannot take them back.
  if ('refused' in jobs) return known ?? jobs;
  const places = new Set(settled.map(({ jobPlace }) => jobPlace));
  const open = jobs.filter(({ jobPlace }) => !places.has(jobPlace));
  const written = await writeJobs(services, task, run, open);
  return { jobs: [...settled, ...written].sort((a, b) => a.jobPlace - b.jobPlace) };
}

/** Reads an archive, or tells what it is refused for. */
async function readOrRefuse({ blobs }: WorkerServices, { object }: ArchiveTask): Promise<ArchiveJob[] | Refused> {
  try {
    return await readJobs(await readArchiveObject(blobs.s3, object));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, message, reason } = error;
    // Whoever made the archive needs more than the one thing that is wrong with it.
    const help = reason === undefined ? message : `${message.replace(/\.$/, '')}. ${LAYOUT_PAGE}`;
    return { refused: { code, message: help, reason } };
  }
}

/** Writes all sound jobs, several at a time. None is begun after one that failed for good, or when the time is up. */
async function writeJobs(
  { table, blobs }: WorkerServices,
  task: ArchiveTask,
  run: Writer,
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
    // Asked first: a write that was given up for want of time is no fault of the table.
    if (Date.now() >= run.writeUntil) return { ...seen, name, ...NO_TIME };
    if (isDown) return { ...seen, name, ...NOT_STARTED };
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
        run,
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
