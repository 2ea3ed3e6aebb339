import type { Random } from '../random.ts';
import { Ledger } from './ledger.ts';
import { OutcomeStore } from './outcome-store.ts';
import type { Rules } from './rules.ts';
import { type TinyJob, TinyTable, type Update } from './tiny-table.ts';

/** Something under way. It pauses wherever something else may come between. */
export type Process = Generator<void, void>;

/** Whoever calls the table: it may die, and is then heard of no more. */
export type Caller = { isDead: () => boolean; isSafe: boolean };

/** Steps after which a run has lost its way. */
const STEPS = 200_000;
/** Calls of which the caller gives up one, and answers of which one is lost. */
const CALLS_A_LOSS = 12;
const ANSWERS_A_LOSS = 8;
/** Pauses of a call that its caller gave up. */
const LATE_PAUSES = 60;

/** The table, the counters, and everything that is under way: a step of one after a step of another, by chance. */
export class World {
  readonly table: TinyTable;
  readonly outcomes: OutcomeStore;
  readonly ledger = new Ledger();
  readonly rules: Rules;
  readonly random: Random;
  readonly hasFaults: boolean;
  now = 0;
  lastImportId = 0;
  lastJobId = 0;
  readonly #processes: Process[] = [];

  constructor(rules: Rules, random: Random, hasFaults: boolean) {
    this.rules = rules;
    this.random = random;
    this.hasFaults = hasFaults;
    this.table = new TinyTable(rules);
    this.outcomes = new OutcomeStore(rules);
  }

  start(process: Process): void {
    this.#processes.push(process);
  }

  /** Runs until nothing is under way. */
  run(): void {
    for (; this.#processes.length > 0; this.now++) {
      if (this.now > STEPS) throw new Error(`something is under way after ${STEPS} steps`);
      const at = this.random.below(this.#processes.length);
      if (!this.#processes[at]?.next().done) continue;
      const last = this.#processes.pop();
      if (last !== undefined && at < this.#processes.length) this.#processes[at] = last;
    }
  }

  isOneIn(times: number): boolean {
    return this.hasFaults && this.random.below(times) === 0;
  }

  /**
   * Calls the table. The caller may give up, and the call take effect later; its answer may be lost, and the call then
   * be repeated by the SDK.
   * @returns undefined to a caller that gave up, or died.
   */
  *call<T>(caller: Caller, effect: () => T): Generator<void, T | undefined> {
    yield;
    if (caller.isDead() || (!caller.isSafe && this.isOneIn(CALLS_A_LOSS))) {
      if (this.random.below(2) === 0) this.start(this.#later(effect));
      return undefined;
    }
    let answer = effect();
    while (!caller.isSafe && this.isOneIn(ANSWERS_A_LOSS)) {
      yield;
      answer = effect();
    }
    yield;
    return caller.isDead() ? undefined : answer;
  }

  *#later(effect: () => unknown): Process {
    yield* this.pause(LATE_PAUSES);
    effect();
  }

  *pause(longest: number): Process {
    for (let left = this.random.below(longest + 1); left > 0; left--) yield;
  }

  write(job: TinyJob): Update {
    const update = this.table.write(job);
    if (update.isDone) this.ledger.noteWrite(job, update, this.now);
    return update;
  }

  bury(name: string, jobId: number): Update {
    const update = this.table.bury(name, jobId);
    if (update.isDone) this.ledger.noteDelete(name, jobId, update, this.now);
    return update;
  }

  number(name: string, jobId: number, number: number): Update {
    const update = this.table.number(name, jobId, number);
    if (update.isDone) this.ledger.noteNumber(update, number);
    return update;
  }
}
