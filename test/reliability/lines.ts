import { Random } from '../random.ts';
import { changesOf, sweepChanges } from './changes.ts';
import { sweepClients } from './clients.ts';
import { FAULTS, type FaultKind } from './faults.ts';
import { type Line, type Size, theOnly } from './line.ts';
import { queueLinesOf } from './queue-lines.ts';
import { type Rig, type Servers, startRig } from './rig.ts';
import { type Choice, casesAtEachCall, killsAtEachCall, pairsOf, type Referenced, sweep } from './sweep.ts';
import type { Progress, Tally } from './tally.ts';
import { uploadLinesOf } from './upload-lines.ts';

/** They last as long as the longest patience of the functions. */
const SLOW: readonly FaultKind[] = ['stall', 'late'];
/**
 * One fast kind at each of so many calls, and at one call of each kind that is meant beside them; another kind each time.
 */
function oneFastEvery(calls: number, isMeant = (_signature: string) => false): Choice {
  let chosen = 0;
  return (kinds, { at, isFirstOfKind, signature }) => {
    if (at % calls !== 0 && !(isFirstOfKind && isMeant(signature))) return [];
    const fast = kinds.filter((kind) => !SLOW.includes(kind));
    return fast.slice(chosen++ % fast.length).slice(0, 1);
  };
}
const anyKind = () => true;
/** What only imports by the queue do: the other lines have the rest. */
const ofQueue = (signature: string) =>
  /^(?:(?:Get|Update)Item queued#|SendMessage plan$|SendMessageBatch |UpdateItem import#|Query import#)/.test(
    signature,
  );

/** What only an upload does itself. */
const ofUploads = (signature: string) => /^UpdateItem upload#|^GetItem (?:project|imports)#/.test(signature);

const FULL: Size = {
  runsAtOnce: 10,
  once: (kinds) => kinds,
  persistently: (kinds) => kinds,
  pairs: 500,
  pairKinds: FAULTS,
  killedEvery: 1,
  clientSeeds: 200,
  flips: 100,
  uploadedOnce: (kinds) => kinds,
  deliveries: [1, 2, 3],
  orderedEvery: 1,
  ordersAtOnce: 4,
  uploadSeeds: 20,
  slow: () => true,
  queued: {
    scenario: (name) => name === 'folder of three' || name === 'same names across archives',
    once: (kinds) => kinds,
    persistently: (kinds) => kinds,
    killedEvery: 1,
    cancelledEvery: 1,
    seeds: 20,
    archives: 500,
  },
  rigs: 2,
};
/** Some calls are hit, each by one kind of fault: enough to see that a line works, and most of what breaks it. */
const SHORT: Size = {
  runsAtOnce: 4,
  once: oneFastEvery(17, anyKind),
  persistently: oneFastEvery(4),
  pairs: 4,
  pairKinds: FAULTS.filter((kind) => !SLOW.includes(kind)),
  killedEvery: 4,
  clientSeeds: 1,
  flips: 1,
  uploadedOnce: oneFastEvery(5, ofUploads),
  deliveries: [2],
  orderedEvery: 5,
  ordersAtOnce: 1,
  uploadSeeds: 1,
  slow: (scenario) => scenario === 'create',
  queued: {
    scenario: (name) => name === 'same names across archives',
    once: oneFastEvery(11, ofQueue),
    persistently: oneFastEvery(25),
    killedEvery: 17,
    cancelledEvery: 13,
    seeds: 1,
    archives: 40,
  },
  rigs: 1,
};

const SCENARIO_LINES = 'each call of eight imports';

function requestLinesOf(size: Size): Line[] {
  const { runsAtOnce, once, persistently, pairs, pairKinds, killedEvery, clientSeeds, flips, slow, rigs } = size;
  const slowOnes = (referenced: Referenced[]) => referenced.filter(({ scenario }) => slow(scenario.name));
  return [
    {
      title: 'one fault, once',
      about: `${SCENARIO_LINES} fails once`,
      rigs,
      sweep: (all, referenced, _seed, onProgress) =>
        sweep(all, 'one fault, once', casesAtEachCall(referenced, 'once', once), { runsAtOnce, onProgress }),
    },
    {
      title: 'one fault, persistently',
      about: `${SCENARIO_LINES} fails, and so does every repetition of it`,
      rigs,
      sweep: (all, referenced, _seed, onProgress) => {
        const cases = casesAtEachCall(slowOnes(referenced), 'persistently', persistently);
        return sweep(all, 'one fault, persistently', cases, { runsAtOnce, onProgress });
      },
    },
    {
      title: 'two faults',
      about: 'two calls of chance fail, each once or persistently',
      rigs,
      sweep: (all, referenced, seed, onProgress) =>
        sweep(all, 'two faults', pairsOf(referenced, new Random(seed), pairs, pairKinds), {
          mustHitAll: false,
          runsAtOnce,
          onProgress,
        }),
    },
    {
      title: 'killed',
      about: `the process that makes ${SCENARIO_LINES} is killed, before the call takes effect and after`,
      rigs: 1,
      sweep: (all, referenced, _seed, onProgress) =>
        sweep(all, 'killed', killsAtEachCall(slowOnes(referenced), killedEvery), { runsAtOnce, onProgress }),
    },
    {
      title: 'eight clients',
      about: 'eight clients at once import archives that share names, while 3 of 100 calls fail and 30 are late',
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) => {
        const seeds = Array.from({ length: clientSeeds }, (_, n) => seed + n);
        return sweepClients(theOnly(all), 'eight clients', seeds, onProgress);
      },
    },
    {
      title: 'another archive',
      about: 'an archive is replaced while it is read, or has a bit flipped in the bucket or on the way',
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) =>
        sweepChanges(theOnly(all), 'another archive', changesOf(new Random(seed), flips), onProgress),
    },
  ];
}

export const FULL_LINES = [...requestLinesOf(FULL), ...uploadLinesOf(FULL), ...queueLinesOf(FULL)];
export const SHORT_LINES = requestLinesOf(SHORT);
export const SHORT_UPLOAD_LINES = uploadLinesOf(SHORT);
export const SHORT_QUEUE_LINES = queueLinesOf(SHORT);

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
