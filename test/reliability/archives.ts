import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Case } from '../corpus/case.ts';
import { CORPUS } from '../corpus/index.ts';
import { type MutantTally, tryMutants } from '../corpus/mutants.ts';
import type { Judged } from './archive-child.ts';

/** What came of one class of archives. */
export type ClassTally = {
  title: string;
  refused: number;
  accepted: number;
  /** Archives whose verdict, reason or code is another, or whose reader leaked or fell. */
  wrong: string[];
  slowest: Worst;
  /** In MB above the idle process and twice the archive. */
  hungriest: Worst;
};

/** The archive that took most. */
type Worst = { name: string; value: number };

export type ArchiveFigures = { classes: ClassTally[]; mutants: MutantTally };

const MUTANTS = 30_000;
/** Classes whose archives are read in a process each, so that one's memory is not taken for another's. */
const ALONE: readonly string[] = ['limits', 'bombs'];
const CHILD = new URL('archive-child.ts', import.meta.url);

/** Judges all archives of the corpus in processes of their own, and damaged ones. */
export async function measureArchives(seed: number, onClass: (tally: ClassTally) => void): Promise<ArchiveFigures> {
  const classes: ClassTally[] = [];
  for (const [title, cases] of Object.entries(CORPUS)) {
    const groups = ALONE.includes(title) ? cases.map((one) => [one]) : [cases];
    const tally: ClassTally = { title, refused: 0, accepted: 0, wrong: [], slowest: NONE, hungriest: NONE };
    for (const group of groups) await judgeGroup(group, tally);
    onClass(tally);
    classes.push(tally);
  }
  return { classes, mutants: await tryMutants(seed, MUTANTS) };
}

const NONE: Worst = { name: '', value: 0 };

/** Reads archives one after another in a process of their own. Undefined stands for one that ended it. */
export async function* judgeApart(archives: Iterable<Buffer>): AsyncGenerator<Judged | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'figures-'));
  const path = join(folder, 'a.zip');
  const child = fork(CHILD);
  try {
    await once(child, 'message');
    for (const bytes of archives) {
      await writeFile(path, bytes);
      yield await ask(child, path);
    }
  } finally {
    child.kill();
    await rm(folder, { recursive: true });
  }
}

async function judgeGroup(group: readonly Case[], tally: ClassTally): Promise<void> {
  const archives = group.map((one) => ({ ...one, bytes: one.build() }));
  let at = 0;
  for await (const judged of judgeApart(archives.map(({ bytes }) => bytes))) {
    const archive = archives[at++];
    if (archive !== undefined) count(archive, judged, tally);
  }
}

function count({ name, bytes, verdict }: Case & { bytes: Buffer }, judged: Judged | undefined, tally: ClassTally) {
  if (judged === undefined) {
    tally.wrong.push(`${name}: the process ended`);
    return;
  }
  const { found, isLeaking, ms, peakMb } = judged;
  if (found === 'accept') tally.accepted++;
  else tally.refused++;
  const isRight =
    found === 'accept' || verdict === 'accept'
      ? found === verdict
      : found.reason === verdict.reason && found.code === verdict.code;
  if (!isRight) tally.wrong.push(`${name}: ${JSON.stringify(found)} in place of ${JSON.stringify(verdict)}`);
  if (isLeaking) tally.wrong.push(`${name}: its error holds the secret`);
  tally.slowest = worse(tally.slowest, { name, value: ms });
  tally.hungriest = worse(tally.hungriest, { name, value: peakMb - (2 * bytes.length) / 1e6 });
}

/** Undefined if the process ends before it answers. */
async function ask(child: ChildProcess, path: string): Promise<Judged | undefined> {
  if (!child.connected) return undefined;
  const done = new AbortController();
  const { signal } = done;
  const ended = once(child, 'exit', { signal }).then(() => undefined);
  const answered = once(child, 'message', { signal }).then(([judged]: Judged[]) => judged);
  child.send(path);
  try {
    return await Promise.race([answered, ended]);
  } finally {
    done.abort();
    await Promise.allSettled([answered, ended]);
  }
}

function worse(one: Worst, other: Worst): Worst {
  return other.value > one.value ? other : one;
}

/** Whether no archive was judged wrongly, and something was judged. */
export function isSound({ classes, mutants }: ArchiveFigures): boolean {
  return classes.length > 0 && mutants.mutants > 0 && [mutants, ...classes].every(({ wrong }) => wrong.length === 0);
}
