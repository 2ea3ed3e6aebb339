import type { Random } from '../random.ts';

/** A job of an archive before its import has a number. */
export type PlannedJob = { name: string; contentHash: string; archivePlace: number; jobPlace: number };
type PlannedArchive = {
  jobs: PlannedJob[];
  /** All its workers die before they can tell what they did. */
  isLost: boolean;
};
export type PlannedImport = { isCover: boolean; archives: PlannedArchive[] };

/** What is asked of the service in one run of the protocol. */
export type Scenario = {
  /** Ended before anything else begins. */
  before: PlannedImport[];
  imports: PlannedImport[];
  /** Names of which a job is deleted. */
  deletes: string[];
};

const NAMES = ['a', 'b'] as const;
const HASHES = ['x', 'y'] as const;

/** One or two names, up to five imports and three deletes: small, so that everything meets. */
export function makeScenario(random: Random): Scenario {
  const names = NAMES.slice(0, 1 + random.below(NAMES.length));
  const some = <T>(most: number, make: () => T) => Array.from({ length: random.below(most + 1) }, make);
  return {
    before: some(1, () => makeImport(random, names)),
    imports: [makeImport(random, names), ...some(3, () => makeImport(random, names))],
    deletes: some(3, () => pick(random, names)),
  };
}

function makeImport(random: Random, names: readonly string[]): PlannedImport {
  const archives = Array.from({ length: 1 + random.below(2) }, (_, archivePlace) => ({
    isLost: random.below(12) === 0,
    jobs: Array.from({ length: random.below(4) }, (_, jobPlace) => {
      return { name: pick(random, names), contentHash: pick(random, HASHES), archivePlace, jobPlace };
    }),
  }));
  return { isCover: random.below(2) === 0, archives };
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
