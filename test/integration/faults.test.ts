import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProjectClient } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const JOBS = Array.from({ length: 60 }, (_, n) => ({ name: `job-${n}`, job_id: n, sql_body: `SELECT ${n}` }));
/** A write in the middle of an archive. */
const MIDDLE = 25;

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
});
afterAll(() => own.close());

/** Does something at the n-th write from now on, once. */
function atWrite(n: number, act: () => void): void {
  own.table.reset();
  own.hooks.table = ({ operation, count }) => {
    if (operation === 'UpdateItem' && count === n) {
      own.hooks.table = undefined;
      act();
    }
    return undefined;
  };
}

/** Imports again without a fault, and finds every job once. */
async function expectRepaired(project: ProjectClient, path: string) {
  const { json } = await project.import(path);
  expect(json.is_success).toBe('true');
  const { jobs, total_count } = (await project.send('GET', `${project.jobs}?limit=100`)).json.job_list;
  expect(total_count).toBe(JOBS.length);
  expect(jobs.map(({ name }: { name: string }) => name).sort()).toEqual(JOBS.map(({ name }) => name).sort());
  expect(new Set(jobs.map(({ job_id }: { job_id: number }) => job_id)).size).toBe(JOBS.length);
}

describe('a table that does not answer', () => {
  // First, with retries to spare: after an outage the SDK grants a client fewer of them.
  test('for a while in the middle of an archive is waited for', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    atWrite(MIDDLE, () => {
      own.table.unplug();
      setTimeout(() => own.table.plug(), 10);
    });
    const { json } = await project.import(path);
    expect(json.is_success).toBe('true');
    await expectRepaired(project, path);
  });

  test('in full, but stalls in the middle of its answer, is asked again', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    own.table.reset();
    own.hooks.table = ({ operation, count }) =>
      operation === 'UpdateItem' && count === MIDDLE ? { cutBody: 'stall' } : undefined;
    const { json } = await project.import(path);
    own.hooks.table = undefined;
    expect(json.is_success).toBe('true');
    await expectRepaired(project, path);
  });

  test('at the door is not waited for until the gateway gives up', async () => {
    const project = await own.newProject();
    own.hooks.table = ({ operation }) => (operation === 'BatchGetItem' ? { delayMs: 60_000 } : undefined);
    const { status, json } = await project.import('any/x.zip');
    own.hooks.table = undefined;
    expect(status).toBe(400);
    expect(json.error_code).toBe('DLI.0999');
  });

  test('in time makes a list one of which nothing is known, told before its time is up', async () => {
    const slow = await startOwnStack({ 'list-jobs': 3 });
    try {
      const project = await slow.newProject();
      slow.hooks.table = ({ operation }) => (operation === 'Query' ? { delayMs: 4_000 } : undefined);
      const { status, json } = await project.send('GET', project.jobs);
      expect(status).toBe(400);
      expect(json).toMatchObject({
        error_code: 'DLI.0019',
        error_msg: expect.stringMatching(/no answer in time.*Send the request again/),
      });
    } finally {
      await slow.close();
    }
  });

  test('is a server-side error that tells nothing of the fault, and is over when the table is back', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    own.table.unplug();
    for (const answer of [await project.send('GET', project.jobs), await project.import(path)]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.headers.get('x-request-id')).toBeTruthy();
      expect(answer.json).toEqual({
        error_code: 'DLI.0999',
        error_msg: expect.stringMatching(/^The server failed\. Send the request again/),
      });
      expect(answer.text).not.toMatch(/ECONN|socket|127\.0\.0\.1/);
    }
    own.table.plug();
    await expectRepaired(project, path);
  });

  test('in the middle of an archive makes a failed row, never a false success, and the import can be repeated', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    atWrite(MIDDLE, () => own.table.unplug());
    const { status, json } = await project.import(path);
    own.table.plug();
    expect(status).toBe(200);
    expect(json.is_success).toBe('false');
    expect(json.job_mapping).toMatchObject([
      {
        new_job_id: -1,
        action: 'failed',
        error_code: 'DLI.0999',
        remark: expect.stringMatching(/not known to be imported.*[Ss]end the request again/),
      },
    ]);
    await expectRepaired(project, path);
  });
});

test('a worker that is killed in the middle of an archive makes a failed row, and the import can be repeated', async () => {
  const project = await own.newProject();
  const path = await project.putJobs('x.zip', JOBS);
  await project.send('GET', project.jobs);
  atWrite(MIDDLE, () => {
    for (const pid of own.workerPids()) process.kill(pid, 'SIGKILL');
  });
  const { status, json } = await project.import(path);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    is_success: 'false',
    job_mapping: [{ new_job_id: -1, action: 'failed', error_code: 'DLI.0999' }],
  });
  await expectRepaired(project, path);
});

describe('the body of an archive', () => {
  test.each(['reset', 'stall'] as const)('that breaks off (%s) is read again', async (cutBody) => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    own.s3.reset();
    own.hooks.s3 = ({ operation, count }) => (operation === 'GET object' && count === 1 ? { cutBody } : undefined);
    const { json } = await project.import(path);
    own.hooks.s3 = undefined;
    expect(json.is_success).toBe('true');
    expect(own.s3.calls.get('GET object')).toBe(2);
  });

  test('that breaks off every time is given up, and nothing of it is imported', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', JOBS);
    own.s3.reset();
    own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? { cutBody: 'reset' } : undefined);
    const { json } = await project.import(path);
    own.hooks.s3 = undefined;
    expect(json).toMatchObject({ is_success: 'false', job_mapping: [{ new_job_id: -1, error_code: 'DLI.0999' }] });
    expect(own.s3.calls.get('GET object')).toBe(3);
    await expectRepaired(project, path);
  });

  test('that is replaced after it was looked at is not taken for the other one', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', { name: 'seen' });
    own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? { delayMs: 3_000 } : undefined);
    own.s3.reset();
    const importing = project.import(path);
    await expect.poll(() => own.s3.calls.get('GET object') ?? 0, { timeout: 20_000 }).toBeGreaterThan(0);
    own.hooks.s3 = undefined;
    await project.putJobs('x.zip', { name: 'replaced' });
    const { status, json } = await importing;
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error_code: 'DLI.0002',
      error_msg: expect.stringContaining('was replaced while it was imported'),
    });
    expect((await project.send('GET', project.jobs)).json.job_list.total_count).toBe(0);
  });
});
