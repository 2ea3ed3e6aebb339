import pMap from 'p-map';
import { type Dispatch, Throttled } from '../dispatch/invoke-worker.ts';
import { type ArchiveOutcomes, asShared, isSettled } from '../job/outcome.ts';
import { CANCEL_LOOK_MS, DIRECT_WORKERS, IMPORT_JOBS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { glanceAtImport } from '../store/import-states.ts';
import type { SeenObject } from '../store/objects.ts';
import { findOutcomes, readOutcomes } from '../store/outcomes.ts';
import type { JobTable } from '../store/table.ts';
import type { Started } from './begin-import.ts';
import type { ArchiveResult } from './mapping.ts';
import { within } from './within.ts';

export type FanOut = {
  table: JobTable;
  dispatch: Dispatch;
  blobs: Blobs;
  requestId: string;
  /** Milliseconds since the epoch: no archive is begun after the one, no answer waited for after the other. */
  beginUntil: number;
  answerBy: number;
  /** Hears of faults that became results. */
  onFault: (error: unknown) => void;
};

/**
 * Hands each archive of an import to a worker, a bounded number at a time, and waits for them as long as there is time.
 * One that fails hides no other.
 * @returns what is known of each archive by then, in their order; and why some were not begun: cancelled, with all the jobs
 * that an import may have, or short of time or of workers.
 */
export async function fanOut(
  options: FanOut,
  started: Started,
): Promise<{ results: ArchiveResult[]; isCancelled: boolean; isFull: boolean; isShort: boolean }> {
  const { beginUntil, answerBy, onFault } = options;
  const timeOut = AbortSignal.timeout(Math.max(0, answerBy - Date.now()));
  const cancellation = new Cancellation(options, started);
  let isShort = false;
  let jobs = started.known.values().reduce((sum, known) => sum + jobsOf(known), 0);
  const run = async (object: SeenObject, archivePlace: number): Promise<ArchiveResult> => {
    const archive = `${object.bucket}/${object.key}`;
    const former = started.known.get(archivePlace);
    if (former !== undefined && isSettled(former)) return { archive, outcomes: former };
    const isContinued = archivePlace < started.begunBefore;
    const notBegun: ArchiveResult = { archive, outcomes: former ?? (isContinued ? 'lost' : 'not_started') };
    if (jobs >= IMPORT_JOBS) return notBegun;
    if (Date.now() >= beginUntil) {
      isShort = true;
      return notBegun;
    }
    try {
      if (await cancellation.isSeen(timeOut)) return notBegun;
      const outcomes = await importOne(options, started, { object, archivePlace, isContinued }, timeOut);
      jobs += jobsOf(outcomes) - (former ? jobsOf(former) : 0);
      return { archive, outcomes };
    } catch (error) {
      // The worker goes on by itself; only nobody waits for it any longer.
      if (timeOut.aborted) return { archive, outcomes: 'running' };
      if (error instanceof Throttled) {
        isShort = true;
        return notBegun;
      }
      onFault(error);
      const stored = (await findStored(options, started, archivePlace, timeOut).catch(onFault)) ?? former;
      // Whoever did not answer may still be at it.
      return { archive, outcomes: stored ? asShared(stored) : 'lost' };
    }
  };
  const results = await pMap(started.archives, run, { concurrency: DIRECT_WORKERS });
  return { results, isCancelled: cancellation.wasSeen, isFull: jobs >= IMPORT_JOBS, isShort };
}

const jobsOf = (outcomes: ArchiveOutcomes) => ('jobs' in outcomes ? outcomes.jobs.length : 0);

/** Looks now and then whether an import was cancelled. */
class Cancellation {
  readonly #options: FanOut;
  readonly #started: Started;
  #lookAt = Date.now() + CANCEL_LOOK_MS;
  wasSeen = false;

  constructor(options: FanOut, started: Started) {
    this.#options = options;
    this.#started = started;
  }

  async isSeen(timeOut: AbortSignal): Promise<boolean> {
    if (this.wasSeen || Date.now() < this.#lookAt) return this.wasSeen;
    this.#lookAt = Date.now() + CANCEL_LOOK_MS;
    const { projectId, importId } = this.#started;
    const { table, onFault } = this.#options;
    const glance = await within(glanceAtImport(table, projectId, importId), timeOut).catch(onFault);
    // One that was cancelled may be another run's since.
    this.wasSeen ||= glance !== undefined && (glance.state === 'cancelled' || glance.run !== this.#started.run);
    return this.wasSeen;
  }
}

async function importOne(
  { dispatch, blobs, requestId }: FanOut,
  { projectId, importId, run, isCover }: Started,
  place: { object: SeenObject; archivePlace: number; isContinued: boolean },
  timeOut: AbortSignal,
) {
  const stored = await dispatch({ requestId, projectId, importId, run, isCover, ...place }, timeOut);
  return within(readOutcomes(blobs, stored), timeOut);
}

/** What a worker stored before its answer was lost. */
async function findStored(
  { table, blobs }: FanOut,
  { projectId, importId }: Started,
  archivePlace: number,
  timeOut: AbortSignal,
): Promise<ArchiveOutcomes | undefined> {
  const { kept } = await within(findOutcomes(table, blobs, { projectId, importId, archivePlace }), timeOut);
  return kept?.found;
}
