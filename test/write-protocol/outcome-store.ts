import type { Outcome } from '../../lib/job/outcome.ts';
import type { Rules } from './rules.ts';

export type StoredOutcomes = { version: number; jobs: Outcome[] };

/** What is stored of each archive's outcomes. */
export class OutcomeStore {
  readonly #stored = new Map<string, StoredOutcomes>();
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  find(importId: number, archivePlace: number): StoredOutcomes | undefined {
    return this.#stored.get(`${importId}.${archivePlace}`);
  }

  /** Stores outcomes, if nobody did since they were last seen. */
  put(importId: number, archivePlace: number, seenVersion: number, jobs: Outcome[]): void {
    const version = this.find(importId, archivePlace)?.version ?? 0;
    if (!this.#rules.mayStore(seenVersion, version)) return;
    this.#stored.set(`${importId}.${archivePlace}`, { version: seenVersion + 1, jobs });
  }
}
