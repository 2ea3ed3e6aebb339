import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Does a piece of work once, and tells what it took: milliseconds, or whatever is compared. */
export type Contestant = () => Promise<number>;

/**
 * Medians over rounds in which each contestant has its turn, so that what else the machine does meets all of them alike.
 * The first round counts for nothing.
 */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  rounds: number,
  onRound: (round: number) => void = () => undefined,
): Promise<Record<Name, number>> {
  const entries = Object.entries<Contestant>(contestants).map(([name, work]) => ({ name, work, times: noTimes() }));
  for (let round = 0; round <= rounds; round++) {
    onRound(round);
    for (const { work, times } of entries) {
      const time = await work();
      if (round > 0) times.push(time);
    }
  }
  const medians: Record<string, number> = {};
  for (const { name, times } of entries) medians[name] = median(times);
  if (!isOf(medians, contestants)) throw new Error('a contestant had no turn');
  return medians;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const noTimes = (): number[] => [];

const isOf = <Name extends string>(
  medians: Record<string, number>,
  contestants: Readonly<Record<Name, Contestant>>,
): medians is Record<Name, number> => Object.keys(contestants).every((name) => name in medians);

/** Milliseconds of the process's CPU. What was left to be collected by then is another's. */
export async function cpuTime(work: () => unknown): Promise<number> {
  collectGarbage();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

let collect: (() => void) | undefined;

export function collectGarbage(): void {
  collect ??= exposedCollector();
  collect();
}

function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('node hands out no collector of garbage');
  return () => gc();
}
