import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import * as z from 'zod/mini';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { expectDocumented } from '../documented.ts';
import type { Call } from '../proxy.ts';
import { LOCATION_BUCKETS } from './global-setup.ts';
import { isAllowed, permissionsOf, without } from './iam.ts';
import { moduleIn, type PermissionStack, startPermissionStack } from './permission-stack.ts';
import { afterFirst, archiveOf, beforeCall, job, largeJob, MANY, manyOutcomes, random, until } from './run-tools.ts';
import type { Statement } from './template.ts';
import { unpackFunctions } from './unpack.ts';

/*
 * Everything that functions do, done once from the packages, by containers that may do only what their roles allow. Then
 * each permission is taken away, and a call of the run must miss it.
 */

let folder: string;
let stack: PermissionStack;
let s3: S3Client;
let table: DynamoDBClient;
let sqs: SQSClient;
let token = '';

const PROJECT = 'p';
const HOME = 'flink-jobs';
const BUCKETS = [HOME, ...LOCATION_BUCKETS];
const JOBS = `/v1.0/${PROJECT}/streaming/jobs`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unpacked-'));
  await unpackFunctions(inject('packages').dev, folder);
  stack = await startPermissionStack(moduleIn(folder));
  const shared = { region: REGION, credentials: CREDENTIALS };
  s3 = new S3Client({ ...shared, endpoint: stack.s3Endpoint, forcePathStyle: true });
  table = new DynamoDBClient({ ...shared, endpoint: stack.dynamodbEndpoint });
  sqs = new SQSClient({ ...shared, endpoint: stack.sqsEndpoint });
  for (const Bucket of LOCATION_BUCKETS) await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  await stack?.close();
  for (const client of [s3, table, sqs]) client?.destroy();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  stack.hooks.s3 = stack.hooks.table = stack.hooks.sqs = stack.hooks.lambda = undefined;
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
type Json = any;

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Json> {
  const response = await fetch(stack.endpoint + path, {
    method,
    headers: { 'x-auth-token': token, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json: unknown = await response.json();
  const { status, headers: answered } = response;
  expectDocumented(method, path.replace(/\?.*/, ''), { status, headers: answered, json });
  return json;
}

const importPath = (zipFile: string, options: object = {}, headers: Record<string, string> = {}) =>
  send('POST', `${JOBS}/import`, { zip_file: zipFile, ...options }, headers);
const AT_ONCE = { prefer: 'respond-async' };

async function put(bucket: string, key: string, archive: Buffer): Promise<string> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: archive }));
  return `${bucket}/${key}`;
}

const remove = (bucket: string, key: string) => s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));

async function keysBelow(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: HOME, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
}

const shown = (importId: number) => send('GET', `${JOBS}/imports/${importId}`);
const ended = (importId: number) =>
  until(async () => {
    const found = await shown(importId);
    return ['queued', 'running'].includes(found.state) ? undefined : found;
  });

/** Archives whose list is more than the record of an import holds: their names do not compress. */
async function putManyNames(bucket: string, path: string): Promise<string> {
  for (let place = 0; place < 16; place++) {
    await put(
      bucket,
      `${path}/${String(place).padStart(2, '0')}-${random(300)}.zip`,
      job(`${path.replaceAll('/', '_')}-${place}`),
    );
  }
  return `${bucket}/${path}`;
}

/** Has S3 tell of a version of an object, as it does by itself where buckets keep versions. */
async function tell(
  key: string,
  sequencer: string,
  version: { versionId?: string; eTag?: string } = {},
): Promise<void> {
  const { ETag = '', ContentLength: size = 1 } = await s3
    .send(new HeadObjectCommand({ Bucket: HOME, Key: key }))
    .catch(() => ({ ETag: '"0"', ContentLength: 1 }));
  const object = { key, size, eTag: ETag.replaceAll('"', ''), sequencer, ...version };
  const event = { eventSource: 'aws:s3', eventName: 'ObjectCreated:Put', s3: { bucket: { name: HOME }, object } };
  await sqs.send(
    new SendMessageCommand({ QueueUrl: stack.uploadQueue, MessageBody: JSON.stringify({ Records: [event] }) }),
  );
}

const logged = (pattern: RegExp) => until(async () => stack.logs.find((line) => pattern.test(line)));

const exportTo = (bucket: string, jobIds: number[]) =>
  send('POST', `${JOBS}/export`, { obs_dir: `${bucket}/out`, is_selected: true, job_selected: jobIds });

const outcomesItem = z.object({
  Item: z.looseObject({ pk: z.object({ S: z.string() }), sk: z.object({ S: z.string() }) }),
});

/** Makes another run the faster one at the outcomes of an archive. */
const touch = ({ pk, sk }: z.output<typeof outcomesItem>['Item']) =>
  table.send(
    new UpdateItemCommand({
      TableName: stack.table,
      Key: { pk, sk },
      UpdateExpression: 'ADD version :one SET update_time = :one, expires_at = :late',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':late': { N: '9999999999' } },
    }),
  );

describe('with what its role allows, from its package, does its work', () => {
  test('manage-project', async () => {
    const manage = async (command: object) => {
      const { functionError, result } = await stack.invoke('manage-project', { project_id: PROJECT, ...command });
      expect(functionError, JSON.stringify(result)).toBeUndefined();
      return result;
    };
    const locations = BUCKETS.map((bucket) => ({ bucket, write: true }));
    const added = z.object({ keys: z.object({ token: z.string() }) }).parse(await manage({ action: 'add', locations }));
    token = added.keys.token;
    expect(await manage({ action: 'list' })).toMatchObject({ projects: [{ project_id: PROJECT }] });
    const keyed = z
      .object({ keys: z.object({ access_key: z.string() }) })
      .parse(await manage({ action: 'add-key', kind: 'access_key' }));
    await manage({ action: 'list-keys' });
    await manage({ action: 'rotate' });
    await manage({ action: 'revoke-key', key: keyed.keys.access_key });
  });

  test('the main job: an import over HTTP, and what it made', async () => {
    const path = await put(HOME, 'in/one.zip', archiveOf([{ name: 'one' }, { name: 'two' }]));
    const imported = await importPath(path, {}, { 'idempotency-key': 'one' });
    expect(imported).toMatchObject({ is_success: 'true', job_mapping: [{ job_name: 'one' }, { job_name: 'two' }] });
    const [{ new_job_id: jobId }] = imported.job_mapping;
    expect(await send('GET', `${JOBS}/${jobId}`)).toMatchObject({ job_detail: { name: 'one' } });
    expect(await importPath(path, {}, { 'idempotency-key': 'one' })).toMatchObject({ import_id: imported.import_id });
    // Again, and skipped: the item that refused is read.
    expect(await importPath(path)).toMatchObject({ job_mapping: [{ action: 'skipped' }, { action: 'skipped' }] });
    expect(await importPath(`${HOME}/in/none.zip`)).toMatchObject({ error_code: 'DLI.0002' });
  });

  test.each(BUCKETS)('an import of a folder of %s, with a list too long for its record', async (bucket) => {
    const path = await putManyNames(bucket, 'many');
    const key = { 'idempotency-key': bucket };
    const { job_mapping, import_id } = await importPath(path, {}, key);
    expect(job_mapping).toHaveLength(16);
    expect(await keysBelow(`imports/${PROJECT}/${import_id}.`)).toHaveLength(1);
    expect(await importPath(path, {}, key)).toMatchObject({ import_id });
    expect(await shown(import_id)).toMatchObject({ state: 'finished' });
  });

  test.each(BUCKETS)('an import of %s by the queue', async (bucket) => {
    const path = await putManyNames(bucket, 'queued');
    const { import_id } = await importPath(path, {}, AT_ONCE);
    expect(await ended(import_id)).toMatchObject({ state: 'finished', archives_done: 16 });
  });

  test('definitions that do not fit an item: stored, shown, replaced, both ways', async () => {
    for (const [name, headers] of [
      ['direct', {}],
      ['queued', AT_ONCE],
    ] as const) {
      const first = await importPath(await put(HOME, `large/${name}.zip`, largeJob(name)), {}, headers);
      expect(await ended(first.import_id)).toMatchObject({ state: 'finished' });
      expect(await keysBelow(`definitions/${PROJECT}/${first.import_id}/`)).toHaveLength(1);
      const second = await importPath(`${HOME}/large/${name}.zip`, { is_cover: true }, headers);
      expect(await ended(second.import_id)).toMatchObject({ counts: { overwritten: 1 } });
      expect(await keysBelow(`definitions/${PROJECT}/${first.import_id}/`)).toEqual([]);
    }
  });

  test('outcomes that do not fit an item: stored, read, and replaced when another run was faster, both ways', async () => {
    const path = await put(HOME, 'failing/many.zip', manyOutcomes);
    for (const headers of [{}, AT_ONCE]) {
      const isStored = (call: Call) => call.operation === 'PutItem' && call.body.includes('outcomes_key');
      stack.hooks.table = beforeCall(isStored, ({ body }) =>
        touch(outcomesItem.parse(JSON.parse(body.toString())).Item),
      );
      const { import_id } = await importPath(path, {}, headers);
      expect(await ended(import_id)).toMatchObject({ counts: { failed: MANY } });
      // That of the first try is gone.
      const [object, ...more] = await keysBelow(`outcomes/${PROJECT}/${import_id}/`);
      expect(object).toMatch(/\.2$/);
      expect(more).toEqual([]);
    }
  });

  test('an import that is looked at, listed and cancelled while it runs', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const folder = await putManyNames(HOME, 'slow');
    await put(HOME, 'slow/a.zip', manyOutcomes);
    await put(HOME, 'slow/z.zip', job('slow'));
    stack.hooks.s3 = ({ method, url }) =>
      method === 'GET' && url.includes('/slow/z.zip') ? { first: () => gate } : undefined;
    const { import_id } = await importPath(folder, {}, AT_ONCE);
    await until(async () => ((await shown(import_id)).archives_done === 17 ? true : undefined));
    const { imports } = await send('GET', `${JOBS}/imports`);
    expect(imports[0]).toMatchObject({ import_id, state: 'running' });
    expect(await send('DELETE', `${JOBS}/imports/${import_id}`)).toMatchObject({ state: 'cancelled' });
    open();
    // Its list goes: whoever needs it fails, and is told why.
    for (const key of await keysBelow(`imports/${PROJECT}/${import_id}.`)) await remove(HOME, key);
    for (const [method, path] of [
      ['GET', `${JOBS}/imports`],
      ['GET', `${JOBS}/imports/${import_id}`],
      ['DELETE', `${JOBS}/imports/${import_id}`],
    ] as const) {
      expect(await send(method, path)).toMatchObject({ error_code: 'DLI.0999' });
    }
    expect(await logged(/"error_code":"DLI.0999".*the archive list of an import is gone/)).toBeDefined();
  });

  test('archives and lists that are gone when it comes to them', async () => {
    for (const bucket of BUCKETS) {
      const path = await put(bucket, 'gone/x.zip', job('gone'));
      stack.hooks.lambda = beforeCall(
        () => true,
        () => remove(bucket, 'gone/x.zip'),
      );
      expect(await importPath(path)).toMatchObject({ error_code: 'DLI.0002' });
      await put(bucket, 'gone/x.zip', job('gone'));
      const isOfPlanner = ({ operation }: Call) => operation === 'SendMessageBatch';
      stack.hooks.sqs = beforeCall(isOfPlanner, () => remove(bucket, 'gone/x.zip'));
      const { import_id } = await importPath(path, {}, AT_ONCE);
      expect(await ended(import_id)).toMatchObject({ state: 'failed' });
    }
    const folder = await putManyNames(HOME, 'unplanned');
    // The first message is for whoever looks after it later; the second one is for the planner, now.
    const removeLists = async () => {
      for (const key of await keysBelow(`imports/${PROJECT}/`)) await remove(HOME, key);
    };
    stack.hooks.sqs = afterFirst(beforeCall(() => true, removeLists));
    await importPath(folder, {}, AT_ONCE);
    await logged(/"message":"fault".*the archive list of an import is gone/);
  });

  test('uploads: imported once, in the version that was told of, and not if they are gone', async () => {
    const key = `uploads/${PROJECT}/up.zip`;
    await put(HOME, key, manyOutcomes);
    const told = await logged(/"message":"upload".*"outcome":"imported"/);
    expect(told).toContain('up.zip');
    const sequencer = z.object({ sequencer: z.string() }).parse(JSON.parse(told)).sequencer;
    await tell(key, sequencer);
    await logged(/"message":"upload".*"outcome":"repeated"/);
    await put(HOME, `uploads/${PROJECT}/version.zip`, job('version'));
    await logged(/version\.zip.*"outcome":"imported"/);
    await tell(`uploads/${PROJECT}/version.zip`, 'FFFFFFFFFFFFFFFF', { versionId: 'v1' });
    await until(async () =>
      stack.logs.filter((line) => /version\.zip.*"jobs":/.test(line) && line.includes('"upload"')).length > 1
        ? true
        : undefined,
    );
    await tell(`uploads/${PROJECT}/none.zip`, 'F0');
    expect(await logged(/none\.zip.*"outcome":"failed"/)).toContain('DLI.0002');
  });

  test('lists and shows of jobs, small and large, and of one whose definition is gone', async () => {
    const { job_list } = await send('GET', `${JOBS}?show_detail=true&limit=100`);
    expect(job_list.jobs.length).toBeGreaterThan(50);
    expect((await send('GET', `${JOBS}?name=one`)).job_list.total_count).toBe(1);
    const { job_mapping, import_id } = await importPath(await put(HOME, 'hole/x.zip', largeJob('hole')));
    const [{ new_job_id: jobId }] = job_mapping;
    expect(await send('GET', `${JOBS}/${jobId}`)).toMatchObject({ job_detail: { name: 'hole' } });
    for (const key of await keysBelow(`definitions/${PROJECT}/${import_id}/`)) await remove(HOME, key);
    expect(await send('GET', `${JOBS}/${jobId}`)).toMatchObject({ error_code: 'DLI.16001' });
    expect((await send('GET', `${JOBS}?name=hole&show_detail=true`)).job_list.total_count).toBe(1);
    expect(await exportTo(HOME, [jobId])).toMatchObject({ error_code: 'DLI.0999' });
    expect(await send('DELETE', `${JOBS}/${jobId}`)).toMatchObject({ is_success: 'true' });
  });

  test.each(BUCKETS)('exports to %s, and takes back what it could not end', async (bucket) => {
    const [{ new_job_id: jobId }] = (
      await importPath(await put(HOME, 'kept/x.zip', largeJob(`kept-${BUCKETS.indexOf(bucket)}`)))
    ).job_mapping;
    expect((await exportTo(bucket, [jobId])).zip_file).toHaveLength(1);
    const isWrite: (call: Call) => boolean = ({ method }) => method === 'PUT';
    // Nothing was written.
    stack.hooks.s3 = (call) => (isWrite(call) ? { status: 500, body: '' } : undefined);
    expect(await exportTo(bucket, [jobId])).toMatchObject({ error_code: 'DLI.0999' });
    // It was written, and nobody was told.
    stack.hooks.s3 = (call) => (isWrite(call) ? { reset: 'after' } : undefined);
    expect(await exportTo(bucket, [jobId])).toMatchObject({ error_code: 'DLI.0999' });
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'out/' }));
    expect(Contents).toHaveLength(1);
  });

  test('deletes jobs, with the definitions that lie in S3', async () => {
    const ids: number[] = [];
    for (const name of ['first', 'second']) {
      const { job_mapping } = await importPath(await put(HOME, 'ends/x.zip', largeJob(name)));
      ids.push(Number(job_mapping[0].new_job_id));
    }
    expect(await send('DELETE', `${JOBS}/${ids[0]}`)).toMatchObject({ is_success: 'true' });
    expect(await send('POST', `${JOBS}/delete`, { job_ids: [ids[1]] })).toMatchObject([{ is_success: 'true' }]);
  });

  test('what needs no permission', async () => {
    expect(await send('GET', '/openapi.json')).toMatchObject({ openapi: expect.stringMatching(/^3/) });
    expect(await send('GET', '/nothing')).toMatchObject({ error_code: 'APIGW.0101' });
  });

  test('without being denied anything', () => {
    expect(stack.denied).toEqual([]);
    expect(new Set(stack.recorded.map(({ functionKey }) => functionKey))).toEqual(new Set(WITH_CALLS));
  });
});

/** Functions that call other services at all. */
const WITH_CALLS = [
  ...'archive-uploaded cancel-import delete-job delete-jobs export-jobs import-archive import-jobs'.split(' '),
  ...'import-queued-archive list-imports list-jobs manage-project plan-import show-import show-job'.split(' '),
];

/** What no call of the code needs: Lambda itself writes the log of a function, and polls its queue, with the role. */
const OF_LAMBDA = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'].concat([
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:GetQueueAttributes',
]);

describe('a call of the run misses', () => {
  test('each permission of each role that is taken away', () => {
    const superfluous: string[] = [];
    for (const [functionKey, statements] of stack.roles) {
      const calls = stack.recorded.filter((one) => one.functionKey === functionKey).flatMap(({ needs }) => needs);
      const needs = [...new Map(calls.map((need) => [`${need.action} ${need.resource}`, need])).values()];
      for (const statement of statements.filter(({ effect }) => effect === 'Allow')) {
        for (const permission of permissionsOf(statement)) {
          const rest = without(statements, statement, permission);
          const isMissed = needs.some((need) => !isAllowed(rest, need));
          if (!isMissed && !OF_LAMBDA.includes(permission.action))
            superfluous.push(`${functionKey}: ${permission.action} ${permission.resource}`);
        }
      }
    }
    expect(superfluous).toEqual([]);
  });

  test.each(['definitions/', 'imports/', 'outcomes/', 'uploads/'])(
    'what an export is denied below %s, if it is not',
    (prefix) => {
      const statements = stack.roles.get('export-jobs') ?? [];
      for (const action of ['s3:PutObject', 's3:DeleteObject']) {
        const need = { action, resource: `arn:aws:s3:::${HOME}/${prefix}x` };
        expect(isAllowed(statements, need)).toBe(false);
        expect(
          isAllowed(
            statements.filter(({ effect }) => effect !== 'Deny'),
            need,
          ),
        ).toBe(true);
      }
    },
  );
});

describe('what its role does not allow is denied as the service does it', () => {
  /** Takes statements out of a role while something is done. */
  const lacking = async (functionKey: string, isTaken: (statement: Statement) => boolean, act: () => Promise<void>) => {
    const statements = stack.roles.get(functionKey) ?? [];
    stack.roles.set(
      functionKey,
      statements.filter((statement) => !isTaken(statement)),
    );
    await act().finally(() => stack.roles.set(functionKey, statements));
  };
  const of = (action: string) => (statement: Statement) => statement.actions.includes(action);

  test.each([
    ['the table', 'list-jobs', 'dynamodb:Query', 'AccessDeniedException'],
    ['a queue', 'import-jobs', 'sqs:SendMessage', 'AccessDeniedException'],
    ['Lambda', 'import-jobs', 'lambda:InvokeFunction', 'AccessDeniedException'],
  ])('by %s', async (_service, functionKey, action, name) => {
    const path = await put(HOME, 'denied/x.zip', job('denied'));
    const before = stack.logs.length;
    await lacking(functionKey, of(action), async () => {
      await (functionKey === 'list-jobs' ? send('GET', JOBS) : importPath(path));
    });
    const fault = stack.logs.slice(before).find((line) => line.includes('"fault"'));
    expect(fault).toContain(name);
    expect(stack.denied.at(-1)).toContain(`${functionKey}: ${action} `);
  });

  test('by S3, which hides from who may not list a bucket whether an object is there', async () => {
    const path = await put(HOME, 'denied/x.zip', job('denied'));
    await lacking('import-jobs', of('s3:GetObject'), async () => {
      expect(await importPath(path)).toMatchObject({ error_code: 'DLI.0011' });
    });
    await lacking('import-jobs', of('s3:ListBucket'), async () => {
      expect(await importPath(`${HOME}/denied/none.zip`)).toMatchObject({ error_code: 'DLI.0011' });
    });
    expect(await importPath(`${HOME}/denied/none.zip`)).toMatchObject({ error_code: 'DLI.0002' });
  });
});
