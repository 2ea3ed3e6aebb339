import { type Line, type Size, theOnly } from './line.ts';
import { BY_QUEUE, BY_QUEUE_CANCELLED, BY_QUEUE_IN_OUTAGE } from './queue-case.ts';
import { CANCELLED, FAILING, KILLED, sweepFolders } from './queue-folders.ts';
import type { Rig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { casesAtEachCall, killsAtEachCall, referencesOf, sweep } from './sweep.ts';

const QUEUED_CALLS = 'each call of the handler, the planner and the workers of an import by the queue';

/** The lines about imports whose archives workers get from a queue. */
export function queueLinesOf({ queued, rigs, runsAtOnce }: Size): Line[] {
  const scenarios = SCENARIOS.filter(({ name }) => queued.scenario(name));
  const readReferences = (all: Rig[]) => referencesOf(theOnly(all), scenarios, BY_QUEUE);
  return [
    {
      title: 'queued imports, one fault, once',
      about: `${QUEUED_CALLS} fails once; the import ends by itself`,
      rigs,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const cases = casesAtEachCall(await readReferences(all), 'once', queued.once);
        return sweep(all, 'queued imports, one fault, once', cases, { by: BY_QUEUE, runsAtOnce, onProgress });
      },
    },
    {
      title: 'queued imports, one fault, persistently',
      about: `${QUEUED_CALLS} fails for half a minute, also when the message comes again: of some calls until it dies`,
      rigs,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const cases = casesAtEachCall(await readReferences(all), 'persistently', queued.persistently);
        return sweep(all, 'queued imports, one fault, persistently', cases, {
          by: BY_QUEUE_IN_OUTAGE,
          runsAtOnce,
          onProgress,
        });
      },
    },
    {
      title: 'queued imports, killed at each call',
      about: `the process that makes ${QUEUED_CALLS} is killed, before the call takes effect and after; the import ends by itself`,
      rigs: 1,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const cases = killsAtEachCall(await readReferences(all), queued.killedEvery);
        return sweep(all, 'queued imports, killed at each call', cases, { by: BY_QUEUE, runsAtOnce, onProgress });
      },
    },
    {
      title: 'queued imports, cancelled at each call',
      about: `an import by the queue is cancelled before ${QUEUED_CALLS}, and sent again when its workers have ended`,
      rigs,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const at = (call: number) => call % queued.cancelledEvery === 0;
        const cases = casesAtEachCall(await readReferences(all), 'once', (_, call) => (at(call.at) ? ['delay'] : []));
        return sweep(all, 'queued imports, cancelled at each call', cases, {
          by: BY_QUEUE_CANCELLED,
          runsAtOnce,
          onProgress,
        });
      },
    },
    {
      title: 'queued imports, killed',
      about: `${queued.archives} archives are imported while the handler, the planner, workers, or all of them are killed at moments of chance`,
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) =>
        sweepFolders(theOnly(all), 'queued imports, killed', KILLED, { seed, ...queued }, onProgress),
    },
    {
      title: 'queued imports, failing',
      about: `${queued.archives} archives are imported while 2 of 100 calls fail, those to receive and delete messages too`,
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) =>
        sweepFolders(theOnly(all), 'queued imports, failing', FAILING, { seed, ...queued }, onProgress),
    },
    {
      title: 'queued imports, cancelled',
      about: `an import of ${queued.archives} archives is cancelled at a moment of chance, with workers killed or not, and sent again`,
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) =>
        sweepFolders(theOnly(all), 'queued imports, cancelled', CANCELLED, { seed, ...queued }, onProgress),
    },
  ];
}
