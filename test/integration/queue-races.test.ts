import { setTimeout as sleep } from 'node:timers/promises';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DIRECT_ARCHIVES, GIVEN_UP_RECEIVES, IMPORT_JOBS, JOBS_COUNTED_MS, QUEUED_IMPORTS } from '../../lib/limits.ts';
import { progressKey } from '../../lib/store/keys.ts';
import { dynamodb, itemsOf, type ProjectClient, stack } from './client.ts';
import {
  about,
  beginQueued,
  expectEachOnce,
  importAsync,
  KEY,
  LAMBDA_THROTTLES,
  putEach,
  type QueueStack,
  shown,
  startGate,
  startQueueStack,
} from './queue-stack.ts';

let own: QueueStack;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
});
afterAll(() => own.close());
afterEach(() => {
  for (const service of ['s3', 'table', 'sqs', 'lambda'] as const) own.hooks[service] = undefined;
});

const S3_REFUSES = { status: 400, body: '<Error><Code>InvalidRequest</Code></Error>' };
const FORTY = Array.from({ length: 40 }, (_, n) => `job-${n + 10}`);

const cancel = (project: ProjectClient, importId = 1) => project.send('DELETE', `${project.jobs}/imports/${importId}`);
const post = (project: ProjectClient, path: string, headers = {}) =>
  project.send('POST', `${project.jobs}/import`, JSON.stringify({ zip_file: path }), headers);
const recordOf = async (project: ProjectClient) => (await itemsOf(`imports#${project.projectId}`))[0];

const killWorkers = () => {
  for (const pid of own.pids('import-queued-archive')) process.kill(pid, 'SIGKILL');
};

describe('an import that was cancelled and goes on', () => {
  test.each<[string, (body: Buffer) => boolean, string]>([
    ['of its archive', (body) => body.includes('given_up') && !body.includes('progress#'), 'again'],
    ['of its progress', (body) => body.includes('given_up') && body.includes('progress#'), 'done'],
  ])('takes no harm if the note %s that a message of before was given up comes late', async (_case, isHeld, ended) => {
    const { project, path, messages } = await beginQueued(own, ['a', 'b']);
    const gate = startGate();
    own.hooks.table = ({ operation, body }) => (operation === 'UpdateItem' && isHeld(body) ? gate.hold() : undefined);
    const givingUp = own.deliver(about(messages, 'b'), GIVEN_UP_RECEIVES);
    await expect.poll(() => gate.held(), { timeout: 20_000 }).toBeGreaterThan(0);
    await cancel(project);
    await importAsync(project, path, {}, KEY);
    const rest = await own.plan(project);
    expect(await own.deliver(about(rest, 'b'))).toBe('done');
    gate.open();
    expect(await givingUp).toBe(ended);
    expect(await own.deliver(about(messages, 'b'), GIVEN_UP_RECEIVES + 1)).toBe('done');
    expect(await own.deliver(about(rest, 'a'))).toBe('done');
    expect(await recordOf(project)).toMatchObject({ state: 'finished', counts: { created: 2 } });
    expect(await shown(project)).toMatchObject({ is_success: 'true', archives_done: 2 });
    await expectEachOnce(project, ['a', 'b']);
  });

  test('gives up no archive for a message of before that came often', async () => {
    const { project, path, messages } = await beginQueued(own, ['a', 'b']);
    await own.deliver(about(messages, 'a'));
    await cancel(project);
    await importAsync(project, path, {}, KEY);
    const rest = await own.plan(project);
    expect(await own.deliver(about(messages, 'b'), GIVEN_UP_RECEIVES)).toBe('done');
    expect(await own.deliver(about(rest, 'b'))).toBe('done');
    expect(await shown(project)).toMatchObject({ state: 'finished', counts: { created: 2 } });
  });

  test('keeps its room while it is on its way to the queue', async () => {
    const project = await own.newProject();
    const paths = await Promise.all(['0', '1', '2', '3', '4'].map((n) => project.putJobs(`${n}.zip`, { name: n })));
    await importAsync(project, paths[0] ?? '', {}, KEY);
    await cancel(project);
    for (let n = 1; n < QUEUED_IMPORTS; n++) expect((await importAsync(project, paths[n] ?? '')).status).toBe(202);
    const gate = startGate();
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"imports#') && body.includes('lease') ? gate.hold() : undefined;
    const goingOn = importAsync(project, paths[0] ?? '', {}, KEY);
    await expect.poll(() => gate.held(), { timeout: 20_000 }).toBeGreaterThan(0);
    expect((await importAsync(project, paths[QUEUED_IMPORTS] ?? '')).status).toBe(429);
    gate.open();
    expect((await goingOn).status).toBe(202);
  });

  test('is no longer carried out by the request that it was cancelled from', async () => {
    const project = await own.newProject();
    const path = await putEach(project, FORTY);
    await post(project, `${path}/none.zip`);
    own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? { delayMs: 1_500 } : undefined);
    const begunBy: string[] = [];
    own.hooks.lambda = ({ body }) => {
      begunBy.push(JSON.parse(body.toString()).run);
      return undefined;
    };
    const first = post(project, path, KEY);
    await expect.poll(() => begunBy.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(8);
    await cancel(project);
    const second = post(project, path, KEY);
    const { json } = await first;
    own.hooks.s3 = undefined;
    expect(json).toMatchObject({ is_success: 'false', state: 'cancelled' });
    expect(begunBy.filter((run) => run === begunBy[0]).length).toBeLessThan(FORTY.length / 2 + 8);
    expect((await second).json).toMatchObject({ is_success: 'true' });
    await expectEachOnce(project, FORTY);
  });
});

describe('an import that found too few workers', () => {
  test('goes by the queue when it is continued, too', async () => {
    const project = await own.newProject();
    const path = await putEach(project, ['a', 'b', 'c']);
    await post(project, `${path}/none.zip`);
    own.hooks.s3 = ({ operation, url }) =>
      operation === 'GET object' && /[bc]\.zip/.test(url) ? S3_REFUSES : undefined;
    expect((await post(project, path, KEY)).json.is_success).toBe('false');
    own.hooks.s3 = undefined;
    own.hooks.lambda = () => LAMBDA_THROTTLES;
    const importing = post(project, path, KEY);
    await expect.poll(() => own.plans(project).at(-1)?.delaySeconds, { timeout: 20_000 }).toBe(0);
    for (const message of await own.plan(project)) expect(await own.deliver(message)).toBe('done');
    expect((await importing).json).toMatchObject({ is_success: 'true', import_id: 1 });
    await expectEachOnce(project, ['a', 'b', 'c']);
  });

  test('takes room on the queue, and lets in no other while there is none', async () => {
    const project = await own.newProject();
    const paths = await Promise.all(
      FORTY.slice(0, QUEUED_IMPORTS + 1).map((name) => project.putJobs(`${name}.zip`, { name })),
    );
    own.hooks.lambda = () => LAMBDA_THROTTLES;
    const importing = paths.map((path) => post(project, path));
    await expect
      .poll(() => own.plans(project).filter(({ delaySeconds }) => delaySeconds === 0).length, { timeout: 20_000 })
      .toBe(paths.length);
    expect((await importAsync(project, paths[0] ?? '')).status).toBe(429);
    for (const plan of own.plans(project).filter(({ delaySeconds }) => delaySeconds === 0)) await own.deliver(plan);
    for (const message of own.archives(project)) expect(await own.deliver(message)).toBe('done');
    for (const { json } of await Promise.all(importing)) expect(json.is_success).toBe('true');
    expect((await importAsync(project, paths[0] ?? '')).status).toBe(202);
  });
});

test('half an archive is not left so because the import is full', async () => {
  const project = await own.newProject();
  await project.putJobs('f/a.zip', { name: 'a' });
  await project.putJobs(
    'f/b.zip',
    FORTY.map((name) => ({ name })),
  );
  await importAsync(project, `${stack.bucket}/${project.projectId}/f`);
  const messages = await own.plan(project);
  await own.deliver(about(messages, 'a'));
  let writes = 0;
  own.hooks.table = ({ operation, body }) =>
    operation === 'UpdateItem' && body.includes('job#') && ++writes > 20
      ? { reset: 'after', act: killWorkers }
      : undefined;
  expect(await own.deliver(about(messages, 'b'))).toBe('died');
  own.hooks.table = undefined;
  await dynamodb.send(
    new UpdateCommand({
      TableName: stack.table,
      Key: progressKey(project.projectId, 1, 0),
      UpdateExpression: 'SET a0.jobs = :jobs',
      ExpressionAttributeValues: { ':jobs': IMPORT_JOBS },
    }),
  );
  await sleep(JOBS_COUNTED_MS + 100);
  expect(await own.deliver(about(messages, 'b'), 2)).toBe('done');
  await expectEachOnce(project, ['a', ...FORTY]);
});

test('archives that were given up are not told as done, while a large import runs and when it has ended', async () => {
  const project = await own.newProject();
  const path = `${stack.bucket}/${project.projectId}/f`;
  const entries = Array.from({ length: DIRECT_ARCHIVES + 1 }, (_, n) => {
    const key = `${project.projectId}/f/${String(n).padStart(4, '0')}.zip`;
    return `<Contents><Key>${key}</Key><ETag>"e"</ETag><Size>1</Size></Contents>`;
  });
  const body = `<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListBucketResult>`;
  own.hooks.s3 = ({ operation }) => (operation === 'GET bucket' ? { status: 200, body } : undefined);
  await importAsync(project, path);
  const [last, ...others] = await own.plan(project);
  for (const message of others) await own.deliver(message, GIVEN_UP_RECEIVES);
  expect(await shown(project)).toMatchObject({ archives_done: 0 });
  expect(last && (await own.deliver(last))).toBe('done');
  expect(await shown(project)).toMatchObject({ state: 'finished', archives_done: 1 });
});
