import pMap from 'p-map';
import { FOREIGN_LOCATIONS, type Ground } from '../foreign-locations.ts';
import { attemptsOf, type Group, keyedImport } from './attempts.ts';
import type { Servers } from './rig.ts';
import { isOwnPartition, jobsOf, type Reply, startTwoProjects, type TwoProjects } from './two-projects.ts';

/** What came of requests of one kind. */
export type IsolationTally = {
  title: string;
  tried: number;
  /** Refused with the right code, both times. */
  refused: number;
  /** Answered with the very same bytes but for the request's id, whether what was asked for was there or not. */
  alike: number;
  /** Calls to S3, and to partitions of the table that are another's. */
  s3Calls: number;
  foreignCalls: number;
  /** What was not as it must be. */
  wrong: string[];
};

export type IsolationFigures = {
  groups: IsolationTally[];
  /** Foreign archives that were there the second time under the very names that were asked for. */
  archives: number;
};

/** Requests under way: as many containers of a function are started. */
const AT_ONCE = 3;

/** A project asks for all that is another's: when nothing of that is there yet, and again when all of it is. */
export async function measureIsolation(servers: Servers): Promise<IsolationFigures> {
  const world = await startTwoProjects(servers);
  try {
    const { own, other, ground } = world;
    const groups = attemptsOf({ own: own.projectId, other: other.projectId, ground });
    await world.register(own, ground.own);
    const before = await tryAll(world, groups);
    const archives = await makeOther(world);
    const theirs = await tellOfOther(world);
    const after = await tryAll(world, groups);
    if ((await tellOfOther(world)) !== theirs) throw new Error('the other project is not as it was');
    if (!(await canUseItsOwn(world))) throw new Error('what is its own is refused, too');
    return { groups: groups.map((group, at) => judge(world, group, [before[at], after[at]])), archives };
  } finally {
    await world.close();
  }
}

/** Whether nothing came of it that must not. */
export function isIsolated({ groups, archives }: IsolationFigures): boolean {
  return archives > 0 && groups.length > 0 && groups.every(({ tried, wrong }) => tried > 0 && wrong.length === 0);
}

/** What came of one group: its replies in order, and the calls that all of it made. */
type Tried = { replies: Reply[]; s3Calls: string[]; partitions: string[] };

async function tryAll(world: TwoProjects, groups: Group[]): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const { attempts } of groups) {
    world.takeCalls();
    const replies = await pMap(attempts, (attempt) => world.send(world.own, attempt), { concurrency: AT_ONCE });
    tried.push({ replies, ...world.takeCalls() });
  }
  return tried;
}

/** Makes the other project, with jobs and an import under a key, and puts an archive at each place that is asked for. */
async function makeOther({ other, ground, register, put, send }: TwoProjects): Promise<number> {
  await register(other, ground.foreign);
  await put(`${ground.bucket}/${ground.foreign}/x.zip`);
  const { text } = await send(other, keyedImport(ground, other.projectId));
  if (!text.startsWith('{"is_success":"true"')) throw new Error(`the other project has no jobs: ${text}`);
  const paths = literalPaths(ground);
  const made = await pMap(paths, put, { concurrency: AT_ONCE });
  return made.filter(Boolean).length;
}

/** Objects that are there by the very letters of a path that is none of the project's. */
function literalPaths(ground: Ground): string[] {
  const closed = Object.values(FOREIGN_LOCATIONS)
    .flat()
    .filter(({ code }) => code === 'DLI.0011');
  return closed.map(({ spell }) =>
    spell(ground, '/x.zip')
      .replace(/^\w+:\/\//, '')
      .replace(/^\//, ''),
  );
}

async function tellOfOther({ other, send }: TwoProjects): Promise<string> {
  const jobs = jobsOf(other.projectId);
  const replies = [`${jobs}?show_detail=true`, `${jobs}/imports/1`].map((path) => send(other, { method: 'GET', path }));
  return (await Promise.all(replies)).map(({ text }) => text).join('\n');
}

async function canUseItsOwn({ own, ground, put, send }: TwoProjects): Promise<boolean> {
  const jobs = jobsOf(own.projectId);
  const folder = `${ground.bucket}/${ground.own}`;
  await put(`${folder}/x.zip`);
  const bodies = { import: { zip_file: `${folder}/x.zip` }, export: { obs_dir: folder, is_selected: false } };
  const imported = await send(own, { method: 'POST', path: `${jobs}/import`, body: bodies.import });
  const exported = await send(own, { method: 'POST', path: `${jobs}/export`, body: bodies.export });
  return [imported, exported].every(({ text }) => text.startsWith('{"is_success":"true"'));
}

function judge(world: TwoProjects, group: Group, tries: (Tried | undefined)[]): IsolationTally {
  const { title, attempts, isLookedUp = false } = group;
  const s3Calls = tries.flatMap((tried) => tried?.s3Calls ?? []);
  const foreign = tries
    .flatMap((tried) => tried?.partitions ?? [])
    .filter((partition) => !isOwnPartition(partition, world.own))
    .filter((partition) => !(isLookedUp && partition.startsWith('project#')));
  const wrong = [...s3Calls, ...foreign].map((call) => `${title}: a call that was none of its business: ${call}`);
  const tally = {
    title,
    tried: attempts.length,
    refused: 0,
    alike: 0,
    s3Calls: s3Calls.length,
    foreignCalls: foreign.length,
  };
  for (const [at, attempt] of attempts.entries()) {
    const [missing, there] = tries.map((tried) => tried?.replies[at]);
    if (missing === undefined || there === undefined) throw new Error('an attempt was not answered');
    const told = `${title}: ${attempt.method} ${attempt.path} ${JSON.stringify(attempt.body)}`;
    if ([missing, there].every(attempt.isRefusal)) tally.refused += 1;
    else wrong.push(`${told} was answered ${missing.status} ${missing.text}, then ${there.status} ${there.text}`);
    if (bytesOf(missing) === bytesOf(there)) tally.alike += 1;
    else wrong.push(`${told} was answered with other bytes when it was there: ${there.text}`);
  }
  return { ...tally, wrong };
}

const bytesOf = ({ status, requestId, text }: Reply) => `${status} ${text.replaceAll(requestId, '')}`;
