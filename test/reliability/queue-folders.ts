import { DIRECT_ARCHIVES } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { readAnswer, type Told } from './answer.ts';
import { importOf } from './case.ts';
import { type FaultKind, faultOf } from './faults.ts';
import { type Folder, JOBS, judgeStopped, judgeWhole, putFolder, shownOf } from './folder.ts';
import type { Finding } from './judge.ts';
import { ASYNC } from './queue-case.ts';
import type { Rig, SeenCall } from './rig.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

/** One import of a large folder: under way, with chance of its own. */
type Import = { rig: Rig; folder: Folder; random: Random; seed: number; fired: { count: number } };
/** What gets in its way: what it does is judged when nothing is left to be done by itself. */
type Way = (one: Import) => Promise<Finding[]>;

const KEY = 'key-of-the-folder';
const FUNCTIONS = ['import-jobs', 'plan-import', 'import-queued-archive'];
/** Who dies: those of one function, or of all three. */
const VICTIMS = [...FUNCTIONS.map((name) => [name]), FUNCTIONS];
/** Kills of a run: an archive is given up only after more. */
const KILLS = 3;
/** Calls by which an import is accepted, and those of an archive beside its jobs' writes. */
const ACCEPT_CALLS = 16;
const ARCHIVE_CALLS = 6;
/** Workers of the queue at once, on one machine. */
const WORKERS = 8;
const FAULTS: FaultKind[] = [
  'error 500',
  'error 503',
  'throttle',
  'reset before',
  'reset during',
  'reset after',
  'cut',
];
/** Of a hundred calls. */
const FAILED = 2;
/** Requests until an import must have been accepted, or have ended. */
const REQUESTS = 5;

/** Each seed: a project with a folder of archives that is imported by the queue, in one request. */
export async function sweepFolders(
  rig: Rig,
  line: string,
  way: Way,
  { seed: first, seeds, archives }: { seed: number; seeds: number; archives: number },
  onProgress?: Progress,
): Promise<Tally> {
  const tally = newTally(line);
  const fired = { count: 0 };
  // One after the other: processes are killed by their function.
  for (let seed = first; seed < first + seeds; seed++) {
    const findings = await orBroken(async () => {
      const folder = await putFolder(rig, await rig.begin(), archives);
      return way({ rig, folder, random: new Random(seed), seed, fired });
    });
    count(tally, `seed ${seed}`, findings);
    onProgress?.(tally, seeds);
  }
  return { ...tally, fired: fired.count };
}

/** Some processes are killed, at a few calls of chance; once accepted it ends by itself. */
export const KILLED: Way = async (one) => {
  const { rig, folder, seed } = one;
  const { run } = folder;
  const victims = VICTIMS[seed % VICTIMS.length] ?? [];
  const isMoment = momentsOf(one, victims);
  run.onCall = (seen) => {
    if (isMoment(seen)) for (const victim of victims) kill(one, victim);
    return undefined;
  };
  const told = await send(one, headersOf(one));
  await rig.drain(run);
  run.onCall = undefined;
  const died: Finding[] =
    told.how === 'killed' && !victims.includes('import-jobs') ? [{ harm: 'wrong', what: 'died' }] : [];
  return [...died, ...judgeTold(told), ...(await judgeEnd(one, told))];
};

/** Calls fail, a few of a hundred, those of the queue's own too. */
export const FAILING: Way = async (one) => {
  const { rig, folder, random, fired } = one;
  const meddle = ({ service }: Pick<SeenCall, 'service'>) => {
    if (random.below(100) >= FAILED) return undefined;
    fired.count += 1;
    return faultOf(random.pick(FAULTS), service);
  };
  folder.run.onCall = meddle;
  rig.queueHook.onCall = () => meddle({ service: 'SQS' });
  const told = await send(one, headersOf(one));
  await rig.drain(folder.run);
  rig.queueHook.onCall = undefined;
  folder.run.onCall = undefined;
  return [...judgeTold(told), ...(await judgeEnd(one, told))];
};

/** It is cancelled at a call of chance; in every other run the workers die then. */
export const CANCELLED: Way = async (one) => {
  const { rig, folder, random, seed, fired } = one;
  const { run } = folder;
  const moment = ACCEPT_CALLS + random.below(callsOf(folder));
  let calls = 0;
  let doneThen: Promise<number> | undefined;
  run.onCall = () => {
    if (++calls !== moment) return undefined;
    fired.count += 1;
    doneThen = cancel(one);
    if (seed % 2 === 0) kill(one, 'import-queued-archive');
    return undefined;
  };
  const told = await send(one, ASYNC);
  await rig.drain(run);
  run.onCall = undefined;
  const stopped = await shownOf(rig, folder);
  const findings = [...judgeTold(told), ...(await judgeStopped(rig, folder, stopped))];
  const after = (stopped?.archives_done ?? 0) - ((await doneThen) ?? 0);
  if (after > WORKERS) findings.push({ harm: 'wrong', what: `${after} archives were done after it was cancelled` });
  return findings.length > 0 ? findings : continueToEnd(one);
};

/** When to kill: the handler mostly while it accepts, the planner while it sends, others at any time. */
function momentsOf({ folder, random }: Import, victims: string[]): (seen: SeenCall) => boolean {
  const [victim] = victims;
  const isPlanner = victims.length === 1 && victim === 'plan-import';
  const isHandler = victims.length === 1 && victim === 'import-jobs';
  const span = isPlanner ? Math.ceil(folder.archives.length / 10) : isHandler ? 2 * ACCEPT_CALLS : callsOf(folder);
  const moments = Array.from({ length: KILLS }, () => 1 + random.below(span));
  let calls = 0;
  return ({ call }) => {
    if (isPlanner && call.operation !== 'SendMessageBatch') return false;
    calls += 1;
    return moments.includes(calls);
  };
}

const callsOf = ({ archives }: Folder) => archives.length * (ARCHIVE_CALLS + JOBS);

function kill({ rig, fired }: Import, functionKey: string): void {
  for (const pid of rig.pids(functionKey)) {
    try {
      process.kill(pid, 'SIGKILL');
      fired.count += 1;
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Some wait for the end, some do not; a folder that would go to workers directly goes by the queue only so. */
const headersOf = ({ random, folder }: Import) =>
  random.below(2) === 0 || folder.archives.length <= DIRECT_ARCHIVES ? ASYNC : {};

async function send({ rig, folder }: Import, headers: Record<string, string> = {}): Promise<Told> {
  return readAnswer(await importOf(rig, folder.run, folder.path, false, { 'idempotency-key': KEY, ...headers }));
}

/** Cancels the import, and says how many archives were done by then. */
async function cancel({ folder }: Import): Promise<number> {
  const { text } = await folder.run.send('DELETE', `/imports/${folder.importId}`);
  return Number(/"archives_done":(\d+)/.exec(text)?.[1] ?? 0);
}

/** It is told in time what there is to be told. */
function judgeTold(told: Told): Finding[] {
  if (told.how === 'hang') return [{ harm: 'hang', what: told.text }];
  if (told.how === 'nonsense') return [{ harm: 'wrong', what: told.text }];
  return [];
}

/** Once it is accepted an import ends by itself; one that was not is sent again. */
async function judgeEnd(one: Import, told: Told): Promise<Finding[]> {
  const { rig, folder } = one;
  const shown = await shownOf(rig, folder);
  if (shown !== undefined) return judgeWhole(rig, folder, shown);
  if (told.how === 'accepted' || told.how === 'mapping') return [{ harm: 'lost', what: 'an import that was accepted' }];
  return continueToEnd(one);
}

async function continueToEnd(one: Import): Promise<Finding[]> {
  const { rig } = one;
  let { folder } = one;
  for (let requests = 1; requests <= REQUESTS; requests++) {
    const told = await send(one);
    // Whoever died with a number before it had claimed the key leaves it unused.
    if ('import_id' in told) folder = { ...folder, importId: told.import_id };
    await rig.drain(folder.run);
    const shown = await shownOf(rig, folder);
    const findings = judgeTold(told);
    if (findings.length > 0) return findings;
    if (shown?.state === 'finished') return judgeWhole(rig, folder, shown);
  }
  return [{ harm: 'wrong', what: `not finished after ${REQUESTS} requests` }];
}
