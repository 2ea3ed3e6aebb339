import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { itemsOf, jobItem, type ProjectClient, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const JOBS = Array.from({ length: 60 }, (_, n) => ({ name: `job-${String(n).padStart(2, '0')}`, job_id: n }));
const MIDDLE = 25;

type Row = { action: string; new_job_id: number; job_name: string; remark: string };

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
});
afterAll(() => own.close());

function send(project: ProjectClient, zipFile: string, key: string, isCover = false) {
  const body = JSON.stringify({ zip_file: zipFile, is_cover: isCover });
  return project.send('POST', `${project.jobs}/import`, body, { 'idempotency-key': key });
}

/** Does something at the n-th call of an operation from now on, once. */
function at(operation: string, n: number, act: () => { status: number; body: string } | undefined): void {
  own.table.reset();
  own.hooks.table = ({ operation: called, count }) => {
    if (called !== operation || count !== n) return undefined;
    own.hooks.table = undefined;
    return act();
  };
}

const importIds = async (project: ProjectClient) =>
  (await itemsOf(`imports#${project.projectId}`)).map(({ import_id }) => import_id);

/** Every job is created, once, by the one import, as if nothing had happened. */
async function expectWhole(
  project: ProjectClient,
  json: { is_success: string; import_id: number; job_mapping: Row[] },
) {
  expect(json).toMatchObject({ is_success: 'true', import_id: 1 });
  expect(json.job_mapping.map(({ job_name, action }) => [job_name, action])).toEqual(
    JOBS.map(({ name }) => [name, 'created']),
  );
  const { jobs } = (await project.send('GET', `${project.jobs}?limit=100`)).json.job_list;
  const ids = new Map(jobs.map((job: { name: string; job_id: number }) => [job.name, job.job_id]));
  expect(json.job_mapping.map(({ new_job_id }) => new_job_id)).toEqual(JOBS.map(({ name }) => ids.get(name)));
  expect(new Set(ids.values()).size).toBe(JOBS.length);
  for (const { name } of JOBS)
    expect(await jobItem(project.projectId, name)).toMatchObject({ revision: 1, created_by: 1 });
  expect(await importIds(project)).toEqual([1]);
}

describe('a request with an Idempotency-Key', () => {
  test('that has ended is answered again, and nothing is done again', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS.slice(0, 3));
    const first = await send(project, path, 'key', true);
    const record = await itemsOf(`imports#${project.projectId}`);
    await project.putJobs('x.zip', [{ name: 'another' }]);
    own.table.reset();
    const again = await send(project, path, 'key', true);
    expect(again.status).toBe(200);
    expect(again.json).toEqual(first.json);
    // When it ended stays as it was: nothing is written.
    expect([...own.table.calls.keys()].sort()).toEqual(['GetItem', 'Query']);
    expect(await itemsOf(`imports#${project.projectId}`)).toEqual(record);
    expect(await jobItem(project.projectId, 'job-00')).toMatchObject({ revision: 1 });
    expect(await importIds(project)).toEqual([1]);
  });

  test('that was refused is refused again', async () => {
    const project = await own.newProject();
    const path = await project.put('x.zip', Buffer.from('no zip'));
    const first = await send(project, path, 'key');
    const again = await send(project, path, 'key');
    expect(again.status).toBe(400);
    expect(again.json).toEqual(first.json);
    expect(await importIds(project)).toEqual([1]);
  });

  test('that failed before it was accepted is tried anew', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('other.zip', { name: 'a' });
    const missing = path.replace('other', 'x');
    expect((await send(project, missing, 'key')).json.error_code).toBe('DLI.0002');
    await project.putJobs('x.zip', { name: 'a' });
    expect((await send(project, missing, 'key')).json.is_success).toBe('true');
  });

  test('is refused, with nothing written, if the key was used for another one', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', { name: 'a' });
    const other = await project.putJobs('y.zip', { name: 'b' });
    await send(project, path, 'key');
    for (const [zipFile, isCover] of [
      [other, false],
      [path, true],
    ] as const) {
      const { status, json } = await send(project, zipFile, 'key', isCover);
      expect(status).toBe(400);
      expect(json).toMatchObject({
        error_code: 'DLI.0001',
        error_msg: expect.stringContaining('used for another request'),
      });
    }
    expect(await importIds(project)).toEqual([1]);
    expect(await jobItem(project.projectId, 'b')).toBeUndefined();
  });

  test('means one import of its own project only', async () => {
    const [one, other] = [await own.newProject(), await own.newProject()];
    for (const project of [one, other]) {
      const { json } = await send(project, await project.putJobs('x.zip', { name: 'a' }), 'key');
      expect(json).toMatchObject({ is_success: 'true', import_id: 1 });
    }
  });

  test('twice at once runs once; the other one gets its answer, or is told that it runs', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    const answers = await Promise.all([1, 2, 3, 4].map(() => send(project, path, 'key')));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const { status, json } of answers) {
      if (status !== 200)
        expect(json).toMatchObject({
          error_code: 'DLI.0007',
          error_msg: expect.stringMatching(/still running: see .*\/imports\/\d+\. .* after \d+ s\.$/),
        });
    }
    expect(await importIds(project)).toHaveLength(1);
    for (const { name } of JOBS) expect(await jobItem(project.projectId, name)).toMatchObject({ revision: 1 });
  });

  test.each(['', 'x'.repeat(65), 'a b', 'ä'])('may not be %j', async (key) => {
    const project = await own.newProject();
    const { status, json } = await send(
      project,
      await project.putJobs('x.zip', { name: 'a' }),
      encodeURI(key) === key ? key : 'a b',
    );
    expect([status, json.error_code]).toEqual([400, 'DLI.0001']);
    expect(json.error_msg).toMatch(/^Idempotency-Key: expected 1 to 64 printable characters/);
  });

  test('may have 64 characters', async () => {
    const project = await own.newProject();
    const { json } = await send(project, await project.putJobs('x.zip', { name: 'a' }), '~'.repeat(64));
    expect(json.is_success).toBe('true');
  });
});

describe('an import that failed on the way and is sent again under its key', () => {
  test('goes on after the table was down in the middle of it, and ends as if nothing had happened', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    let isDown = false;
    own.table.reset();
    own.hooks.table = ({ operation, count }) => {
      isDown = isDown ? operation !== 'PutItem' : operation === 'UpdateItem' && count === MIDDLE;
      return isDown
        ? { status: 500, body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}' }
        : undefined;
    };
    const first = await send(project, path, 'key');
    own.hooks.table = undefined;
    expect(first.json.is_success).toBe('false');
    expect(first.json.job_mapping.filter(({ action }: Row) => action === 'created').length).toBeGreaterThan(0);
    await expectWhole(project, (await send(project, path, 'key')).json);
  });

  test('goes on after its worker was killed', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    at('UpdateItem', MIDDLE, () => {
      for (const pid of own.workerPids()) process.kill(pid, 'SIGKILL');
      return undefined;
    });
    const first = await send(project, path, 'key');
    expect(first.json).toMatchObject({ is_success: 'false', import_id: 1, job_mapping: [{ action: 'failed' }] });
    await expectWhole(project, (await send(project, path, 'key')).json);
  });

  test('is not told to have written nothing, when its worker was killed and its archive is another one since', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    at('UpdateItem', MIDDLE, () => {
      for (const pid of own.workerPids()) process.kill(pid, 'SIGKILL');
      return undefined;
    });
    await send(project, path, 'key');
    expect((await project.send('GET', project.jobs)).json.job_list.total_count).toBeGreaterThan(0);
    await project.putJobs('x.zip', { name: 'other' });
    const { status, json } = await send(project, path, 'key');
    expect(status).toBe(200);
    expect(json).toMatchObject({
      is_success: 'false',
      job_mapping: [
        {
          new_job_id: -1,
          action: 'failed',
          error_code: 'DLI.0002',
          remark: expect.stringMatching(
            /is not known to be imported, since an earlier try .* was replaced .* with another Idempotency-Key/,
          ),
        },
      ],
    });
    expect((await send(project, path, 'key')).text).toBe(JSON.stringify(json));
    expect(await jobItem(project.projectId, 'other')).toBeUndefined();
  });

  test('keeps what one job came to, and tries again only the one that failed', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    // Refused for good, as a table refuses what it cannot take: no other write is begun, those under way end.
    at('UpdateItem', MIDDLE, () => ({
      status: 400,
      body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}',
    }));
    const first = await send(project, path, 'key');
    const actions = first.json.job_mapping.map(({ action }: Row) => action);
    expect(new Set(actions)).toEqual(new Set(['created', 'failed', 'not_started']));
    expect(actions.filter((action: string) => action === 'failed')).toHaveLength(1);
    await expectWhole(project, (await send(project, path, 'key')).json);
  });

  test('takes the number that was claimed when nothing more of it was written', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    // The first item is the claim, the second one the record.
    at('PutItem', 2, () => ({
      status: 400,
      body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}',
    }));
    const first = await send(project, path, 'key');
    expect(first.json.error_code).toBe('DLI.0999');
    expect(await importIds(project)).toEqual([]);
    await expectWhole(project, (await send(project, path, 'key')).json);
  });
});

// It waits, and any table would be waited for.
describe.runIf(stack.isEmbedded)('a worker whose time is up', () => {
  let slow: OwnStack;
  beforeAll(async () => {
    slow = await startOwnStack({ 'import-archive': 6 });
  });
  afterAll(() => slow.close());

  test.each([
    ['writes of 1.5 s', 1_500],
    ['writes that are given up', 6_000],
  ])(
    'begins no other write after %s, says what is done and what is not, and is continued under the key',
    async (_, delayMs) => {
      const project = await slow.newProject();
      const path = await project.putJobs('x.zip', JOBS);
      let writes = 0;
      slow.hooks.table = ({ operation, body }) => {
        const isWrite = operation === 'UpdateItem' && body.includes('"job#');
        return isWrite && ++writes > 3 ? { delayMs } : undefined;
      };
      const { status, json } = await send(project, path, 'key');
      slow.hooks.table = undefined;
      expect(status).toBe(200);
      expect(json.is_success).toBe('false');
      const left = json.job_mapping.filter(({ action }: Row) => action === 'not_started');
      const done = json.job_mapping.filter(({ action }: Row) => action === 'created');
      expect(left.length).toBeGreaterThan(0);
      expect(done.length).toBeGreaterThan(0);
      // What was under way for too long was given up.
      const givenUp = json.job_mapping.filter(({ action }: Row) => action === 'failed');
      for (const row of givenUp) expect(row.remark).toContain('not known to be imported');
      expect(left.length + done.length + givenUp.length).toBe(JOBS.length);
      for (const row of left) {
        expect(row).toMatchObject({ error_code: 'DLI.0019', remark: expect.stringMatching(/no time left/) });
      }
      const { total_count: total } = (await project.send('GET', project.jobs)).json.job_list;
      expect(total).toBeGreaterThanOrEqual(done.length);
      expect(total).toBeLessThanOrEqual(done.length + givenUp.length);
      await expectWhole(project, (await send(project, path, 'key')).json);
    },
  );
});
