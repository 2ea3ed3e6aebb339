import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newProject, type ProjectClient } from './client.ts';
import {
  about,
  expectEachOnce,
  importAsync,
  KEY,
  putEach,
  type QueueStack,
  shown,
  startGate,
  startQueueStack,
} from './queue-stack.ts';
import { eventOf, startUploadStack } from './upload-stack.ts';

let own: QueueStack;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
});
afterAll(() => own.close());
afterEach(() => {
  for (const service of ['s3', 'table', 'lambda'] as const) own.hooks[service] = undefined;
});

const JOBS = ['a', 'b', 'c', 'd', 'e'];

const cancel = (project: ProjectClient, importId: number | string = 1) =>
  project.send('DELETE', `${project.jobs}/imports/${importId}`);

const listed = async (project: ProjectClient) => (await project.send('GET', `${project.jobs}/imports`)).json.imports;

describe('an import on the queue that is cancelled', () => {
  test('keeps what is done, does no more, and goes on when it is sent again with its key', async () => {
    const project = await own.newProject();
    const path = await putEach(project, JOBS);
    await importAsync(project, path, {}, KEY);
    const messages = await own.plan(project);
    for (const job of ['b', 'd']) await own.deliver(about(messages, job));

    const { status, json } = await cancel(project);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      is_success: 'false',
      import_id: 1,
      state: 'cancelled',
      archives_total: 5,
      archives_done: 2,
      jobs_done: 2,
      counts: { created: 2, not_started: 3 },
    });
    expect(json.job_mapping.map(({ action }: { action: string }) => action)).toEqual([
      'not_started',
      'created',
      'not_started',
      'created',
      'not_started',
    ]);
    const writes = await own.writesDuring(async () => {
      for (const message of messages) expect(await own.deliver(message, 2)).toBe('done');
      for (const plan of own.plans(project)) expect(await own.deliver(plan)).toBe('done');
    });
    expect(writes).toEqual([]);
    expect(own.archives(project)).toHaveLength(JOBS.length);
    expect(await shown(project)).toEqual(json);
    expect(await listed(project)).toMatchObject([{ state: 'cancelled', counts: { created: 2, not_started: 3 } }]);
    await expectEachOnce(project, ['b', 'd']);

    expect((await importAsync(project, path, {}, KEY)).json).toMatchObject({ import_id: 1, state: 'queued' });
    const rest = await own.plan(project);
    expect(rest).toHaveLength(3);
    // Those of before may come, too.
    for (const message of [...rest, ...messages]) expect(await own.deliver(message)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 5 } });
    await expectEachOnce(project, JOBS);
  });

  test('before it was planned is not planned', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, ['a', 'b']));
    expect((await cancel(project)).json).toMatchObject({ state: 'cancelled', counts: { not_started: 2 } });
    expect(await own.plan(project)).toEqual([]);
  });

  test('while a worker is at it tells that what it does is not known, and what it did when it has ended', async () => {
    const project = await own.newProject();
    await importAsync(project, await putEach(project, ['a', 'b']));
    const messages = await own.plan(project);
    const gate = startGate();
    own.s3.reset();
    own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? gate.hold() : undefined);
    const working = own.deliver(about(messages, 'a'));
    await expect.poll(() => own.s3.calls.get('GET object'), { timeout: 20_000 }).toBe(1);
    const { json } = await cancel(project);
    expect(json).toMatchObject({
      state: 'cancelled',
      job_mapping: [
        { action: 'failed', remark: expect.stringContaining('not known to be imported') },
        { action: 'not_started' },
      ],
    });
    gate.open();
    expect(await working).toBe('done');
    expect(await shown(project)).toMatchObject({
      state: 'cancelled',
      archives_done: 1,
      counts: { created: 1, not_started: 1 },
    });
  });
});

describe('an import that is handed to workers directly, and is cancelled,', () => {
  const MANY = Array.from({ length: 50 }, (_, n) => `job-${String(n).padStart(2, '0')}`);

  test('begins no archive any more, says so, and goes on when it is sent again', async () => {
    const project = await own.newProject();
    const path = await putEach(project, MANY);
    own.lambda.reset();
    // Eight at a time are 16 before it looks whether it was cancelled, and 24 as it does.
    own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? { delayMs: 1_600 } : undefined);
    const body = JSON.stringify({ zip_file: path });
    const importing = project.send('POST', `${project.jobs}/import`, body, KEY);
    await expect.poll(() => own.lambda.calls.get('Invoke') ?? 0, { timeout: 20_000 }).toBeGreaterThanOrEqual(8);
    expect((await cancel(project)).json).toMatchObject({ is_success: 'false', state: 'cancelled' });

    const { status, json } = await importing;
    own.hooks.s3 = undefined;
    expect(status).toBe(202);
    const begun = own.lambda.calls.get('Invoke') ?? 0;
    expect(begun).toBeLessThan(MANY.length);
    expect(json).toMatchObject({ is_success: 'false', state: 'cancelled', job_mapping: [] });
    expect(json.message).toMatch(
      new RegExp(`^cancelled: ${begun} of 50 archives done, ${MANY.length - begun} not started; see /`),
    );
    const counts = { created: begun, not_started: MANY.length - begun };
    expect(await shown(project)).toMatchObject({ state: 'cancelled', archives_done: begun, counts });
    expect(await listed(project)).toMatchObject([{ state: 'cancelled', counts }]);

    const again = await project.send('POST', `${project.jobs}/import`, body, KEY);
    expect(again.json).toMatchObject({ is_success: 'true', import_id: 1 });
    expect(await shown(project)).toMatchObject({ state: 'finished', counts: { created: MANY.length } });
    await expectEachOnce(project, MANY);
  });
});

describe('to cancel', () => {
  test('an import that has ended changes nothing, and tells of it', async () => {
    const project = await own.newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    const before = await shown(project);
    const writes = await own.writesDuring(async () => {
      const { status, json } = await cancel(project);
      expect(status).toBe(200);
      expect(json).toEqual(before);
    });
    expect(writes).toEqual([]);
  });

  test.each(['2', '99999999999999999999'])('import %s, which is none, is refused', async (importId) => {
    const project = await own.newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    const { status, json } = await cancel(project, importId);
    expect([status, json.error_code]).toEqual([400, 'DLI.0002']);
  });

  test('an import of another project is refused', async () => {
    const [one, other] = [await own.newProject(), await own.newProject()];
    await importAsync(one, await putEach(one, ['a']));
    const { status, json } = await cancel(other);
    expect([status, json.error_code]).toEqual([400, 'DLI.0002']);
    expect(await shown(one)).toMatchObject({ state: 'queued' });
  });
});

test('the import of an upload that was cancelled is not taken up again when its event comes again', async () => {
  const uploads = await startUploadStack();
  try {
    const project = uploads.adopt(await newProject());
    const data = JSON.stringify({ name: 'a' });
    const version = await uploads.put(`uploads/${project.projectId}/x.zip`, [{ name: 'job.json', data }]);
    const gate = startGate();
    let reads = 0;
    uploads.hooks.s3 = ({ operation }) => {
      if (operation !== 'GET object') return undefined;
      reads += 1;
      return gate.hold();
    };
    const delivering = uploads.deliver(eventOf(uploads.bucket, version));
    await expect.poll(() => reads, { timeout: 20_000 }).toBe(1);
    expect((await cancel(project)).json).toMatchObject({ state: 'cancelled' });
    for (const pid of uploads.pids('import-archive')) process.kill(pid, 'SIGKILL');
    // Whoever waited for the worker does not know of it, and takes the event once more.
    expect(await delivering).toEqual([0]);
    gate.open();
    uploads.hooks.s3 = undefined;
    expect(await uploads.deliver(eventOf(uploads.bucket, version))).toEqual([]);
    expect(uploads.logs.findLast(({ message }) => message === 'upload')).toMatchObject({
      message: 'upload',
      outcome: 'cancelled',
    });
    expect(await shown(project)).toMatchObject({ state: 'cancelled' });
    await expectEachOnce(project, []);
  } finally {
    await uploads.close();
  }
});
