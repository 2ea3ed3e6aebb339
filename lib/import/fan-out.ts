import pMap from 'p-map';
import type { Dispatch } from '../dispatch/invoke-worker.ts';
import { type ArchiveOutcomes, asShared, isSettled } from '../job/outcome.ts';
import { DIRECT_WORKERS, IMPORT_JOBS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
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
 * @returns what is known of each archive by then, in their order.
 */
export async function fanOut(options: FanOut, started: Started): Promise<ArchiveResult[]> {
  const { beginUntil, answerBy, onFault } = options;
  const timeOut = AbortSignal.timeout(Math.max(0, answerBy - Date.now()));
  let jobs = 0;
  const run = async (object: SeenObject, archivePlace: number): Promise<ArchiveResult> => {
    const archive = `${object.bucket}/${object.key}`;
    const former = started.known.get(archivePlace);
    if (former !== undefined && isSettled(former)) return { archive, outcomes: former };
    const isContinued = archivePlace < started.begunBefore;
    if (Date.now() >= beginUntil || jobs >= IMPORT_JOBS) {
      return { archive, outcomes: former ?? (isContinued ? 'lost' : 'not_started') };
    }
    try {
      const outcomes = await importOne(options, started, { object, archivePlace, isContinued }, timeOut);
      if ('jobs' in outcomes) jobs += outcomes.jobs.length;
      return { archive, outcomes };
    } catch (error) {
      // The worker goes on by itself; only nobody waits for it any longer.
      if (timeOut.aborted) return { archive, outcomes: 'running' };
      onFault(error);
      const stored = (await findStored(options, started, archivePlace, timeOut).catch(onFault)) ?? former;
      // Whoever did not answer may still be at it.
      return { archive, outcomes: stored ? asShared(stored) : 'lost' };
    }
  };
  return pMap(started.archives, run, { concurrency: DIRECT_WORKERS });
}

async function importOne(
  { dispatch, blobs, requestId }: FanOut,
  { projectId, importId, isCover }: Started,
  place: { object: SeenObject; archivePlace: number; isContinued: boolean },
  timeOut: AbortSignal,
) {
  const stored = await dispatch({ requestId, projectId, importId, isCover, ...place }, timeOut);
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
