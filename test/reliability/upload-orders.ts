import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { zipOf } from './case.ts';
import { type Finding, isSameJob, judgeState } from './judge.ts';
import type { Rig, Run, SeenCall } from './rig.ts';
import type { JobDocument } from './scenarios.ts';
import { readState, type State } from './state.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

const listedUploads = z.object({
  imports: z.array(
    z.object({ import_id: z.int(), state: z.string(), etag: z.string(), counts: z.record(z.string(), z.int()) }),
  ),
});
type ListedUpload = z.infer<typeof listedUploads>['imports'][number];

const VERSIONS = [1, 2, 3, 4];
const NAMES = ['a', 'b', 'c'];
/** Deliveries of one event until it must be done. */
const DELIVERIES = 40;
/** Milliseconds, at most: between the first deliveries of events, and before one that is not done comes again. */
const APART_MS = 30;
const AGAIN_MS = 60;

/** Sequencers that differ in length: only filled with zeros on their right do they sort as the versions came. */
const SEQUENCERS = ['0055AED6DCD9', '0055AED6DCD90281E5', '0055AED6DCD91', '0055AED6DD'];

/** In what order the events of four versions come, how often each, and whether the versions before the last can be read. */
export type Order = { order: number[]; deliveries: number; isKept: boolean };

/** All orders of the versions, each with events that come once, twice and three times. */
export function allOrders(isKept: boolean[], deliveries: number[]): Order[] {
  const orders = permutations(VERSIONS);
  return isKept.flatMap((isKept) =>
    deliveries.flatMap((deliveries) => orders.map((order) => ({ order, deliveries, isKept }))),
  );
}

function permutations(values: number[]): number[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value) =>
    permutations(values.filter((other) => other !== value)).map((rest) => [value, ...rest]),
  );
}

/** Uploads four versions of an archive, and delivers their events in each order, all at once. */
export async function sweepOrders(
  rig: Rig,
  line: string,
  orders: Order[],
  { seed, ordersAtOnce }: { seed: number; ordersAtOnce: number },
  onProgress?: Progress,
): Promise<Tally> {
  const tally = newTally(line);
  const runOne = async (order: Order, n: number) => {
    const findings = await orBroken(() => runOrder(rig, order, new Random(seed + n), tally));
    count(tally, JSON.stringify(order), findings);
    onProgress?.(tally, orders.length);
  };
  await pMap(orders, runOne, { concurrency: ordersAtOnce });
  return tally;
}

async function runOrder(
  rig: Rig,
  { order, deliveries, isKept }: Order,
  random: Random,
  tally: Tally,
): Promise<Finding[]> {
  const run = await rig.begin();
  const before = await readState(rig, run, NAMES);
  const events = await putVersions(rig, run, isKept);
  if (isKept) run.onCall = (seen) => readKept(rig, run, seen);
  // More than once at the same place: as often as the queue hands it over while it is not done.
  const all = order.flatMap((version) => Array.from({ length: deliveries }, () => version));
  const late = await pMap(
    all,
    async (version, place) => {
      await sleep(place * random.below(APART_MS));
      return deliver(rig, events[version - 1] ?? '', random, tally);
    },
    { concurrency: all.length },
  );
  await run.quiet();
  run.onCall = undefined;
  const state = await readState(rig, run, NAMES);
  const etags = events.map((event) => /"eTag":("[^"]+")/.exec(event)?.[1] ?? '');
  const imports = listedUploads.parse(JSON.parse((await rig.get(run, '/imports?limit=100')).text)).imports;
  return [
    ...late.flat(),
    ...judgeState(before, state, NAMES),
    ...judgeNewest(state),
    ...judgeImports(imports, etags, isKept),
    ...judgeWrites(imports, state),
  ];
}

/** Puts the versions, the last one last. Kept ones stay readable under names of their own. */
async function putVersions(rig: Rig, run: Run, isKept: boolean): Promise<string[]> {
  return pMap(
    VERSIONS,
    async (version) => {
      const archive = zipOf(documentsOf(version));
      const Key = keptKey(run, `v${version}`);
      const Metadata = { 'is-cover': 'true' };
      if (isKept) await rig.s3.send(new PutObjectCommand({ Bucket: rig.bucket, Key, Body: zip(archive), Metadata }));
      const sequencer = SEQUENCERS[version - 1] ?? '';
      return rig.upload(run, 'x.zip', archive, {
        isCover: true,
        sequencer,
        ...(isKept && { versionId: `v${version}` }),
      });
    },
    { concurrency: 1 },
  );
}

const documentsOf = (version: number): JobDocument[] =>
  NAMES.map((name) => ({ name, job_id: 1, sql_body: `SELECT ${version}` }));

const keptKey = ({ projectId }: Run, versionId: string) => `versions/${projectId}/${versionId}.zip`;

/** What a bucket that keeps versions does, and the embedded one does not. */
function readKept(rig: Rig, run: Run, { service, call }: SeenCall) {
  const versionId = /[?&]versionId=(v\d)/.exec(call.url)?.[1];
  return service === 'S3' && versionId ? { url: `/${rig.bucket}/${keptKey(run, versionId)}` } : undefined;
}

/** Delivers an event until it is done, as the queue does: after a while. */
async function deliver(rig: Rig, event: string, random: Random, tally: Tally): Promise<Finding[]> {
  for (let deliveries = 0; deliveries < DELIVERIES; deliveries++) {
    const delivered = await rig.deliver(event);
    if (delivered === 'done') return [];
    if (delivered === 'died') return [{ harm: 'hang', what: 'the function gave no answer' }];
    tally.fired += 1;
    await sleep(random.below(AGAIN_MS * (deliveries + 1)));
  }
  return [{ harm: 'hang', what: `an event is not done after ${DELIVERIES} deliveries` }];
}

function judgeNewest({ jobs }: State): Finding[] {
  return documentsOf(VERSIONS.length).flatMap((document): Finding[] => {
    const stored = jobs.get(document.name);
    if (isSameJob(stored, document)) return [];
    const what = `${document.name} ends as "${stored?.definition.sql_body}", not as the newest`;
    return [{ harm: stored === undefined ? 'lost' : 'wrong', what }];
  });
}

/** Each version has at most one import, a later one the higher number; the newest has one, and it ended. */
function judgeImports(imports: ListedUpload[], etags: string[], isKept: boolean): Finding[] {
  const newestFirst = imports.map(({ etag }) => etags.indexOf(etag) + 1);
  const tell = JSON.stringify(imports.map(({ import_id, state }, n) => [import_id, `v${newestFirst[n]}`, state]));
  const isAscending = newestFirst.every((version, n) => n === 0 || version < (newestFirst[n - 1] ?? 0));
  const isWhole = imports.every(({ state }, n) => {
    // Its events come when the last version is there: of the others nothing can be read.
    const isReadable = isKept || newestFirst[n] === VERSIONS.length;
    return state === (isReadable ? 'finished' : 'failed');
  });
  if (!isAscending) return [{ harm: 'doubled', what: `imports, newest first: ${tell}` }];
  if (newestFirst[0] !== VERSIONS.length || !isWhole)
    return [{ harm: 'wrong', what: `imports, newest first: ${tell}` }];
  return [];
}

/** Each job is created by one import, and written by none twice. */
function judgeWrites(imports: ListedUpload[], { jobs }: State): Finding[] {
  const created = imports.reduce((sum, { counts }) => sum + (counts['created'] ?? 0), 0);
  const findings: Finding[] = [];
  if (created !== NAMES.length)
    findings.push({ harm: 'doubled', what: `${created} jobs of ${NAMES.length} were created` });
  for (const { name, revision } of jobs.values()) {
    const writers = imports.filter(({ state }) => state === 'finished').length;
    if (revision > writers)
      findings.push({ harm: 'doubled', what: `${name} was written ${revision} times by ${writers}` });
  }
  return findings;
}
