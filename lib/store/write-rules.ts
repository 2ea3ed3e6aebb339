import type { Condition } from 'dynamodb-toolbox/entity/actions/parseCondition';
import { importOrder, type JobPlace, jobOrder } from '../job/order.ts';
import type { JobItem, JobTable } from './table.ts';

/** What became of a job of an import. `jobId` is that of the job that has the name now, or had it last. */
export type Written =
  | { action: 'created' | 'overwritten' | 'skipped' | 'superseded'; jobId: number }
  /** Another job of this import has the name and comes first in its order. */
  | { action: 'duplicate'; jobId: number; metOrder: string; metHash: string };

/** What an item tells of the job that stands in another's way. */
export type Found = Pick<JobItem, 'job_id' | 'order' | 'created_by' | 'content_hash' | 'deleted' | 'was'>;

/**
 * When a job may be written: there is none of its name, or one that it beats. `readRefusal` reads what this refuses,
 * and `import/winners.ts` finds by the same order who won: they change together. Alternatives stand side by side, since
 * the embedded table parses nested ones slowly.
 */
export function writeCondition(place: JobPlace) {
  const order = jobOrder(place);
  // A tombstone has no order: what has one is a job.
  const isBefore = { attr: 'order', lt: order } as const;
  const isLater = { attr: 'deleted', lt: place.importId } as const;
  return {
    or: [
      { attr: 'pk', exists: false },
      { and: [{ attr: 'job_id', exists: false }, isLater] },
      ...(place.isCover
        ? // The last of all imports wins, unless it was accepted before a deletion.
          [{ and: [isBefore, { attr: 'deleted', exists: false } as const] }, { and: [isBefore, isLater] }]
        : // The first of an import wins; a job of another import is never replaced.
          [
            {
              and: [{ attr: 'order', beginsWith: importOrder(place) } as const, { attr: 'order', gt: order } as const],
            },
          ]),
    ],
  } satisfies Condition<JobTable['job']>;
}

/** Reads what a write that was let through came to. @param old what stood there before it. */
export function readWrite(
  { importId }: JobPlace,
  newJobId: number,
  old: Pick<Found, 'job_id' | 'created_by'> | undefined,
): Written {
  if (old?.job_id === undefined) return { action: 'created', jobId: newJobId };
  return { action: old.created_by === importId ? 'created' : 'overwritten', jobId: old.job_id };
}

/** `again`: what was found would not refuse the write. `unnumbered`: its deletion has no number yet. */
type Unsettled = { action: 'again' } | { action: 'unnumbered'; jobId: number };

/**
 * Reads why a write was refused. The SDK repeats a write whose answer was lost, so the item found may be our own, and
 * may be deleted since: a tombstone is read as the job that it was. Pure: the first rule that fits decides.
 */
export function readRefusal(place: JobPlace, found: Found | undefined): Written | Unsettled {
  if (found === undefined) return { action: 'again' };
  const { jobId, order: metOrder, createdBy, contentHash: metHash } = lifeOf(found);
  const isTombstone = found.job_id === undefined;
  if (isTombstone && found.deleted === undefined) return { action: 'unnumbered', jobId };

  const order = jobOrder(place);
  const ofThisImport = metOrder.startsWith(importOrder(place));
  const beatsUs = place.isCover ? metOrder > order : !ofThisImport || metOrder < order;
  const isTooLate = found.deleted !== undefined && found.deleted >= place.importId;
  const refusesUs = isTombstone ? isTooLate : metOrder === order || beatsUs || (place.isCover && isTooLate);
  if (!refusesUs) return { action: 'again' };

  const createdHere = createdBy === place.importId;
  if (metOrder === order) return { action: createdHere ? 'created' : 'overwritten', jobId };
  if (ofThisImport && beatsUs) return { action: 'duplicate', jobId, metOrder, metHash };
  // Ours came first and was replaced or deleted since.
  if (createdHere) return { action: 'created', jobId };
  return { action: place.isCover ? 'superseded' : 'skipped', jobId };
}

/** The job that an item holds, or held before it was deleted. */
function lifeOf({ was, ...item }: Found) {
  const life = item.job_id === undefined && was ? was : item;
  const { job_id: jobId, order, created_by: createdBy, content_hash: contentHash } = life;
  if (jobId === undefined || order === undefined || createdBy === undefined) {
    throw new Error('an item tells neither of a job nor of one that it was');
  }
  return { jobId, order, createdBy, contentHash };
}
