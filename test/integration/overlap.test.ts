import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import type { Fault } from '../proxy.ts';
import { killCallerOf } from '../reliability/caller.ts';
import { importOf, zipOf } from '../reliability/case.ts';
import { faultOf } from '../reliability/faults.ts';
import { type Rig, type Run, type SeenCall, startRig } from '../reliability/rig.ts';
import { endLeases, readRecords, readState } from '../reliability/state.ts';
import { zip } from '../zip.ts';
import { stack } from './client.ts';

const JOBS = Array.from({ length: 40 }, (_, n) => ({ name: `j${n}`, job_id: n, sql_body: `SELECT ${n}` }));
const NAMES = JOBS.map(({ name }) => name);
const REFUSED = {
  status: 400,
  body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"injected"}',
};

/** Uploads without a checksum, as many clients do: S3 cannot tell then that a bit has flipped on the way. */
const plainS3 = new S3Client({
  endpoint: stack.s3Endpoint,
  region: REGION,
  credentials: CREDENTIALS,
  requestChecksumCalculation: 'WHEN_REQUIRED',
});

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(stack);
});
afterAll(() => rig.close());

const isJobWrite = ({ signature }: SeenCall) => signature.startsWith('UpdateItem job#');
const isInvoke = ({ signature }: SeenCall) => signature.startsWith('Invoke');
const send = async (run: Run, headers = { 'idempotency-key': 'key' }) => {
  const { status, text } = await importOf(rig, run, 'x.zip', false, headers);
  return { status, json: JSON.parse(text) };
};
const jobsOf = async (run: Run) => (await readState(rig, run, NAMES)).jobs;

/** A project whose import stopped half-way: the write of one job was refused for good, and others were not begun. */
async function interrupted(): Promise<Run> {
  const run = await rig.begin();
  const Key = `${run.projectId}/x.zip`;
  await plainS3.send(new PutObjectCommand({ Bucket: rig.bucket, Key, Body: zip(zipOf(JOBS)) }));
  run.onCall = (seen) => (seen.signature === 'UpdateItem job#P#j10 job' ? REFUSED : undefined);
  const { json } = await send(run);
  run.onCall = undefined;
  expect(json.job_mapping.map(({ action }: { action: string }) => action)).toContain('not_started');
  return run;
}

/** Rows of jobs that are there say so, or that it is not known. */
function expectNoLie(rows: { action: string; new_job_id: number; job_name: string }[], jobs: Map<string, unknown>) {
  for (const { action, new_job_id: id, job_name: name } of rows) {
    expect([name, action, id === -1]).toEqual([name, ...(id === -1 ? ['failed', true] : [action, false])]);
    if (id !== -1) expect(jobs.has(name), name).toBe(true);
  }
}

describe('an import that is continued', () => {
  test('and whose worker dies again says of no job that it was not imported', async () => {
    const run = await interrupted();
    let writes = 0;
    run.onCall = (seen) => {
      if (!isJobWrite(seen) || ++writes !== 12) return undefined;
      const act = killCallerOf(seen.call, rig.pids());
      return act && { reset: 'before', act };
    };
    const { json } = await send(run);
    run.onCall = undefined;
    const jobs = await jobsOf(run);
    expect(jobs.size).toBeGreaterThan(25);
    expectNoLie(json.job_mapping, jobs);
    expectNoLie((await readRecords(rig, run))?.shown.job_mapping.map(named) ?? [], jobs);
    expect((await send(run)).json.is_success).toBe('true');
  });

  test('by two requests at once is carried out by one, and shown as running', async () => {
    const run = await interrupted();
    let invocations = 0;
    run.onCall = (seen) => {
      if (isInvoke(seen)) invocations += 1;
      return isJobWrite(seen) ? { delayMs: 1_500 } : undefined;
    };
    const first = send(run);
    await expect.poll(() => invocations).toBe(1);
    expect((await readRecords(rig, run))?.shown.state).toBe('running');
    const second = await send(run);
    run.onCall = undefined;
    expect(second).toMatchObject({ status: 400, json: { error_code: 'DLI.0007' } });
    expect((await first).json.is_success).toBe('true');
    expect(invocations).toBe(1);
  });

  test('is not taken for one that has ended when the first request concludes late', async () => {
    const run = await rig.begin();
    await rig.put(run, 'x.zip', zipOf(JOBS));
    run.onCall = (seen) => {
      if (seen.signature === 'UpdateItem job#P#j10 job' && seen.occurrence === 1) return REFUSED;
      const isConclusion = seen.signature === 'UpdateItem imports#P N' && seen.occurrence === 1;
      return isConclusion ? faultOf('late', 'table') : undefined;
    };
    const startedAt = Date.now();
    expect((await send(run)).json.is_success).toBe('false');
    let invocations = 0;
    run.onCall = (seen) => {
      if (isInvoke(seen)) invocations += 1;
      return isJobWrite(seen) ? { delayMs: 3_500 } : undefined;
    };
    const second = send(run);
    await sleep(startedAt + 7_500 - Date.now());
    const third = await send(run);
    run.onCall = undefined;
    expect(third.json).toMatchObject({ error_code: 'DLI.0007' });
    expect((await second).json.is_success).toBe('true');
    expect(invocations).toBe(1);
  });

  test('is refused when its project may not read the place any more', async () => {
    const run = await interrupted();
    await rig.dynamodb.send(
      new UpdateCommand({
        TableName: rig.table,
        Key: { pk: `project#${run.projectId}`, sk: 'project' },
        UpdateExpression: 'SET locations = :none',
        ExpressionAttributeValues: { ':none': [] },
      }),
    );
    // What the door remembers for a minute goes with its processes.
    for (const pid of rig.pids()) process.kill(pid, 'SIGKILL');
    await sleep(500);
    expect(await send(run)).toMatchObject({ status: 400, json: { error_code: 'DLI.0011' } });
  });

  test('keeps what was settled when its archive is damaged on the way', async () => {
    const run = await interrupted();
    const before = (await jobsOf(run)).size;
    run.onCall = ({ signature }) => (signature === 'GET object P/x.zip' ? { changeBody: damage } : undefined);
    const { status, json } = await send(run);
    run.onCall = undefined;
    expect(status).toBe(200);
    expect(json.job_mapping.filter(({ action }: { action: string }) => action === 'created')).toHaveLength(before);
    expect((await send(run)).json.is_success).toBe('true');
  });
});

describe('two workers at one archive', () => {
  test('tell together what each of them did', async () => {
    const run = await rig.begin();
    await rig.put(run, 'x.zip', zipOf(JOBS));
    let invocations = 0;
    run.onCall = (seen) => {
      if (isInvoke(seen)) return ++invocations === 1 ? { reset: 'during' } : undefined;
      if (!isJobWrite(seen)) return undefined;
      // The first worker is ahead of the second one.
      const isFirst = seen.signature === 'UpdateItem job#P#j20 job' && seen.occurrence === 1;
      return isFirst ? REFUSED : { delayMs: 700 };
    };
    const { json } = await send(run);
    run.onCall = undefined;
    await run.quiet(1_500);
    const jobs = await jobsOf(run);
    expect(invocations).toBe(2);
    expect(jobs.size).toBe(JOBS.length);
    expectNoLie(json.job_mapping, jobs);
    const records = await readRecords(rig, run);
    expect(records?.listed.counts).toEqual(records?.shown.counts);
  });

  test('of which one finds the archive replaced do not say that nothing was imported', async () => {
    const run = await rig.begin();
    await rig.put(run, 'x.zip', zipOf(JOBS));
    let [invocations, reads] = [0, 0];
    const replace = async () => {
      await sleep(2_500);
      await rig.put(run, 'x.zip', zipOf([{ name: 'other', job_id: 1, sql_body: '' }]));
    };
    run.onCall = (seen): Fault | undefined => {
      if (isInvoke(seen)) return ++invocations === 1 ? { reset: 'during' } : undefined;
      if (seen.signature === 'GET object P/x.zip' && ++reads === 1) return { first: replace };
      return isJobWrite(seen) ? { delayMs: 1_500 } : undefined;
    };
    const { status, json } = await send(run);
    run.onCall = undefined;
    await run.quiet(1_500);
    expect([invocations, reads]).toEqual([2, 2]);
    expect(status).toBe(200);
    expectNoLie(json.job_mapping, await jobsOf(run));
    expect((await readRecords(rig, run))?.shown.counts).toEqual({ created: JOBS.length });
  });
});

// These wait, and meddle with their own runs only.
test.concurrent('a worker whose every answer is lost is told of by the list as by the address of its import', async () => {
  const run = await rig.begin();
  await rig.put(run, 'x.zip', zipOf(JOBS));
  run.onCall = (seen) => {
    if (isInvoke(seen)) return { reset: 'during' };
    return isJobWrite(seen) ? { delayMs: 1_500 } : undefined;
  };
  expect((await send(run)).json.job_mapping).toMatchObject([{ action: 'failed', error_code: 'DLI.0999' }]);
  await run.quiet(2_500);
  run.onCall = undefined;
  const counts = { created: JOBS.length };
  expect(await readRecords(rig, run)).toMatchObject({ shown: { counts }, listed: { counts } });
});

test.concurrent('a call of a worker that is refused for good is not repeated', async () => {
  const run = await rig.begin();
  await rig.put(run, 'x.zip', zipOf(JOBS));
  let invocations = 0;
  run.onCall = (seen) => {
    if (!isInvoke(seen)) return undefined;
    invocations += 1;
    return { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{}' };
  };
  const { json } = await send(run);
  run.onCall = undefined;
  expect(json.job_mapping).toMatchObject([{ new_job_id: -1, action: 'failed', error_code: 'DLI.0999' }]);
  expect(invocations).toBe(1);
});

test.concurrent('an import whose request died is running until its lease is over, then interrupted, and can be continued', async () => {
  const run = await rig.begin();
  await rig.put(run, 'x.zip', zipOf(JOBS));
  run.onCall = (seen) => {
    if (!isInvoke(seen)) return undefined;
    const act = killCallerOf(seen.call, rig.pids());
    return act && { reset: 'before', act };
  };
  const key = { 'idempotency-key': 'key' };
  expect((await importOf(rig, run, 'x.zip', false, key)).status).toBe(500);
  run.onCall = undefined;
  expect(await readRecords(rig, run)).toMatchObject({ shown: { state: 'running' }, listed: { state: 'running' } });
  expect(await send(run)).toMatchObject({ status: 400, json: { error_code: 'DLI.0007' } });
  await endLeases(rig, run);
  expect(await readRecords(rig, run)).toMatchObject({
    shown: { state: 'interrupted', counts: { failed: 1 } },
    listed: { state: 'interrupted', counts: { failed: 1 } },
  });
  expect((await send(run)).json.is_success).toBe('true');
  expect(await readRecords(rig, run)).toMatchObject({
    listed: { state: 'finished', counts: { created: JOBS.length } },
  });
});

test.concurrent('a former definition that cannot be cleaned up stops nothing', async () => {
  const run = await rig.begin();
  const large = (text: string) => ({ name: 'large', job_id: 1, sql_body: text });
  const noise = (seed: number) => Array.from({ length: 60_000 }, (_, n) => Math.sin(n * seed).toString(36)).join('');
  await rig.put(run, 'x.zip', zipOf([large(noise(1))]));
  expect((await send(run)).json.is_success).toBe('true');
  await rig.put(run, 'x.zip', zipOf([large(noise(2)), ...JOBS]));
  run.onCall = ({ signature }) =>
    signature.startsWith('DELETE') ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : undefined;
  const body = { zip_file: `${rig.bucket}/${run.projectId}/x.zip`, is_cover: true };
  const json = JSON.parse((await run.send('POST', '/import', body)).text);
  run.onCall = undefined;
  expect(json.is_success).toBe('true');
  expect(json.job_mapping[0]).toMatchObject({ action: 'overwritten' });
});

const named = ({ job_name = '', ...row }: { job_name?: string | undefined; action: string; new_job_id: number }) => ({
  ...row,
  job_name,
});

function damage(body: Buffer): Buffer {
  body.writeUInt8(body.readUInt8(60) ^ 4, 60);
  return body;
}
