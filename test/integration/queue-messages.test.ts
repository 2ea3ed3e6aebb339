import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEADLY_RECEIVES, GIVEN_UP_RECEIVES, QUEUE_RECEIVES } from '../../lib/limits.ts';
import { itemsOf, jobItem, putItem } from './client.ts';
import {
  about,
  beginQueued,
  expectEachOnce,
  importAsync,
  KEY,
  putEach,
  type QueueStack,
  shown,
  startQueueStack,
} from './queue-stack.ts';

let own: QueueStack;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
});
afterAll(() => own.close());

const killAll = (functionKey: string) => {
  for (const pid of own.pids(functionKey)) process.kill(pid, 'SIGKILL');
};

describe('a message that comes again', () => {
  test('when its archive is done, and the import is not, notes that it is done, and revives no job', async () => {
    const { project, messages } = await beginQueued(own, ['a', 'b']);
    await own.deliver(about(messages, 'a'));
    await project.send('DELETE', `${project.jobs}/1`);
    const writes = await own.writesDuring(async () => {
      expect(await own.deliver(about(messages, 'a'), 2)).toBe('done');
    });
    // The one is the claim of an archive, which is refused; the other the progress.
    expect(writes).toEqual(['PutItem import#', 'UpdateItem import#']);
    expect(await jobItem(project.projectId, 'a')).not.toHaveProperty('job_id');
    expect(await shown(project)).toMatchObject({ state: 'running', archives_done: 1, jobs_done: 1 });
    await own.deliver(about(messages, 'b'));
    expect(await shown(project)).toMatchObject({ state: 'finished', archives_done: 2, counts: { created: 2 } });
  });

  test.each([1, 2, GIVEN_UP_RECEIVES])(
    'when the import has ended writes nothing, whether it came %i times',
    async (receives) => {
      const { project, messages } = await beginQueued(own, ['a']);
      await own.deliver(about(messages, 'a'));
      await project.send('DELETE', `${project.jobs}/1`);
      const before = await shown(project);
      const writes = await own.writesDuring(async () => {
        expect(await own.deliver(about(messages, 'a'), receives)).toBe('done');
      });
      expect(writes).toEqual([]);
      expect(await jobItem(project.projectId, 'a')).not.toHaveProperty('job_id');
      expect(await shown(project)).toEqual(before);
    },
  );

  test.each([1, GIVEN_UP_RECEIVES])(
    'when the record of its import has expired writes nothing (%i times)',
    async (receives) => {
      const { project, messages } = await beginQueued(own, ['a']);
      const [record] = await itemsOf(`imports#${project.projectId}`);
      await putItem({ ...record, expires_at: Math.floor(Date.now() / 1000) });
      const writes = await own.writesDuring(async () => {
        expect(await own.deliver(about(messages, 'a'), receives)).toBe('done');
      });
      expect(writes).toEqual([]);
      expect(await jobItem(project.projectId, 'a')).toBeUndefined();
    },
  );

  test('to the planner sends nothing more', async () => {
    const { project, messages } = await beginQueued(own, ['a', 'b']);
    for (const plan of own.plans(project)) expect(await own.deliver(plan)).toBe('done');
    expect(own.archives(project)).toEqual(messages);
  });
});

describe('a message that came as often as it may', () => {
  test('is not tried, but given up, and the import ends; with its key it is tried once more', async () => {
    const { project, path, messages } = await beginQueued(own, ['a', 'b', 'c']);
    await own.deliver(about(messages, 'a'));
    await own.deliver(about(messages, 'c'));
    own.s3.reset();
    expect(await own.deliver(about(messages, 'b'), GIVEN_UP_RECEIVES)).toBe('done');
    expect(own.s3.calls).toEqual(new Map());
    expect(await jobItem(project.projectId, 'b')).toBeUndefined();
    const ended = await shown(project);
    expect(ended).toMatchObject({
      is_success: 'false',
      state: 'finished',
      archives_done: 2,
      counts: { created: 2, failed: 1 },
      job_mapping: [
        { action: 'created', job_name: 'a' },
        {
          action: 'failed',
          new_job_id: -1,
          error_code: 'DLI.0999',
          remark: expect.stringMatching(/b\.zip" is not known to be imported: .*Send the request again/),
        },
        { action: 'created', job_name: 'c' },
      ],
    });
    const [listed] = (await project.send('GET', `${project.jobs}/imports`)).json.imports;
    expect(listed).toMatchObject({ state: 'finished', counts: ended.counts });

    expect((await importAsync(project, path, {}, KEY)).json).toMatchObject({ import_id: 1, state: 'queued' });
    const again = await own.plan(project);
    expect(again).toHaveLength(1);
    expect(await shown(project)).toMatchObject({ state: 'running', archives_done: 2 });
    expect(await own.deliver(about(again, 'b'))).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 3 } });
    await expectEachOnce(project, ['a', 'b', 'c']);
  });

  test('the time before is tried', async () => {
    const { project, messages } = await beginQueued(own, ['a']);
    expect(await own.deliver(about(messages, 'a'), GIVEN_UP_RECEIVES - 1)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished' });
  });

  test('is given up later, if that failed: the queue has some deliveries left', async () => {
    const { project, messages } = await beginQueued(own, ['a']);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('given_up') ? REFUSED : undefined;
    for (let receive = GIVEN_UP_RECEIVES; receive < QUEUE_RECEIVES; receive++)
      expect(await own.deliver(about(messages, 'a'), receive)).toBe('again');
    own.hooks.table = undefined;
    expect(await own.deliver(about(messages, 'a'), QUEUE_RECEIVES)).toBe('done');
    expect(await shown(project)).toMatchObject({ state: 'finished', counts: { failed: 1 } });
  });

  test.each([
    ['is given up earlier', DEADLY_RECEIVES, { state: 'finished', counts: { failed: 1 } }],
    ['but not before', DEADLY_RECEIVES - 1, { is_success: 'true', counts: { created: 1 } }],
  ])('and at which its workers died %s', async (_case, receives, wanted) => {
    const { project, messages } = await beginQueued(own, ['a']);
    own.hooks.s3 = ({ operation }) =>
      operation === 'GET object' ? { reset: 'before', act: () => killAll('import-queued-archive') } : undefined;
    expect(await own.deliver(about(messages, 'a'))).toBe('died');
    own.hooks.s3 = undefined;
    expect(await own.deliver(about(messages, 'a'), receives)).toBe('done');
    expect(await shown(project)).toMatchObject(wanted);
  });

  test('is no reason to give up what was only throttled', async () => {
    const { project, messages } = await beginQueued(own, ['a']);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"job#') ? REFUSED : undefined;
    expect(await own.deliver(about(messages, 'a'), DEADLY_RECEIVES - 1)).toBe('again');
    expect(await own.deliver(about(messages, 'a'), GIVEN_UP_RECEIVES - 2)).toBe('again');
    own.hooks.table = undefined;
    expect(await own.deliver(about(messages, 'a'), GIVEN_UP_RECEIVES - 1)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', counts: { created: 1 } });
  });

  test('is not given up if its archive is done: only its end was not noted', async () => {
    const { project, messages } = await beginQueued(own, ['a']);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('progress#') ? REFUSED : undefined;
    expect(await own.deliver(about(messages, 'a'))).toBe('again');
    own.hooks.table = undefined;
    expect(await own.deliver(about(messages, 'a'), GIVEN_UP_RECEIVES)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 1 } });
    const items = await itemsOf(`import#${project.projectId}#1`);
    expect(items).toHaveLength(2);
    expect(JSON.stringify(items)).not.toContain('given_up');
  });

  test('leaves of an archive what is known of it, and the rest is not known to be imported', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', [{ name: 'a' }, { name: 'b' }]);
    await importAsync(project, path, {}, KEY);
    const [message] = await own.plan(project);
    if (message === undefined) throw new Error('no message');
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`job#${project.projectId}#b`) ? REFUSED : undefined;
    expect(await own.deliver(message)).toBe('again');
    expect(await shown(project)).toMatchObject({ state: 'queued', archives_done: 0 });
    own.hooks.table = undefined;
    expect(await own.deliver(message, GIVEN_UP_RECEIVES)).toBe('done');
    expect(await shown(project)).toMatchObject({
      is_success: 'false',
      state: 'finished',
      job_mapping: [
        { action: 'created', job_name: 'a' },
        { action: 'failed', job_name: 'b', remark: expect.stringContaining('not known to be imported') },
      ],
    });
    await importAsync(project, path, {}, KEY);
    for (const again of await own.plan(project)) expect(await own.deliver(again)).toBe('done');
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 2 } });
    await expectEachOnce(project, ['a', 'b']);
  });

  test('to the planner interrupts the import, which its key continues', async () => {
    const project = await own.newProject();
    const path = await putEach(project, ['a', 'b']);
    await importAsync(project, path, {}, KEY);
    const plan = own.plans(project).at(-1);
    expect(plan && (await own.deliver(plan, GIVEN_UP_RECEIVES))).toBe('done');
    expect(own.archives(project)).toEqual([]);
    expect(await shown(project)).toMatchObject({
      is_success: 'false',
      state: 'interrupted',
      counts: { not_started: 2 },
    });
    expect((await importAsync(project, path, {}, KEY)).json).toMatchObject({ import_id: 1, state: 'queued' });
    for (const message of await own.plan(project)) await own.deliver(message);
    expect(await shown(project)).toMatchObject({ is_success: 'true', state: 'finished' });
    await expectEachOnce(project, ['a', 'b']);
  });
});

/** As a table refuses what it cannot take: its client does not repeat it. */
const REFUSED = { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}' };
