import { expect, test } from 'vitest';
import { LEFT_OUT } from '../write-protocol/left-out.ts';
import { ALL_RULES } from '../write-protocol/rules.ts';
import { findViolations, runSeeds } from '../write-protocol/run.ts';

/** Schedules of chance: imports, deletes, workers that die, answers that are lost, writes that come late. */
const RUNS = 10_000;
/** Those among which one must break a promise that a rule less keeps. The figures run as many. */
const BROKEN_RUNS = 20_000;
const TIMEOUT_MS = 120_000;

test(
  'what an import answers is so, and the table holds what the rules say, in all schedules',
  () => {
    expect(runSeeds(RUNS)).toEqual({ runs: RUNS, violations: [] });
  },
  TIMEOUT_MS,
);

test.each(Object.entries(LEFT_OUT))(
  'a promise is broken in some schedule when %s',
  (_, instead) => {
    const [found] = findViolations(BROKEN_RUNS, { ...ALL_RULES, ...instead }).take(1);
    expect(found).toBeDefined();
  },
  TIMEOUT_MS,
);
