import type { FaultKind } from './faults.ts';
import type { Rig } from './rig.ts';
import type { Choice, Referenced } from './sweep.ts';
import type { Progress, Tally } from './tally.ts';

/** One line of the figures: a sweep of its own kind, on rigs of its own. */
export type Line = {
  title: string;
  /** What it does, for who reads the figures. */
  about: string;
  /** Whole stacks beside each other. */
  rigs: number;
  sweep: (rigs: Rig[], referenced: Referenced[], seed: number, onProgress?: Progress) => Promise<Tally>;
};

/** How much of each line is run. */
export type Size = {
  /** Runs of one rig beside each other: most of them wait, for a time-out or before they try again. */
  runsAtOnce: number;
  once: Choice;
  persistently: Choice;
  /** Pairs of faults, and whether those that take longest are among them. */
  pairs: number;
  pairKinds: readonly FaultKind[];
  /** One of so many calls. */
  killedEvery: number;
  clientSeeds: number;
  flips: number;
  uploadedOnce: Choice;
  /** How often each event of an upload comes, and in one of how many orders. */
  deliveries: number[];
  orderedEvery: number;
  ordersAtOnce: number;
  uploadSeeds: number;
  /** Scenarios of the lines that take longest, and stacks for them. */
  slow: (scenario: string) => boolean;
  /** Imports that go by the queue: scenarios, at how many of their calls something happens, and large folders. */
  queued: {
    scenario: (name: string) => boolean;
    once: Choice;
    persistently: Choice;
    killedEvery: number;
    cancelledEvery: number;
    seeds: number;
    archives: number;
  };
  rigs: number;
};

export function theOnly([rig]: Rig[]): Rig {
  if (rig === undefined) throw new Error('no rig was started');
  return rig;
}
