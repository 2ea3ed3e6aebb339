import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { itemsOf, type ProjectClient } from './client.ts';
import { startMeddling } from './meddlers.ts';
import { KEY, LAMBDA_THROTTLES, putEach, type QueueStack, shown, startQueueStack } from './queue-stack.ts';

const services = ['s3', 'table', 'lambda'] as const;
let own: QueueStack;
let meddle: ReturnType<typeof startMeddling<(typeof services)[number]>>;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
  meddle = startMeddling(own.hooks, services);
});
afterAll(() => own.close());

const FORTY = Array.from({ length: 40 }, (_, n) => `job-${n + 10}`);

const cancel = (project: ProjectClient, importId = 1) => project.send('DELETE', `${project.jobs}/imports/${importId}`);
const post = (project: ProjectClient, path: string, headers = {}) =>
  project.send('POST', `${project.jobs}/import`, JSON.stringify({ zip_file: path }), headers);
const recordOf = async (project: ProjectClient) => (await itemsOf(`imports#${project.projectId}`))[0];

describe.concurrent('in the last seconds of a request', () => {
  test('an import that is cancelled in the last seconds of its request says so, and what was not begun', async ({
    expect,
  }) => {
    const project = await own.newProject();
    const path = await putEach(project, FORTY);
    await post(project, `${path}/none.zip`);
    meddle(project, { s3: ({ operation }) => (operation === 'GET object' ? { delayMs: 6_500 } : undefined) });
    const importing = post(project, path, KEY);
    // The last look whether it was cancelled comes before.
    await sleep(20_800);
    expect((await cancel(project)).json.state).toBe('cancelled');
    const { status, json } = await importing;
    expect(status).toBe(202);
    expect(json).toMatchObject({ is_success: 'false', state: 'cancelled' });
    expect(json.message).toMatch(/^cancelled: \d+ of 40 archives done, \d+ not started; see /);
    await expect
      .poll(async () => (await shown(project)).counts, { timeout: 20_000 })
      .toEqual({
        created: expect.any(Number),
        not_started: expect.any(Number),
      });
    expect(await recordOf(project)).toMatchObject({ state: 'cancelled', begun: expect.any(Number) });
  });

  test('an import that has ended is told of by its address if its outcomes cannot be read in time', async ({
    expect,
  }) => {
    const project = await own.newProject();
    const path = await putEach(project, ['a', 'b']);
    await post(project, `${path}/none.zip`);
    meddle(project, {
      lambda: () => LAMBDA_THROTTLES,
      table: ({ operation, body }) =>
        operation === 'Query' && body.includes('archive#') && own.archives(project).length > 0
          ? { delayMs: 25_000 }
          : undefined,
    });
    const importing = post(project, path);
    await expect.poll(() => own.plans(project).length, { timeout: 20_000 }).toBe(2);
    for (const message of await own.plan(project)) own.deliver(message);
    const { status, json } = await importing;
    expect(status).toBe(202);
    expect(json).toMatchObject({
      import_id: 1,
      job_mapping: [],
      message: expect.stringContaining(`${project.jobs}/imports/1`),
    });
  });

  test('an import whose note comes too late says where to look, for it goes on', async ({ expect }) => {
    const project = await own.newProject();
    const path = await putEach(project, ['a', 'b']);
    await post(project, `${path}/none.zip`);
    meddle(project, {
      table: ({ operation, body }) =>
        operation === 'PutItem' && body.includes('"imports#') ? { delayMs: 22_000 } : undefined,
    });
    const { status, json } = await post(project, path);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error_code: 'DLI.0019',
      error_msg: expect.stringMatching(
        /was not noted within 20 s, and may be yet: then it goes on by itself\. Look at \S+\/imports\/\d+ before/,
      ),
    });
    const address = /\S+\/imports\/\d+/.exec(json.error_msg)?.[0] ?? '';
    await expect.poll(async () => (await project.send('GET', address)).status, { timeout: 20_000 }).toBe(200);
  });

  test('an import that found too few workers tells of those that were done, too', async ({ expect }) => {
    const project = await own.newProject();
    const path = await putEach(project, ['a', 'b', 'c']);
    await post(project, `${path}/none.zip`);
    meddle(project, { lambda: ({ body }) => (body.includes('/c.zip"') ? LAMBDA_THROTTLES : undefined) });
    const { status, json } = await post(project, path);
    expect(status).toBe(202);
    expect(json).toMatchObject({ state: 'running', message: expect.stringContaining('2 of 3 archives done so far') });
    expect(await shown(project)).toMatchObject({ state: 'running', archives_done: 2 });
  });
});
