import { type JobPlace, jobOrder } from '../../lib/job/order.ts';
import type { Found } from '../../lib/store/write-rules.ts';
import { ALL_RULES, type Rules } from './rules.ts';

export type TinyJob = { name: string; contentHash: string; place: JobPlace; newJobId: number };

/** What one conditional call came to, and what was there before it. */
export type Update = { isDone: boolean; old: Found | undefined };

/** A table of jobs by name, whose updates decide as the shipped ones do, or as rules that lack one. */
export class TinyTable {
  readonly items = new Map<string, Found>();
  readonly #rules: Rules;

  constructor(rules: Rules = ALL_RULES) {
    this.#rules = rules;
  }

  /** The write of a job: what is there already of its life stays. */
  write({ name, contentHash: content_hash, place, newJobId }: TinyJob): Update {
    const old = this.items.get(name);
    if (!this.#rules.mayWrite(place, old)) return { isDone: false, old };
    const { job_id = newJobId, created_by = this.#rules.creatorOf(place) } = old ?? {};
    const deleted = this.#rules.keepDeleted(old?.deleted);
    this.items.set(name, { job_id, created_by, order: jobOrder(place), content_hash, deleted });
    return { isDone: true, old };
  }

  /** The first step of a delete: a tombstone takes the place of the job. */
  bury(name: string, jobId: number): Update {
    const old = this.items.get(name);
    if (old === undefined || !this.#rules.mayDelete(old, jobId)) return { isDone: false, old };
    const tombstone = this.#rules.tombstoneOf(old);
    if (tombstone) this.items.set(name, tombstone);
    else this.items.delete(name);
    return { isDone: true, old };
  }

  /** The second step, by whoever has seen the tombstone. */
  number(name: string, jobId: number, deleted: number): Update {
    const old = this.items.get(name);
    if (old === undefined || !this.#rules.mayNumber(old, jobId)) return { isDone: false, old };
    this.items.set(name, { ...old, deleted });
    return { isDone: true, old };
  }
}
