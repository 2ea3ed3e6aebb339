import { Random } from '../random.ts';
import { changesOf, sweepChanges } from './changes.ts';
import { sweepClients } from './clients.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import { type Rig, type Servers, startRig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import {
  type Choice,
  casesAtEachCall,
  killsAtEachCall,
  pairsOf,
  type Referenced,
  referencesOf,
  sweep,
} from './sweep.ts';
import type { Progress, Tally } from './tally.ts';
import { runUploadCase, runUploadReference } from './upload-case.ts';
import { allOrders, sweepOrders } from './upload-orders.ts';

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
type Size = {
  once: Choice;
  persistently: Choice;
  /** Pairs of faults, and whether those that take longest are among them. */
  pairs: number;
  pairKinds: readonly FaultKind[];
  clientSeeds: number;
  flips: number;
  /** How often each event of an upload comes. */
  deliveries: number[];
  /** Scenarios of the lines that take longest, and stacks for them. */
  slow: (scenario: string) => boolean;
  rigs: number;
};

/** They last as long as the longest patience of the functions. */
const SLOW: readonly FaultKind[] = ['stall', 'late'];
const oneFast: Choice = (kinds, at) => {
  const fast = kinds.filter((kind) => !SLOW.includes(kind));
  return fast.slice(at % fast.length).slice(0, 1);
};

const FULL: Size = {
  once: (kinds) => kinds,
  persistently: (kinds) => kinds,
  pairs: 500,
  pairKinds: FAULTS,
  clientSeeds: 200,
  flips: 100,
  deliveries: [1, 2, 3],
  slow: () => true,
  rigs: 2,
};
/** Every call is hit, by one kind of fault. */
const SHORT: Size = {
  once: oneFast,
  persistently: oneFast,
  pairs: 10,
  pairKinds: FAULTS.filter((kind) => !SLOW.includes(kind)),
  clientSeeds: 3,
  flips: 1,
  deliveries: [2],
  slow: (scenario) => scenario === 'create',
  rigs: 1,
};

/** Imports of one archive, one for each way in which jobs are written. */
const UPLOADED = SCENARIOS.filter(({ name }) => ['create', 'mixed', 'definition to S3'].includes(name));
const BY_UPLOAD = { runReference: runUploadReference, runCase: runUploadCase };

const SCENARIO_LINES = 'each call of eight imports';

function linesOf({ once, persistently, pairs, pairKinds, clientSeeds, flips, deliveries, slow, rigs }: Size): Line[] {
  const slowOnes = (referenced: Referenced[]) => referenced.filter(({ scenario }) => slow(scenario.name));
  return [
    {
      title: 'one fault, once',
      about: `${SCENARIO_LINES} fails once`,
      rigs,
      sweep: (all, referenced, _seed, onProgress) =>
        sweep(all, 'one fault, once', casesAtEachCall(referenced, 'once', once), { onProgress }),
    },
    {
      title: 'one fault, persistently',
      about: `${SCENARIO_LINES} fails, and so does every repetition of it`,
      rigs,
      sweep: (all, referenced, _seed, onProgress) => {
        const cases = casesAtEachCall(slowOnes(referenced), 'persistently', persistently);
        return sweep(all, 'one fault, persistently', cases, { onProgress });
      },
    },
    {
      title: 'two faults',
      about: 'two calls of chance fail, each once or persistently',
      rigs,
      sweep: (all, referenced, seed, onProgress) =>
        sweep(all, 'two faults', pairsOf(referenced, new Random(seed), pairs, pairKinds), {
          mustHitAll: false,
          onProgress,
        }),
    },
    {
      title: 'killed',
      about: `the process that makes ${SCENARIO_LINES} is killed, before the call takes effect and after`,
      rigs: 1,
      sweep: (all, referenced, _seed, onProgress) =>
        sweep(all, 'killed', killsAtEachCall(slowOnes(referenced)), { onProgress }),
    },
    {
      title: 'eight clients',
      about: 'eight clients at once import archives that share names, while 3 of 100 calls fail and 30 are late',
      rigs: 1,
      sweep: ([rig], _referenced, seed, onProgress) => {
        const seeds = Array.from({ length: clientSeeds }, (_, n) => seed + n);
        return sweepClients(theOnly(rig), 'eight clients', seeds, onProgress);
      },
    },
    {
      title: 'uploads, one fault',
      about: `each call of ${UPLOADED.length} uploads fails, once or with every repetition; their events come again`,
      rigs,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const uploads = await referencesOf(theOnly(all[0]), UPLOADED, BY_UPLOAD);
        const cases = [
          ...casesAtEachCall(uploads, 'once', once),
          ...casesAtEachCall(uploads, 'persistently', persistently),
        ];
        return sweep(all, 'uploads, one fault', cases, { by: BY_UPLOAD, onProgress });
      },
    },
    {
      title: 'uploads, killed',
      about: 'the process that makes each call of them is killed, before the call takes effect and after',
      rigs: 1,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const uploads = await referencesOf(theOnly(all[0]), UPLOADED, BY_UPLOAD);
        return sweep(all, 'uploads, killed', killsAtEachCall(slowOnes(uploads)), { by: BY_UPLOAD, onProgress });
      },
    },
    {
      title: 'uploads, all orders',
      about:
        'the events of four versions of one archive come in all 24 orders, each once, twice and three times, all at once, while versions that were replaced can still be read and while they cannot',
      rigs: 1,
      sweep: ([rig], _referenced, seed, onProgress) =>
        sweepOrders(theOnly(rig), 'uploads, all orders', allOrders([true, false], deliveries), seed, onProgress),
    },
    {
      title: 'another archive',
      about: 'an archive is replaced while it is read, or has a bit flipped in the bucket or on the way',
      rigs: 1,
      sweep: ([rig], _referenced, seed, onProgress) =>
        sweepChanges(theOnly(rig), 'another archive', changesOf(new Random(seed), flips), onProgress),
    },
  ];
}

export const FULL_LINES = linesOf(FULL);
export const SHORT_LINES = linesOf(SHORT);

/** Runs a line on rigs that no other line has used: what an outage did to their clients must not matter. */
export async function runLine(
  servers: Servers,
  line: Line,
  referenced: Referenced[],
  { seed, onProgress }: { seed: number; onProgress: Progress },
): Promise<Tally> {
  const rigs: Rig[] = [];
  try {
    while (rigs.length < line.rigs) rigs.push(await startRig(servers));
    return await line.sweep(rigs, referenced, seed, onProgress);
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()));
  }
}

function theOnly(rig: Rig | undefined): Rig {
  if (rig === undefined) throw new Error('no rig was started');
  return rig;
}
