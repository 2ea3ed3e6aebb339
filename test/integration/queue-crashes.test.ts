import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ProjectClient } from './client.ts';
import { expectEachOnce, importAsync, KEY, putEach, type QueueStack, shown, startQueueStack } from './queue-stack.ts';

let own: QueueStack;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
});
afterAll(() => own.close());
afterEach(() => {
  for (const service of ['table', 'sqs', 'lambda'] as const) own.hooks[service] = undefined;
});

const JOBS = ['a', 'b', 'c'];
/** More than the queue takes in one call. */
const MANY = Array.from({ length: 15 }, (_, n) => `job-${String(n).padStart(2, '0')}`);
const REFUSED = { status: 400, body: '{"__type":"com.amazonaws.sqs#InvalidMessageContents","message":"no"}' };

const killAll = (functionKey: string) => {
  for (const pid of own.pids(functionKey)) process.kill(pid, 'SIGKILL');
};

/** Has the planner do what it is to do if the run of an import died, and workers what it asks for. */
async function lookAfter(project: ProjectClient): Promise<number> {
  const plan = own.plans(project).find(({ delaySeconds }) => delaySeconds > 0);
  const before = own.archives(project).length;
  expect(plan && (await own.deliver(plan))).toBe('done');
  const messages = own.archives(project).slice(before);
  for (const message of messages) expect(await own.deliver(message)).toBe('done');
  return messages.length;
}

async function expectWhole(project: ProjectClient, jobs: string[]) {
  const { job_mapping, ...told } = await shown(project);
  expect(told).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: jobs.length } });
  expect(job_mapping.map(({ job_name }: { job_name: string }) => job_name)).toEqual(jobs);
  await expectEachOnce(project, jobs);
}

describe('an import that was accepted is looked after, and ends,', () => {
  test('if the planner was not told of it', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    own.sqs.reset();
    own.hooks.sqs = ({ operation, count }) => (operation === 'SendMessage' && count === 2 ? REFUSED : undefined);
    expect((await importAsync(project, path)).json).toMatchObject({ is_success: 'true', state: 'queued' });
    expect(own.plans(project)).toHaveLength(1);
    expect(await lookAfter(project)).toBe(JOBS.length);
    await expectWhole(project, JOBS);
  });

  test('if its request died once it was noted', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    await project.send('POST', `${project.jobs}/import`, '{}');
    own.hooks.table = ({ operation, body }) =>
      operation === 'PutItem' && body.includes(`imports#${project.projectId}`)
        ? { reset: 'after', act: () => killAll('import-jobs') }
        : undefined;
    expect((await importAsync(project, path)).status).toBe(500);
    own.hooks.table = undefined;
    expect(await shown(project)).toMatchObject({ state: 'queued', archives_done: 0 });
    expect(await lookAfter(project)).toBe(JOBS.length);
    await expectWhole(project, JOBS);
  });

  test('if its request died while it handed archives to workers', async () => {
    const project = await own.newProject();
    const path = await putEach(project, MANY);
    await project.send('POST', `${project.jobs}/import`, '{}');
    own.lambda.reset();
    own.hooks.lambda = ({ count }) =>
      count === 5 ? { reset: 'before', act: () => killAll('import-jobs') } : undefined;
    expect((await project.import(path)).status).toBe(500);
    own.hooks.lambda = undefined;
    expect(await shown(project)).toMatchObject({ state: 'running' });
    expect(await lookAfter(project)).toBe(MANY.length);
    await expectWhole(project, MANY);
  });

  test('if the planner broke off, which does it again', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, MANY), {}, KEY);
    own.sqs.reset();
    own.hooks.sqs = ({ operation, count }) => (operation === 'SendMessageBatch' && count === 2 ? REFUSED : undefined);
    await expect(own.plan(project)).rejects.toThrow('the planner failed');
    own.hooks.sqs = undefined;
    expect(own.archives(project)).toHaveLength(10);
    expect(await own.plan(project)).toHaveLength(MANY.length);
    for (const message of own.archives(project)) expect(await own.deliver(message)).toBe('done');
    await expectWhole(project, MANY);
  });

  test('if the queue took some archives only', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, JOBS));
    const Failed = [{ Id: '1', Code: 'InternalError', SenderFault: false }];
    const headers = { 'content-type': 'application/x-amz-json-1.0' };
    own.hooks.sqs = ({ operation }) =>
      operation === 'SendMessageBatch'
        ? { status: 200, headers, body: JSON.stringify({ Successful: [], Failed }) }
        : undefined;
    await expect(own.plan(project)).rejects.toThrow('the planner failed');
    own.hooks.sqs = undefined;
    for (const message of await own.plan(project)) await own.deliver(message);
    await expectWhole(project, JOBS);
  });

  test('if a worker died in the middle of an archive', async () => {
    const project = await own.newProject();
    const path = await project.putJobs(
      'x.zip',
      MANY.map((name) => ({ name })),
    );
    await importAsync(project, path);
    const [message] = await own.plan(project);
    if (message === undefined) throw new Error('no message');
    own.table.reset();
    own.hooks.table = ({ operation, count, body }) =>
      operation === 'UpdateItem' && count > 5 && body.includes('job#')
        ? { reset: 'after', act: () => killAll('import-queued-archive') }
        : undefined;
    expect(await own.deliver(message)).toBe('died');
    own.hooks.table = undefined;
    expect(await shown(project)).toMatchObject({ archives_done: 0, jobs_done: 0 });
    expect(await own.deliver(message, 2)).toBe('done');
    await expectWhole(project, MANY);
  });

  test('if a worker died before it noted the end', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, JOBS));
    const messages = await own.plan(project);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`imports#${project.projectId}`)
        ? { reset: 'before', act: () => killAll('import-queued-archive') }
        : undefined;
    const ends = [];
    for (const message of messages) ends.push(await own.deliver(message));
    own.hooks.table = undefined;
    expect(ends).toEqual(['done', 'done', 'died']);
    // What is told of it needs no note.
    expect(await shown(project)).toMatchObject({ state: 'finished', counts: { created: 3 } });
    for (const message of messages.slice(2)) expect(await own.deliver(message, 2)).toBe('done');
    const [listed] = (await project.send('GET', `${project.jobs}/imports`)).json.imports;
    expect(listed).toMatchObject({ state: 'finished', counts: { created: 3 }, end_time: expect.any(Number) });
    await expectWhole(project, JOBS);
  });
});

describe('an import is left alone by who looks after it', () => {
  test('if it has ended', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    await project.import(path);
    const writes = await own.writesDuring(async () => expect(await lookAfter(project)).toBe(0));
    expect(writes).toEqual([]);
  });

  test('if another run carries it out since', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    await importAsync(project, path, {}, KEY);
    await project.send('DELETE', `${project.jobs}/imports/1`);
    await importAsync(project, path, {}, KEY);
    const writes = await own.writesDuring(async () => expect(await lookAfter(project)).toBe(0));
    expect(writes).toEqual([]);
    expect(await own.plan(project)).toHaveLength(JOBS.length);
  });
});
