import { type Line, type Size, theOnly } from './line.ts';
import type { Rig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { casesAtEachCall, killsAtEachCall, referencesOf, sweep } from './sweep.ts';
import { runUploadCase, runUploadReference } from './upload-case.ts';
import { allOrders, sweepOrders } from './upload-orders.ts';
import { sweepQueue } from './upload-queue.ts';

/** One that writes jobs in most ways: from the worker on an upload makes the calls of a request. */
const UPLOADED = SCENARIOS.filter(({ name }) => name === 'mixed');
const BY_UPLOAD = { runReference: runUploadReference, runCase: runUploadCase };

/** The lines about archives that import themselves. */
export function uploadLinesOf(size: Size): Line[] {
  const { uploadedOnce, persistently, killedEvery, uploadSeeds, rigs, runsAtOnce } = size;
  const { deliveries, orderedEvery, ordersAtOnce } = size;
  const readReferences = (rigs: Rig[]) => referencesOf(theOnly(rigs), UPLOADED, BY_UPLOAD);
  return [
    {
      title: 'uploads, one fault',
      about: 'each call of an upload fails, once or with every repetition; its event comes again',
      rigs,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const uploads = await readReferences(all);
        const cases = [
          ...casesAtEachCall(uploads, 'once', uploadedOnce),
          ...casesAtEachCall(uploads, 'persistently', persistently),
        ];
        return sweep(all, 'uploads, one fault', cases, { by: BY_UPLOAD, runsAtOnce, onProgress });
      },
    },
    {
      title: 'uploads, killed',
      about: 'the process that makes each call of an upload is killed, before the call takes effect and after',
      rigs: 1,
      sweep: async (all, _referenced, _seed, onProgress) => {
        const uploads = await readReferences(all);
        return sweep(all, 'uploads, killed', killsAtEachCall(uploads, killedEvery), {
          by: BY_UPLOAD,
          runsAtOnce,
          onProgress,
        });
      },
    },
    {
      title: 'uploads, all orders',
      about:
        'the events of four versions of one archive come in all 24 orders, each once, twice and three times, all at once, while versions that were replaced can still be read and while they cannot',
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) => {
        const orders = allOrders([true, false], deliveries).filter((_, at) => at % orderedEvery === 0);
        return sweepOrders(theOnly(all), 'uploads, all orders', orders, { seed, ordersAtOnce }, onProgress);
      },
    },
    {
      title: 'uploads, at once',
      about:
        'fifty uploads at once over twenty names, while up to 30 of 100 calls to send, receive and delete messages fail',
      rigs: 1,
      sweep: (all, _referenced, seed, onProgress) => {
        const seeds = Array.from({ length: uploadSeeds }, (_, n) => seed + n);
        return sweepQueue(theOnly(all), 'uploads, at once', seeds, onProgress);
      },
    },
  ];
}
