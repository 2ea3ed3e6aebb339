import pMap from 'p-map';
import { afterAll, beforeAll, describe, type ExpectStatic, expect, test } from 'vitest';
import { DIRECT_ARCHIVES, DIRECT_BYTES } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { type Answer, itemsOf, jobItem, type ProjectClient, stack } from './client.ts';
import { startMeddling } from './meddlers.ts';
import { importAsync, type Message, type QueueStack, shown, startQueueStack } from './queue-stack.ts';

let own: QueueStack;
let meddle: ReturnType<typeof startMeddling<'s3'>>;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
  meddle = startMeddling(own.hooks, ['s3']);
});
afterAll(() => own.close());

const BROKEN = Buffer.from('no zip');
const NAMES = ['a', 'b', 'c', 'd', 'taken'];
/** Of these jobs some are there before, some are in several archives, equal and not, some cannot be imported. */
const ARCHIVES: [string, object[] | Buffer][] = [
  ['1.zip', [{ name: 'a', job_id: 1, sql_body: 'SELECT 1' }, { name: 'b', job_id: 2 }, { name: 'taken' }]],
  ['2.zip', BROKEN],
  ['3.zip', [{ name: 'a', job_id: 3, sql_body: 'SELECT 1' }, { name: 'c', job_id: 4 }, { name: 'no name!' }]],
  [
    '4.zip',
    [
      { name: 'a', job_id: 5, sql_body: 'SELECT 5' },
      { name: 'b', job_id: 6 },
      { name: 'b', desc: 'other' },
    ],
  ],
  ['5.zip', []],
  [
    '6.zip',
    [
      { name: 'd', job_id: 7 },
      { name: 'c', job_id: 8, sql_body: 'SELECT 8' },
      { name: 'taken', desc: 'new' },
    ],
  ],
];

/** A project with the folder, and with one of its jobs. Returns the folder. */
async function prepare(project: ProjectClient): Promise<string> {
  for (const [name, content] of ARCHIVES) {
    await (Buffer.isBuffer(content) ? project.put(`f/${name}`, content) : project.putJobs(`f/${name}`, content));
  }
  await project.import(await project.putJobs('before.zip', [{ name: 'taken', desc: 'old' }]));
  return `${stack.bucket}/${project.projectId}/f`;
}

/** All that tells of an import and its jobs, without what differs from project to project: its name, ids and times. */
async function outcomeOf(project: ProjectClient, importId: number) {
  const items = await Promise.all(NAMES.map((name) => jobItem(project.projectId, name)));
  const ids = new Map(items.map((item) => [item?.['job_id'], item?.['name']]));
  const { start_time, update_time, ...told }: Answer['json'] = await shown(project, importId);
  const rows = told.job_mapping.map((row: { new_job_id: number }) => ({
    ...row,
    new_job_id: ids.get(row.new_job_id) ?? row.new_job_id,
  }));
  const jobs = items.map((item) => [item?.['content_hash'], item?.['order'], item?.['created_by']]);
  const text = JSON.stringify({ told: { ...told, job_mapping: rows }, jobs });
  return JSON.parse(text.replaceAll(project.projectId, 'project'));
}

/** The messages in another order, the same for the same seed. */
function shuffled(messages: Message[], seed: number): Message[] {
  const random = new Random(seed);
  return messages
    .map((message) => ({ message, at: random.next() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ message }) => message);
}

describe.each([false, true])('with is_cover %s an import ends the same by the queue as directly', (is_cover) => {
  let direct: Awaited<ReturnType<typeof outcomeOf>>;
  beforeAll(async () => {
    const project = await own.newProject();
    await project.import(await prepare(project), { is_cover });
    expect(own.archives(project)).toEqual([]);
    direct = await outcomeOf(project, 2);
    expect(direct.told).toMatchObject({ state: 'finished', archives_done: 6, jobs_total: 12 });
  });

  test.each<[string, (messages: Message[]) => Message[]]>([
    ['order', (messages) => messages],
    ['reverse', (messages) => messages.toReversed()],
    ['some order', (messages) => shuffled(messages, 1)],
    ['order, and each twice', (messages) => [...messages, ...messages]],
  ])('whose messages come in %s', async (_case, reorder) => {
    const project = await own.newProject();
    await importAsync(project, await prepare(project), { is_cover });
    const messages = await own.plan(project);
    expect(messages).toHaveLength(ARCHIVES.length);
    for (const message of reorder(messages)) expect(await own.deliver(message)).toBe('done');
    expect(await outcomeOf(project, 2)).toEqual(direct);
  });

  test('whose messages come at once', async () => {
    const project = await own.newProject();
    await importAsync(project, await prepare(project), { is_cover });
    const messages = await own.plan(project);
    expect(await Promise.all(messages.map((message) => own.deliver(message)))).toEqual(messages.map(() => 'done'));
    expect(await outcomeOf(project, 2)).toEqual(direct);
  });
});

test('one archive that is refused is refused the same by the queue as directly', async () => {
  const [direct, queued] = [await own.newProject(), await own.newProject()];
  await direct.import(await direct.put('x.zip', BROKEN));
  await importAsync(queued, await queued.put('x.zip', BROKEN));
  const [message, ...others] = await own.plan(queued);
  expect(others).toEqual([]);
  expect(message && (await own.deliver(message))).toBe('done');
  expect(await outcomeOf(queued, 1)).toEqual(await outcomeOf(direct, 1));
  expect(await shown(queued)).toMatchObject({ state: 'failed', job_mapping: [{ error_code: 'DLI.0018' }] });
});

describe.concurrent('the way that an import goes', () => {
  /** A folder of which S3 says that it holds archives of these sizes. They are not there: each ends in no time. */
  function foldersOf(project: ProjectClient, sizes: number[]): string {
    const entries = sizes.map((size, n) => {
      const key = `${project.projectId}/f/${String(n).padStart(3, '0')}.zip`;
      return `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>${size}</Size></Contents>`;
    });
    const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`;
    meddle(project, { s3: ({ operation }) => (operation === 'GET bucket' ? { status: 200, body } : undefined) });
    return `${stack.bucket}/${project.projectId}/f`;
  }

  /** Waits until a request has put its import on the queue: before, it said who looks after it. */
  const queued = (project: ProjectClient, expect: ExpectStatic) =>
    expect.poll(() => own.plans(project).map(({ delaySeconds }) => delaySeconds), { timeout: 20_000 }).toEqual([95, 0]);

  test.for<[string, number[]]>([
    [`${DIRECT_ARCHIVES} archives`, Array<number>(DIRECT_ARCHIVES).fill(1)],
    [`${DIRECT_BYTES} bytes`, [DIRECT_BYTES / 2, DIRECT_BYTES / 2]],
  ])('of %s, the most that go so, is to workers directly', async ([, sizes], { expect }) => {
    const project = await own.newProject();
    const { status, json, headers } = await project.import(foldersOf(project, sizes));
    expect(status).toBe(200);
    expect(headers.has('preference-applied')).toBe(false);
    expect(json.job_mapping).toHaveLength(sizes.length);
    expect(own.plans(project).map(({ delaySeconds }) => delaySeconds)).toEqual([95]);
    expect(own.archives(project)).toEqual([]);
    expect(await itemsOf(`imports#${project.projectId}`)).toMatchObject([{ state: 'finished', begun: sizes.length }]);
  });

  test.for<[string, number[]]>([
    [`${DIRECT_ARCHIVES + 1} archives`, Array<number>(DIRECT_ARCHIVES + 1).fill(1)],
    [`${DIRECT_BYTES + 1} bytes`, [DIRECT_BYTES / 2, DIRECT_BYTES / 2, 1]],
  ])('of %s, one more, is by the queue, and its request waits for the end', async ([, sizes], { expect }) => {
    const project = await own.newProject();
    const importing = project.import(foldersOf(project, sizes));
    await queued(project, expect);
    expect(await itemsOf(`imports#${project.projectId}`)).toMatchObject([{ state: 'running', is_queued: true }]);
    const messages = await own.plan(project);
    expect(messages).toHaveLength(sizes.length);
    expect(new Set(messages.map(({ group }) => group))).toEqual(new Set([project.projectId]));
    await pMap(messages, (message) => own.deliver(message), { concurrency: 4 });
    const { status, json } = await importing;
    expect(status).toBe(200);
    expect(json.message).toMatch(new RegExp(`^${sizes.length} of ${sizes.length} archives failed: `));
    expect(json.job_mapping).toHaveLength(sizes.length);
  });

  test('by the queue, if it does not end in time, is answered by how far it is', async ({ expect }) => {
    const project = await own.newProject();
    const importing = project.import(foldersOf(project, [DIRECT_BYTES, 1, 1]));
    await queued(project, expect);
    const [first] = await own.plan(project);
    expect(first && (await own.deliver(first))).toBe('done');
    const { status, json, headers } = await importing;
    expect(status).toBe(202);
    expect(json).toEqual({
      is_success: 'false',
      message: `not finished after 25 s: 1 of 3 archives done so far; see ${project.jobs}/imports/1`,
      job_mapping: [],
      import_id: 1,
      state: 'running',
    });
    expect(headers.get('location')).toBe(`${project.jobs}/imports/1`);
  });
});
