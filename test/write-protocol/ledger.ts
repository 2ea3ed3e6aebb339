import { jobOrder } from '../../lib/job/order.ts';
import type { TinyJob, Update } from './tiny-table.ts';

/** A job of the table from its creation to its end, as a witness of everything would tell it. */
export type Life = {
  jobId: number;
  name: string;
  createdBy: number;
  bornAt: number;
  endedAt: number;
  /** Of its deletion. */
  number: number | undefined;
  /** What was written into it, in that order. */
  writes: TinyJob[];
};

/** Sees every update of the table as it takes effect, and what must never happen. */
export class Ledger {
  readonly lives: Life[] = [];
  readonly violations: string[] = [];
  /** When each import was accepted. */
  readonly acceptedAt = new Map<number, number>();

  lifeOf(jobId: number): Life | undefined {
    return this.lives.findLast((life) => life.jobId === jobId);
  }

  lastOf(name: string): Life | undefined {
    return this.lives.findLast((life) => life.name === name);
  }

  noteWrite(job: TinyJob, { old }: Update, now: number): void {
    const { name, newJobId, place } = job;
    const last = this.lastOf(name);
    if (old?.job_id !== undefined) {
      if (last?.jobId !== old.job_id) this.violations.push(`the id of job ${old.job_id} changed`);
      last?.writes.push(job);
      return;
    }
    if (last && (this.acceptedAt.get(place.importId) ?? now) < last.endedAt) {
      this.violations.push(`import ${place.importId} brought "${name}" back, deleted after it was accepted`);
    }
    if (this.lifeOf(newJobId)) this.violations.push(`id ${newJobId} was given twice`);
    const born = { bornAt: now, endedAt: Number.POSITIVE_INFINITY, number: undefined, writes: [job] };
    this.lives.push({ jobId: newJobId, name, createdBy: place.importId, ...born });
  }

  noteDelete(name: string, jobId: number, { old }: Update, now: number): void {
    const life = this.lastOf(name);
    if (old?.job_id !== jobId) this.violations.push(`job ${old?.job_id} went by the delete of job ${jobId}`);
    if (life) life.endedAt = now;
  }

  noteNumber({ old }: Update, number: number): void {
    const life = this.lifeOf(old?.was?.job_id ?? 0);
    if (life) life.number = number;
  }
}

/** Whether the job of an order was written into a life. */
export const wrote = ({ writes }: Life, order: string): boolean =>
  writes.some(({ place }) => jobOrder(place) === order);

/** Whether the job of an order lost its place in a life to a deletion, or to the cover of another import. */
export function isDisplaced({ endedAt, writes }: Life, importId: number, order: string): boolean {
  if (endedAt < Number.POSITIVE_INFINITY) return true;
  return writes.some(({ place }) => place.isCover && place.importId !== importId && jobOrder(place) > order);
}
