import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { EXPORT_FILE_JOBS, EXPORT_JOBS, JSON_JOB_VALUES } from '../../lib/limits.ts';
import type { Call, Fault } from '../proxy.ts';
import { objectKeys, type ProjectClient, stack } from './client.ts';
import { exportAll, exportedKeys, exportSome, jobsOf, readObject, WRITABLE } from './exports.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

/** Parts of the index by id. */
const SHARDS = 8;
const DYNAMO_JSON = { 'content-type': 'application/x-amz-json-1.0' };
const DENIED = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
const BROKEN = { status: 500, body: '<Error><Code>InternalError</Code></Error>' };
const TAKEN = { status: 412, body: '<Error><Code>PreconditionFailed</Code></Error>' };

let own: OwnStack;
/** Its jobs are one more than a file holds. */
let large: ProjectClient;
beforeAll(async () => {
  own = await startOwnStack();
  large = await exporterOf(numbered(EXPORT_FILE_JOBS + 1));
});
afterEach(() => {
  own.hooks.s3 = undefined;
  own.hooks.table = undefined;
});
afterAll(() => own.close());

const exporterOf = async (document: unknown) => {
  const project = await own.newProject(WRITABLE);
  await project.import(await project.putJobs('x.zip', document));
  return project;
};
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `j${n}` }));
const isPut = ({ operation, url }: Call) => operation === 'PUT object' && url.includes('/aggregate_');
const isJobBatch = ({ operation, body }: Call) => operation === 'BatchGetItem' && body.includes('"job#');
/** Does something to the n-th of the calls that are meant, from 1. */
const onlyCall = (n: number, isMeant: (call: Call) => boolean, fault: Fault) => {
  let seen = 0;
  return (call: Call) => (isMeant(call) && ++seen === n ? fault : undefined);
};
const namesIn = async ([path]: string[]) => (await jobsOf(path ?? '')).map(({ name }) => name);

describe('an export', () => {
  test('tells S3 on every call who must own the bucket, and writes only what is not there', async () => {
    const sql = randomBytes(700_000).toString('base64');
    const project = await exporterOf([{ name: 'a' }, { name: 'b', sql_body: sql }]);
    const calls: Call[] = [];
    own.hooks.s3 = (call) => {
      calls.push(call);
      return undefined;
    };
    const { status } = await exportAll(project);
    expect(status).toBe(200);
    expect(calls.map(({ operation }) => operation)).toEqual(['GET object', 'PUT object']);
    for (const { headers } of calls) expect(headers['x-amz-expected-bucket-owner']).toMatch(/^\d{12}$/);
    expect(calls[1]?.headers['if-none-match']).toBe('*');
  });

  test('to a place that is not open makes no call to S3, and looks for no job', async () => {
    const project = await own.newProject();
    own.s3.reset();
    own.table.reset();
    expect((await exportAll(project)).json.error_code).toBe('DLI.0011');
    expect(own.s3.calls.size).toBe(0);
    expect(own.table.calls.get('Query')).toBeUndefined();
  });

  test('of 1,001 jobs takes 21 batched reads, and none of a job alone', async () => {
    own.table.reset();
    const { json } = await exportAll(large);
    expect(own.table.calls.get('Query')).toBe(8);
    // One more is the door's.
    expect(own.table.calls.get('BatchGetItem')).toBe(22);
    expect(own.table.calls.get('GetItem')).toBeUndefined();
    const files: { oldJobId: string | null }[][] = await Promise.all(json.zip_file.map(jobsOf));
    expect(files.flat().map(({ oldJobId }) => Number(oldJobId))).toEqual(numbered(1_001).map((_, n) => n + 1));
  });

  test('goes through all pages of the index', async () => {
    const project = await exporterOf(numbered(60));
    own.table.reset();
    own.hooks.table = ({ operation, body }) =>
      operation === 'Query' ? { sent: JSON.stringify({ ...JSON.parse(body.toString()), Limit: 2 }) } : undefined;
    const { json } = await exportAll(project);
    expect(await namesIn(json.zip_file)).toEqual(numbered(60).map(({ name }) => name));
    expect(own.table.calls.get('Query')).toBeGreaterThan(2 * SHARDS);
  });

  test('of jobs that lie together takes one look into each part of the index that holds some', async () => {
    own.table.reset();
    const { json } = await exportSome(large, [500, 508, 516, 524, 501]);
    expect(own.table.calls.get('Query')).toBe(2);
    expect(await namesIn(json.zip_file)).toEqual(['j499', 'j500', 'j507', 'j515', 'j523']);
  });

  test('finds jobs that the index shows late', async () => {
    const project = await exporterOf(numbered(2));
    let queries = 0;
    own.hooks.table = ({ operation }) =>
      operation === 'Query' && ++queries <= 3
        ? { status: 200, headers: DYNAMO_JSON, body: '{"Items":[],"Count":0}' }
        : undefined;
    const { json } = await exportSome(project, [1, 2]);
    expect(await namesIn(json.zip_file)).toEqual(['j0', 'j1']);
  });

  test('finds ids that lie far apart, and passes over what lies between', async () => {
    // All in one part of the index, each just behind as many as are still wanted: each takes a look of its own.
    const ids: number[] = [];
    for (let [wanted, place] = [12, 0]; wanted > 0; place += wanted--) ids.push(1 + SHARDS * place);
    own.table.reset();
    const { json } = await exportSome(large, ids);
    expect(own.table.calls.get('Query')).toBe(12);
    const found = (await jobsOf(json.zip_file[0])).map(({ oldJobId }) => Number(oldJobId));
    expect(found).toEqual(ids);
  });

  test('reads alone what a batch leaves out', async () => {
    const project = await exporterOf(numbered(3));
    const NOTHING = JSON.stringify({ Responses: { [stack.table]: [] }, UnprocessedKeys: {} });
    own.hooks.table = onlyCall(1, isJobBatch, { status: 200, headers: DYNAMO_JSON, body: NOTHING });
    const { json } = await exportAll(project);
    expect(await namesIn(json.zip_file)).toEqual(['j0', 'j1', 'j2']);
  });
});

describe('a job that changes while it is exported', () => {
  const LARGE = `-- ${Array.from({ length: 60_000 }, (_, n) => (n * 2_654_435_761).toString(36)).join('')}`;

  test('is left out if it was deleted, of all jobs', async () => {
    const project = await exporterOf(numbered(3));
    own.hooks.table = onlyCall(1, isJobBatch, {
      first: async () => void (await project.send('DELETE', `${project.jobs}/2`)),
    });
    const { json } = await exportAll(project);
    expect(await namesIn(json.zip_file)).toEqual(['j0', 'j2']);
  });

  test('is refused if it was deleted and had been selected, and nothing is left', async () => {
    const project = await exporterOf(numbered(3));
    own.hooks.table = onlyCall(1, isJobBatch, {
      first: async () => void (await project.send('DELETE', `${project.jobs}/2`)),
    });
    const { json } = await exportSome(project, [1, 2, 3]);
    expect(json).toMatchObject({ error_code: 'DLI.16001', error_msg: expect.stringContaining(': 2.') });
    expect(await exportedKeys(project)).toEqual([]);
  });

  test('is not taken for another one that has its name since', async () => {
    const project = await exporterOf(numbered(2));
    const replace = async () => {
      await project.send('DELETE', `${project.jobs}/2`);
      await project.import(await project.putJobs('y.zip', { name: 'j1', desc: 'another' }));
    };
    own.hooks.table = onlyCall(1, isJobBatch, { first: replace });
    expect(await namesIn((await exportAll(project)).json.zip_file)).toEqual(['j0']);
  });

  test('is exported as it is after it was replaced, if its definition went before it was read', async () => {
    const project = await exporterOf({ name: 'a', sql_body: LARGE });
    const cover = async () =>
      void (await project.import(await project.putJobs('y.zip', { name: 'a', sql_body: `${LARGE} new` }), {
        is_cover: true,
      }));
    own.hooks.s3 = onlyCall(1, ({ operation, url }) => operation === 'GET object' && url.includes('/definitions/'), {
      first: cover,
    });
    const { json } = await exportAll(project);
    expect((await readObject(json.zip_file[0])).length).toBeGreaterThan(100_000);
    const imported = await project.import(json.zip_file[0], { is_cover: true });
    expect(imported.json.is_success).toBe('true');
    expect((await project.send('GET', `${project.jobs}/1`)).json.job_detail.sql_body.endsWith(' new')).toBe(true);
  });
});

describe('a name of a file', () => {
  test('that is taken makes room for the next', async () => {
    const project = await exporterOf(numbered(1));
    const puts: string[] = [];
    own.hooks.s3 = (call) => {
      if (isPut(call)) puts.push(call.url);
      return isPut(call) && puts.length <= 2 ? TAKEN : undefined;
    };
    const { status, json } = await exportAll(project);
    expect(status).toBe(200);
    expect(new Set(puts).size).toBe(3);
    expect(puts.at(-1)).toContain(json.zip_file[0].slice(stack.bucket.length));
    expect(await exportedKeys(project)).toHaveLength(1);
  });

  test('that only the lost answer of the same call took is kept', async () => {
    const project = await exporterOf(numbered(1));
    let puts = 0;
    own.hooks.s3 = (call) => {
      if (!isPut(call)) return undefined;
      return ++puts === 1 ? { reset: 'after' } : TAKEN;
    };
    const { status, json } = await exportAll(project);
    expect([status, puts]).toEqual([200, 2]);
    expect(await exportedKeys(project)).toEqual([json.zip_file[0].slice(stack.bucket.length + 1)]);
  });
});

describe('an export of two files that fails at the second', () => {
  let folders = 0;
  /** Exports to a folder of the test's own, and tells what lies there then. */
  const exportLarge = async () => {
    const folder = `exports/${large.projectId}/${folders++}`;
    const answer = await exportAll(large, { obs_dir: `${stack.bucket}/${folder}` });
    const left = (await objectKeys(`${folder}/`)).map((key) => `${stack.bucket}/${key}`);
    return { ...answer, left };
  };
  /** From the second file on each call fails so. */
  const failing = (fault: Fault, others?: (call: Call) => Fault | undefined) => {
    const files = new Set<string>();
    return (call: Call) => {
      if (!isPut(call)) return others?.(call);
      files.add(call.url);
      return files.size > 1 ? fault : undefined;
    };
  };

  test('by a fault of S3 removes the first', async () => {
    own.hooks.s3 = failing(BROKEN);
    const { status, json, left } = await exportLarge();
    expect([status, json.error_code]).toEqual([400, 'DLI.0999']);
    expect(json.error_msg).not.toContain('aggregate_');
    expect(left).toEqual([]);
  });

  test('by a call that took effect removes both', async () => {
    own.hooks.s3 = failing({ reset: 'after' });
    const { json, left } = await exportLarge();
    expect(json.error_code).toBe('DLI.0999');
    expect(left).toEqual([]);
  });

  test('leaves alone what another export wrote under the name', async () => {
    let first = '';
    const fail = failing(BROKEN, ({ operation, url }) =>
      operation === 'HEAD object' && url.split('?')[0] === first
        ? { status: 200, body: '', headers: { 'x-amz-meta-made-by': 'another' } }
        : undefined,
    );
    own.hooks.s3 = (call) => {
      if (isPut(call)) first ||= call.url.split('?')[0] ?? '';
      return fail(call);
    };
    const { json, left } = await exportLarge();
    expect(json.error_code).toBe('DLI.0999');
    expect(left.map((path) => `/${path}`)).toEqual([first]);
  });

  test.each([
    ['may not be written', DENIED, 'DLI.0011', /"[^"]+aggregate_\d+\.zip" may not be written by this service/],
    [
      'is not there',
      { status: 404, body: '<Error><Code>NoSuchBucket</Code></Error>' },
      'DLI.0002',
      /^The bucket "[^"]+" does not exist/,
    ],
  ])('since its place %s says so, and removes the first', async (_, fault, code, message) => {
    own.hooks.s3 = failing(fault);
    const { json, left } = await exportLarge();
    expect(json).toMatchObject({ error_code: code, error_msg: expect.stringMatching(message) });
    expect(left).toEqual([]);
  });

  test('and cannot be removed again tells which are left', async () => {
    own.hooks.s3 = failing(BROKEN, ({ operation }) => (operation === 'DELETE object' ? DENIED : undefined));
    const { status, json, left } = await exportLarge();
    expect([status, json.error_code]).toEqual([400, 'DLI.0999']);
    expect(left).toHaveLength(1);
    expect(json.error_msg).toBe(
      'The server failed; its X-Request-Id leads to the log. ' +
        `These files could not be removed again: "${left[0]}".`,
    );
  });

  test('for want of time is answered within 25 s, and leaves nothing', async () => {
    own.hooks.s3 = failing({ delayMs: 40_000 });
    const begun = Date.now();
    const { status, json, left } = await exportLarge();
    expect([status, json]).toEqual([
      400,
      {
        error_code: 'DLI.0019',
        error_msg: 'The jobs were not exported within 22 s. Select fewer by job_selected.',
      },
    ]);
    expect(Date.now() - begun).toBeLessThan(25_500);
    expect(left).toEqual([]);
  });
});

describe('a project with very many jobs', () => {
  const item = (shard: number, n: number) => ({
    pk: { S: `job#p#${shard}-${n}` },
    sk: { S: 'job' },
    id_shard: { S: `p#${shard}` },
    job_id: { N: String(n * SHARDS + shard) },
    name: { S: `j${shard}-${n}` },
    create_time: { N: '1' },
    update_time: { N: '1' },
    summary: {
      M: {
        desc: { S: '' },
        job_type: { S: 'flink_sql_job' },
        run_mode: { S: 'shared_cluster' },
        status: { S: 'job_init' },
        status_desc: { S: '' },
        start_time: { N: '0' },
      },
    },
  });
  /** An index that shows so many jobs, in a table that then fails. */
  const exportOf = async (jobs: number) => {
    const project = await own.newProject(WRITABLE);
    let shard = 0;
    own.hooks.table = (call) => {
      if (isJobBatch(call)) return { status: 400, body: '{"__type":"ValidationException","message":"no"}' };
      if (call.operation !== 'Query') return undefined;
      const here = shard++;
      const count = Math.floor(jobs / SHARDS) + (here < jobs % SHARDS ? 1 : 0);
      const Items = Array.from({ length: count }, (_, n) => item(here, n));
      return { status: 200, headers: DYNAMO_JSON, body: JSON.stringify({ Items, Count: count }) };
    };
    return exportAll(project);
  };

  test(`may export ${EXPORT_JOBS}`, async () => {
    // The failure of the table shows that they were let through.
    expect((await exportOf(EXPORT_JOBS)).json.error_code).toBe('DLI.0999');
  });

  test('is told to select some of more', async () => {
    const { json } = await exportOf(EXPORT_JOBS + 1);
    expect(json).toEqual({
      error_code: 'DLI.0009',
      error_msg: `An export takes at most ${EXPORT_JOBS} jobs; this project has more. Select some by is_selected and job_selected.`,
    });
  });
});

test('a job that could not be imported again is named', async () => {
  // It has as many values as a job may, its own four among them, and its id comes on top.
  const project = await exporterOf({ name: 'a', x: Array.from({ length: JSON_JOB_VALUES - 4 }, () => 0) });
  const { json } = await exportAll(project);
  expect(json).toMatchObject({
    error_code: 'DLI.0009',
    error_msg: expect.stringMatching(/^The job 1 could not be imported again: .*values/),
  });
});
