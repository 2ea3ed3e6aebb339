import { type Finding, HARMS, type Harm } from './judge.ts';

/** What came of one line of a sweep. */
export type Tally = {
  line: string;
  runs: number;
  /** Calls of the fault-free runs, and those of them that were hit. Undefined where chance picks. */
  seen: number | undefined;
  hit: number | undefined;
  /** Faults that really fired. */
  fired: number;
  harms: Record<Harm, number>;
  /** What went wrong, and in which run. */
  problems: string[];
};

/** Hears of a line as it goes on. */
export type Progress = (tally: Tally, total: number) => void;

export function newTally(line: string): Tally {
  const harms = { lost: 0, doubled: 0, 'false -1': 0, wrong: 0, hang: 0 };
  return { line, runs: 0, seen: undefined, hit: undefined, fired: 0, harms, problems: [] };
}

/** A run that breaks off is one of which nothing is known: it counts as wrong, and ends no sweep. */
export async function orBroken(run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    return [{ harm: 'wrong', what: error instanceof Error ? error.message : String(error) }];
  }
}

/** Counts a run: each harm once, however often it showed. */
export function count(tally: Tally, name: string, findings: Finding[]): void {
  tally.runs += 1;
  for (const harm of HARMS) {
    const [first] = findings.filter((finding) => finding.harm === harm);
    if (first === undefined) continue;
    tally.harms[harm] += 1;
    tally.problems.push(`${name}: ${harm}: ${first.what}`);
  }
}

/** Whether a line betrays nobody, and did what it is for. */
export function isGood({ runs, seen, hit, fired, harms }: Tally): boolean {
  const isHarmless = HARMS.every((harm) => harms[harm] === 0);
  return runs > 0 && isHarmless && (seen === undefined || (hit === seen && fired > 0));
}
