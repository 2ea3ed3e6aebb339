import { importOrder, type JobPlace, jobOrder } from '../../lib/job/order.ts';

import { readRefusal, type Written } from '../../lib/store/write-job.ts';
import type { Random } from '../random.ts';

/** What the table holds of a job, as far as its writes depend on it. */
export type TinyItem = {
  job_id?: number;
  order: string;
  created_by: number;
  content_hash: string;
  deleted?: number;
};

export type TinyJob = { name: string; contentHash: string; place: JobPlace; newJobId: number };

/** The condition of `writeJob`, in code: whether a job may be written over what is there. */
export function wouldWrite(place: JobPlace, item: TinyItem | undefined): boolean {
  if (item === undefined) return true;
  const isLater = item.deleted !== undefined && item.deleted < place.importId;
  if (item.job_id === undefined) return isLater;
  const order = jobOrder(place);
  if (place.isCover) return item.order < order && (item.deleted === undefined || isLater);
  return item.order.startsWith(importOrder(place)) && item.order > order;
}

/** A table of jobs by name, whose writes decide as those of `writeJob` do. */
export class TinyTable {
  readonly items = new Map<string, TinyItem>();

  /** One conditional write. Undefined if it was refused. */
  write({ name, contentHash, place, newJobId }: TinyJob): Written | undefined {
    const old = this.items.get(name);
    if (!wouldWrite(place, old)) return undefined;
    const { job_id: jobId = newJobId, created_by = place.importId, ...rest } = old ?? {};
    this.items.set(name, { ...rest, job_id: jobId, created_by, order: jobOrder(place), content_hash: contentHash });
    const createdHere = old?.job_id === undefined || old.created_by === place.importId;
    return { action: createdHere ? 'created' : 'overwritten', jobId };
  }
}

type Step = { job: TinyJob; step: 'write' | 'read' };

/**
 * Writes jobs in an order of chance, reading what refused a write at once or later. Some answers are lost, and the
 * write is then repeated.
 * @param end steps after which all writers die; what is under way then has no outcome.
 */
export function runWriters(
  table: TinyTable,
  jobs: TinyJob[],
  random: Random,
  end = Number.POSITIVE_INFINITY,
): Map<TinyJob, Written> {
  const outcomes = new Map<TinyJob, Written>();
  const waiting: Step[] = jobs.map((job) => ({ job, step: 'write' }));
  for (let at = 0; at < end && waiting.length > 0; at++) {
    const [next] = waiting.splice(random.below(waiting.length), 1);
    if (next === undefined) break;
    const { job, step } = next;
    const written = step === 'write' ? table.write(job) : readRefusal(job, table.items.get(job.name));
    if (written === undefined) waiting.push({ job, step: 'read' });
    else if (written === 'again' || random.below(5) === 0) waiting.push({ job, step: 'write' });
    else outcomes.set(job, written);
  }
  return outcomes;
}
