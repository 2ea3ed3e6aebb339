import { setTimeout as sleep } from 'node:timers/promises';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  IMPORT_ACCEPT_MS,
  IMPORT_JOBS,
  JOBS_COUNTED_MS,
  QUEUED_IMPORTS,
  QUEUED_RETRY_SECONDS,
} from '../../lib/limits.ts';
import { progressKey, queuedKey } from '../../lib/store/keys.ts';
import { dynamodb, type ProjectClient, stack } from './client.ts';
import { startMeddling } from './meddlers.ts';
import {
  about,
  expectEachOnce,
  importAsync,
  KEY,
  LAMBDA_THROTTLES,
  putEach,
  type QueueStack,
  shown,
  startQueueStack,
  TABLE_THROTTLES,
} from './queue-stack.ts';

const services = ['table', 'lambda'] as const;
let own: QueueStack;
let meddle: ReturnType<typeof startMeddling<(typeof services)[number]>>;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
  meddle = startMeddling(own.hooks, services);
});
afterAll(() => own.close());

const cancel = (project: ProjectClient, importId: number) =>
  project.send('DELETE', `${project.jobs}/imports/${importId}`);

/** Has the planner and the workers end an import that was put on the queue last. */
async function carryOut(project: ProjectClient) {
  for (const message of await own.plan(project)) expect(await own.deliver(message)).toBe('done');
}

describe.concurrent('a project with as many imports on the queue as it may have', () => {
  /** Puts so many imports on the queue, each of an archive of its own. */
  async function fill(project: ProjectClient, count = QUEUED_IMPORTS) {
    for (let n = 1; n <= count; n++) {
      const path = await project.putJobs(`${n}.zip`, { name: `job-${n}` });
      expect((await importAsync(project, path)).status).toBe(202);
    }
  }

  test('has no room for one more, which is told when to try again, and is none', async () => {
    const project = await own.newProject();
    await fill(project);
    const path = await project.putJobs('more.zip', { name: 'more' });
    const before = own.plans(project).length;
    const { status, json, headers } = await importAsync(project, path);
    expect(status).toBe(429);
    expect(headers.get('retry-after')).toBe(String(QUEUED_RETRY_SECONDS));
    expect(json).toEqual({
      error_code: 'APIGW.0308',
      error_msg:
        `${QUEUED_IMPORTS} large imports of this project are under way, as many as may be at once. ` +
        'Send the request again when one of them has ended.',
      request_id: expect.any(String),
    });
    expect(own.plans(project)).toHaveLength(before);
    const { imports } = (await project.send('GET', `${project.jobs}/imports`)).json;
    expect(imports.map(({ state }: { state: string }) => state)).toEqual(Array(QUEUED_IMPORTS).fill('queued'));
  });

  test('keeps neither its own small imports waiting nor any of another project', async () => {
    const [project, other] = [await own.newProject(), await own.newProject()];
    await fill(project);
    const small = await project.import(await project.putJobs('small.zip', { name: 'small' }));
    expect(small.json).toMatchObject({ is_success: 'true', job_mapping: [{ action: 'created' }] });
    expect((await importAsync(other, await other.putJobs('x.zip', { name: 'x' }))).status).toBe(202);
  });

  test.each<[string, (project: ProjectClient) => Promise<unknown>]>([
    ['has ended', carryOut],
    ['was cancelled', (project) => cancel(project, 2)],
  ])('has room again when one of them %s, for the same request with its key', async (_case, end) => {
    const project = await own.newProject();
    await fill(project);
    const path = await project.putJobs('more.zip', { name: 'more' });
    expect((await importAsync(project, path, {}, KEY)).status).toBe(429);
    await end(project);
    const { status, json } = await importAsync(project, path, {}, KEY);
    expect(status).toBe(202);
    await carryOut(project);
    expect(await shown(project, json.import_id)).toMatchObject({ state: 'finished', counts: { created: 1 } });
    expect((await importAsync(project, await project.putJobs('next.zip', { name: 'next' }))).status).toBe(202);
    expect((await importAsync(project, await project.putJobs('last.zip', { name: 'last' }))).status).toBe(429);
  });

  test('takes no more of many that come at once', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', { name: 'x' });
    const answers = await Promise.all(Array.from({ length: 2 * QUEUED_IMPORTS }, () => importAsync(project, path)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([...Array(QUEUED_IMPORTS).fill(202), ...Array(QUEUED_IMPORTS).fill(429)]);
  });

  test('may go on with one of them', async () => {
    const project = await own.newProject();
    await fill(project, QUEUED_IMPORTS - 1);
    const path = await project.putJobs('kept.zip', { name: 'kept' });
    await importAsync(project, path, {}, KEY);
    await cancel(project, QUEUED_IMPORTS);
    await fill(project, 1);
    expect((await importAsync(project, path, {}, KEY)).status).toBe(429);
    await cancel(project, 1);
    expect((await importAsync(project, path, {}, KEY)).json).toMatchObject({ import_id: QUEUED_IMPORTS });
  });

  test.each([
    ['not while it may still be accepted', 0, 429],
    ['but later', IMPORT_ACCEPT_MS + 1_000, 202],
  ])('gets back the room of one whose request died before it was noted: %s', async (_case, ago, wanted) => {
    const project = await own.newProject();
    await fill(project, QUEUED_IMPORTS - 1);
    await dynamodb.send(
      new UpdateCommand({
        TableName: stack.table,
        Key: queuedKey(project.projectId),
        UpdateExpression: 'ADD imports :died',
        ExpressionAttributeValues: { ':died': new Set([`99@${Date.now() - ago}`]) },
      }),
    );
    expect((await importAsync(project, await project.putJobs('x.zip', { name: 'x' }))).status).toBe(wanted);
  });
});

describe.concurrent('what the services are too busy for is not lost', () => {
  const JOBS = ['a', 'b', 'c'];

  test('writes that the table throttles: the archive comes again, and is imported once', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, JOBS));
    const messages = await own.plan(project);
    meddle(project, {
      table: ({ operation, body }) =>
        operation === 'UpdateItem' && body.includes('"job#') ? TABLE_THROTTLES : undefined,
    });
    expect(await own.deliver(about(messages, 'b'))).toBe('again');
    expect(await shown(project)).toMatchObject({ state: 'queued', archives_done: 0, jobs_done: 0 });
    meddle(project, {});
    for (const message of messages) expect(await own.deliver(message, 2)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 3 } });
    await expectEachOnce(project, JOBS);
  });

  test('a table that throttles every other call', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    let calls = 0;
    meddle(project, { table: () => (calls++ % 2 === 0 ? TABLE_THROTTLES : undefined) });
    expect((await importAsync(project, path)).status).toBe(202);
    for (const message of await own.plan(project)) expect(await own.deliver(message)).toBe('done');
    meddle(project, {});
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 3 } });
    await expectEachOnce(project, JOBS);
  });

  test.for<[string, number, string[]]>([
    ['every call', 0, JOBS],
    ['every call but the first', 1, ['b', 'c']],
  ])(
    'workers that Lambda throttles (%s): their archives go by the queue, and the request waits',
    async ([, taken, rest], { expect }) => {
      const project = await own.newProject();
      const path = await putEach(project, JOBS);
      await project.send('POST', `${project.jobs}/import`, '{}');
      const isTaken = ({ body }: { body: Buffer }) => JOBS.slice(0, taken).some((job) => body.includes(`/${job}.zip"`));
      meddle(project, { lambda: (call) => (isTaken(call) ? undefined : LAMBDA_THROTTLES) });
      const importing = project.import(path);
      await expect
        .poll(() => own.plans(project).map(({ delaySeconds }) => delaySeconds), { timeout: 20_000 })
        .toEqual([95, 0]);
      const messages = await own.plan(project);
      expect(messages.map(({ delaySeconds }) => delaySeconds)).toEqual(messages.map(() => 0));
      for (const job of rest) expect(await own.deliver(about(messages, job))).toBe('done');
      for (const message of messages) expect(await own.deliver(message)).toBe('done');
      const { status, json } = await importing;
      expect(status).toBe(200);
      expect(json).toMatchObject({ is_success: 'true', message: 'The job is imported successfully.' });
      expect(json.job_mapping.map(({ job_name }: { job_name: string }) => job_name)).toEqual(JOBS);
      await expectEachOnce(project, JOBS);
    },
  );
});

describe.concurrent(`an import on the queue may have ${IMPORT_JOBS} jobs`, () => {
  /** Has the first archive of a project's import have so many jobs, as far as its progress tells. */
  const noteJobs = ({ projectId }: ProjectClient, jobs: number) =>
    dynamodb.send(
      new UpdateCommand({
        TableName: stack.table,
        Key: progressKey(projectId, 1, 0),
        UpdateExpression: 'SET a0.jobs = :jobs',
        ExpressionAttributeValues: { ':jobs': jobs },
      }),
    );

  /** An import of two archives, of which the first one noted so many jobs. Returns the message about the second. */
  async function afterFirstOf(jobs: number) {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, ['a', 'b']));
    const messages = await own.plan(project);
    expect(await own.deliver(about(messages, 'a'))).toBe('done');
    await noteJobs(project, jobs);
    // For so long a worker takes what it counted last for all there are.
    await sleep(JOBS_COUNTED_MS + 100);
    return { project, message: about(messages, 'b') };
  }

  test('of which one that was not there yet is imported', async () => {
    const { project, message } = await afterFirstOf(IMPORT_JOBS - 1);
    expect(await own.deliver(message)).toBe('done');
    await expectEachOnce(project, ['a', 'b']);
  });

  test('after which no archive is begun, and those that were not are told', async () => {
    const { project, message } = await afterFirstOf(IMPORT_JOBS);
    expect(await own.deliver(message)).toBe('done');
    const { is_success, state, job_mapping } = await shown(project);
    expect({ is_success, state }).toEqual({ is_success: 'false', state: 'finished' });
    expect(job_mapping).toMatchObject([
      { action: 'created' },
      {
        action: 'failed',
        error_code: 'DLI.0009',
        remark: expect.stringMatching(/b\.zip": the import had its 100000 jobs/),
      },
    ]);
    await expectEachOnce(project, ['a']);
  });

  test('but what was begun before is done', async () => {
    const { project, message } = await afterFirstOf(1);
    meddle(project, {
      table: ({ operation, body }) =>
        operation === 'UpdateItem' && body.includes('"job#') ? TABLE_THROTTLES : undefined,
    });
    expect(await own.deliver(message)).toBe('again');
    meddle(project, {});
    await noteJobs(project, IMPORT_JOBS);
    expect(await own.deliver(message, 2)).toBe('done');
    await expectEachOnce(project, ['a', 'b']);
  });
});
