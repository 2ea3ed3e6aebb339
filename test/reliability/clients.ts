import pMap from 'p-map';
import { jobOrder } from '../../lib/job/order.ts';
import type { Fault } from '../proxy.ts';
import { Random } from '../random.ts';
import { isFinal, type Row, readAnswer, type Told } from './answer.ts';
import { importOf, REQUESTS, UNTOLD_QUIET_MS } from './case.ts';
import { type FaultKind, faultOf } from './faults.ts';
import { type Finding, isSameJob, judgeState } from './judge.ts';
import type { Rig, Run, SeenCall } from './rig.ts';
import type { Archives, JobDocument } from './scenarios.ts';
import { endLeases, readState, type State } from './state.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

const CLIENTS = 8;
/** Seeds beside each other on one rig: each has as many requests under way as there are clients. */
const SEEDS_AT_ONCE = 2;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const FOLDER = ['f/1.zip', 'f/2.zip', 'f/3.zip'];
const PATHS = ['f', 'x.zip', ...FOLDER];
const FAULTS: FaultKind[] = ['error 500', 'throttle', 'reset before', 'reset after', 'cut'];
/** Of a hundred calls. */
const DELAYED = 30;
const FAILED = 3;
const DELAY_MS = 40;

type Client = { path: string; isCover: boolean; key: string | undefined };
/** A row of an answer, and the job that it is of. */
type Place = { row: Row; document: JobDocument; order: string };
/** An import as its last answer tells of it. */
type Imported = { importId: number; isCover: boolean; isFinal: boolean; places: Place[] };

/** Each seed: a project, archives that share names, and clients that import them at once while calls fail and tarry. */
export async function sweepClients(rig: Rig, line: string, seeds: number[], onProgress?: Progress): Promise<Tally> {
  const tally = newTally(line);
  const runOne = async (seed: number) => {
    const fired = { count: 0 };
    const findings = await orBroken(() => runSeed(rig, new Random(seed), fired));
    tally.fired += fired.count;
    count(tally, `seed ${seed}`, findings);
    onProgress?.(tally, seeds.length);
  };
  await pMap(seeds, runOne, { concurrency: SEEDS_AT_ONCE });
  return tally;
}

async function runSeed(rig: Rig, random: Random, fired: { count: number }): Promise<Finding[]> {
  const run = await rig.begin();
  const archives = await putArchives(rig, run, random);
  const before = await readState(rig, run, NAMES);
  const clients = clientsOf(random);
  run.onCall = (seen) => meddle(random, seen, fired);
  const first = await Promise.all(clients.map((client) => send(rig, run, client)));
  run.onCall = undefined;
  await run.quiet(UNTOLD_QUIET_MS);
  const last = await pMap(clients, (client, n) => continueToEnd(rig, run, client, first[n]), { concurrency: CLIENTS });
  await run.quiet();
  const state = await readState(rig, run, NAMES);
  // An import whose first answer was not final may have been repeated as another: both are told of.
  const told = clients.flatMap((client, n) => [first[n], last[n]].map((one) => ({ client, told: one })));
  const imports = told.flatMap(({ client, told: one }) => toImport(archives, client, one));
  return [
    ...judgeState(before, state, NAMES),
    ...told.flatMap(({ told: one }) => judgeShape(one)),
    ...judgeImports(latest(imports), state),
    ...judgeTwins(last[0], last[CLIENTS - 1]),
  ];
}

/** Some have no key; two ask for the same under one. */
function clientsOf(random: Random): Client[] {
  const clients = Array.from(
    { length: CLIENTS - 1 },
    (_, n): Client => ({
      path: random.pick(PATHS),
      isCover: random.below(2) === 0,
      key: n > 0 && random.below(3) === 0 ? undefined : `client-${n}`,
    }),
  );
  return [...clients, ...clients.slice(0, 1)];
}

async function putArchives(rig: Rig, run: Run, random: Random): Promise<Archives> {
  const archives: Archives = {};
  for (const name of ['x.zip', ...FOLDER]) {
    const documents = Array.from({ length: 1 + random.below(4) }, (_, place) => ({
      name: random.pick(NAMES),
      job_id: 1,
      sql_body: `SELECT '${name}' FROM ${random.below(2) === 0 ? 'same' : place}`,
    }));
    archives[name] = documents;
    await rig.put(run, name, [{ name: 'jobs.json', data: JSON.stringify(documents) }]);
  }
  return archives;
}

function meddle(random: Random, { service }: SeenCall, fired: { count: number }): Fault | undefined {
  const chance = random.below(100);
  if (chance < FAILED) {
    fired.count += 1;
    return faultOf(random.pick(FAULTS), service);
  }
  return chance < FAILED + DELAYED ? { delayMs: random.below(DELAY_MS) } : undefined;
}

async function send(rig: Rig, run: Run, { path, isCover, key }: Client): Promise<Told> {
  return readAnswer(await importOf(rig, run, path, isCover, key === undefined ? {} : { 'idempotency-key': key }));
}

/** Sends a request again until nothing is left to do; one without a key once, as somebody would who was told to. */
async function continueToEnd(rig: Rig, run: Run, client: Client, first: Told | undefined): Promise<Told | undefined> {
  let told = first;
  for (let requests = 0; requests < REQUESTS && told !== undefined && !isFinal(told); requests++) {
    if (told.how === 'refused' && told.error_code === 'DLI.0007') {
      // Either another one of the key is at it, or nobody is.
      await run.quiet(UNTOLD_QUIET_MS);
      await endLeases(rig, run);
    }
    told = await send(rig, run, client);
  }
  return told;
}

/** Who asked for the same under one key is told the same in the end. */
function judgeTwins(one: Told | undefined, other: Told | undefined): Finding[] {
  if (one?.how !== 'mapping' || other?.how !== 'mapping') return [];
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  return a === b ? [] : [{ harm: 'doubled', what: `under one key ${a.slice(0, 200)} and ${b.slice(0, 200)}` }];
}

function judgeShape(told: Told | undefined): Finding[] {
  if (told?.how === 'hang') return [{ harm: 'hang', what: `no answer: ${told.text}` }];
  if (told?.how === 'nonsense' || told?.how === 'killed') return [{ harm: 'wrong', what: JSON.stringify(told) }];
  if (told?.how !== 'refused' || !isFinal(told)) return [];
  return [{ harm: 'wrong', what: `${told.error_code} ${told.error_msg}` }];
}

function toImport(archives: Archives, { path, isCover }: Client, told: Told | undefined): Imported[] {
  if (told?.how !== 'mapping') return [];
  const { import_id: importId, job_mapping: rows } = told;
  const names = path === 'f' ? FOLDER : [path];
  const places = names.flatMap((name, archivePlace) => {
    const own = rows.filter(({ archive, entry }) => archive.endsWith(`/${name}`) && entry !== undefined);
    return own.flatMap((row, jobPlace) => {
      const document = archives[name]?.[jobPlace];
      return document ? [{ row, document, order: jobOrder({ isCover, importId, archivePlace, jobPlace }) }] : [];
    });
  });
  return [{ importId, isCover, isFinal: isFinal(told), places }];
}

/** What was told last of each import. */
const latest = (imports: Imported[]): Imported[] => [...new Map(imports.map((one) => [one.importId, one])).values()];

function judgeImports(imports: Imported[], state: State): Finding[] {
  const findings: Finding[] = [];
  for (const { importId, isCover, isFinal: isWhole, places } of imports) {
    for (const { row, document, order } of places) {
      const stored = state.jobs.get(document.name);
      const tell = `import ${importId}: ${document.name} ${row.action} ${row.new_job_id}; the table has ${stored?.job_id}, order ${stored?.order}, of ${stored?.created_by}`;
      if (row.new_job_id !== -1 && stored?.job_id !== row.new_job_id) findings.push({ harm: 'lost', what: tell });
      const wasWritten = row.action === 'created' || row.action === 'overwritten' || row.action === 'superseded';
      if (isCover && wasWritten && (stored?.order ?? '') < order) findings.push({ harm: 'lost', what: tell });
      const isOwn = stored?.created_by === importId;
      if (row.action === 'skipped' && (stored === undefined || isOwn)) findings.push({ harm: 'false -1', what: tell });
      if (row.action === 'created' && !isOwn) findings.push({ harm: 'doubled', what: tell });
    }
    if (isWhole) findings.push(...judgeCreated(importId, places, state));
  }
  return [...findings, ...judgeContents(imports, state)];
}

/** An import that created a job says so in one row of its name, and in one only. */
function judgeCreated(importId: number, places: Place[], { jobs }: State): Finding[] {
  return NAMES.flatMap((name): Finding[] => {
    const rows = places.filter(({ document }) => document.name === name);
    const created = rows.filter(({ row }) => row.action === 'created').length;
    const wanted = jobs.get(name)?.created_by === importId ? 1 : 0;
    if (rows.length === 0 || created === wanted) return [];
    return [
      { harm: created > wanted ? 'doubled' : 'false -1', what: `import ${importId}: ${created} rows created ${name}` },
    ];
  });
}

/** Each job has the document of the place that its order names, and that place is the one that wins its import. */
function judgeContents(imports: Imported[], { jobs }: State): Finding[] {
  return [...jobs.values()].flatMap((stored): Finding[] => {
    const owner = imports.find(({ places }) => places.some(({ order }) => order === stored.order));
    // Of an import that was told of by no mapping, only its own rules could say more.
    if (owner === undefined) return [];
    const rivals = owner.places.filter(({ document }) => document.name === stored.name);
    const winner = owner.isCover ? rivals.at(-1) : rivals[0];
    const place = rivals.find(({ order }) => order === stored.order);
    const what = `${stored.name} has order ${stored.order} and "${stored.definition.sql_body}"`;
    if (place === undefined || !isSameJob(stored, place.document)) return [{ harm: 'wrong', what }];
    return owner.isFinal && winner !== place ? [{ harm: 'wrong', what: `${what}, which does not win` }] : [];
  });
}
