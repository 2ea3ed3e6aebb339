import type { MappingEntry } from '../../lib/import/mapping.ts';
import { Random } from '../random.ts';
import { checkAnswers } from './check-answers.ts';
import { checkLives } from './check-lives.ts';
import { checkTable } from './check-table.ts';
import { runDelete } from './delete-process.ts';
import { type AcceptedImport, giveAnswer, runImport } from './import-process.ts';
import { ALL_RULES, type Rules } from './rules.ts';
import { makeScenario, type Scenario } from './scenario.ts';
import { World } from './world.ts';

export type Violation = { seed: number; what: string };

/**
 * Runs the write of jobs, without a table: imports whose workers die, are repeated and late, and deletes between them,
 * each seed another scenario under another schedule.
 */
export function runSeeds(runs: number, rules: Rules = ALL_RULES): { runs: number; violations: Violation[] } {
  return { runs, violations: [...findViolations(runs, rules)] };
}

/** The violations of the first seeds, each when it is found. */
export function* findViolations(runs: number, rules: Rules): Generator<Violation> {
  for (let seed = 0; seed < runs; seed++) {
    for (const what of runProtocol(seed, rules)) yield { seed, what };
  }
}

/** Runs one scenario under one schedule, both of chance. @returns what came out that must not. */
function runProtocol(seed: number, rules: Rules): string[] {
  const random = new Random(seed);
  const scenario = makeScenario(random);
  const world = new World(rules, random, true);
  const imports = runScenario(world, scenario);
  const violations = [
    ...world.ledger.violations,
    ...imports.flatMap((made) => checkAnswers(world.ledger, world.table, made)),
    ...checkTable(world.ledger, world.table, imports),
    ...checkLives(world.ledger, imports),
  ];
  const isAlone = scenario.imports.length === 1 && scenario.deletes.length === 0;
  if (!isAlone || imports.some(({ archives }) => archives.some(({ isLost }) => isLost))) return violations;
  const faultless = runScenario(new World(rules, random, false), scenario);
  const isSame = JSON.stringify(finalRows(imports)) === JSON.stringify(finalRows(faultless));
  return isSame ? violations : [...violations, 'it answers otherwise than without faults'];
}

function runScenario(world: World, { before, imports, deletes }: Scenario): AcceptedImport[] {
  const accepted: AcceptedImport[] = [];
  for (const planned of before) world.start(runImport(world, planned, accepted));
  world.run();
  for (const planned of imports) world.start(runImport(world, planned, accepted));
  for (const name of deletes) world.start(runDelete(world, name));
  world.run();
  // Whoever asks later is told the same.
  for (const made of accepted) giveAnswer(world, made);
  return accepted;
}

/** What the imports answered in the end, each id as where it first stands: runs that die leave gaps in the ids. */
function finalRows(imports: AcceptedImport[]): MappingEntry[] {
  const rows = imports.flatMap(({ answers }) => answers.at(-1)?.rows ?? []);
  const ids = [...new Set(rows.map(({ newJobId }) => newJobId))];
  return rows.map((row) => ({ ...row, newJobId: row.newJobId === -1 ? -1 : ids.indexOf(row.newJobId) }));
}
