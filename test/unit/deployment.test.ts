import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  BATCH_MESSAGES,
  EXPORT_ANSWER_MS,
  EXPORT_WORK_MS,
  HTTP_RESERVE_MS,
  IMPORT_ANSWER_MS,
  IMPORT_KEPT_DAYS,
  IMPORT_LEASE_MS,
  IMPORT_LOOK_AFTER_MS,
  QUEUE_RECEIVES,
  WORKER_MS,
} from '../../lib/limits.ts';
import { OPERATIONS } from '../../lib/openapi/operations.ts';
import { INTERNAL_PREFIXES, UPLOADS } from '../../lib/store/blobs.ts';
import { bundled } from '../../local/bundle.ts';
import { readDeployment } from '../../local/deployment.ts';

const run = promisify(execFile);
const values = {
  Table: 'table',
  Bucket: 'bucket',
  'UploadQueue.Arn': 'arn:aws:sqs:r:0:uploads',
  'UploadDeadLetters.Arn': 'arn:aws:sqs:r:0:dead-letters',
  PlanQueue: 'https://queue/plans',
  'PlanQueue.Arn': 'arn:aws:sqs:r:0:plans',
  'PlanDeadLetters.Arn': 'arn:aws:sqs:r:0:plans-dead-letters',
  ArchiveQueue: 'https://queue/archives',
  'ArchiveQueue.Arn': 'arn:aws:sqs:r:0:archives',
  'ArchiveDeadLetters.Arn': 'arn:aws:sqs:r:0:archives-dead-letters',
  'AWS::AccountId': '0',
  'AWS::Region': 'r',
  'AWS::Partition': 'aws',
};
const deployment = await readDeployment({
  path: new URL('../../serverless.yml', import.meta.url),
  values,
  overrides: { SECRET_KEYS: `k:${Buffer.alloc(32).toString('base64')}` },
});
const { functions, table, queues, notifications } = deployment;
const bundles = await bundled(deployment);

/** Variables that are read by what runs the functions. */
const OF_RUNTIME = new Set(['NODE_OPTIONS']);

type Load = { file: string; environment: Record<string, string> };

/**
 * Loads bundles one after another, each with an environment of its own, in one process: no bundle has anything in common
 * with another. Tells of each the type of its handler, or the error.
 */
const LOAD_ALL = `
const found = [];
for (const { file, environment } of JSON.parse(process.argv[1])) {
  process.env = environment;
  found.push(await import(file).then(({ handler }) => typeof handler, String));
}
console.log(JSON.stringify(found));
`;

async function loadAll(environmentOf: (environment: Load['environment']) => Load['environment']) {
  const loads = bundles.map(({ file, environment }): Load => ({ file, environment: environmentOf(environment) }));
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', LOAD_ALL, JSON.stringify(loads)]);
  const found: unknown[] = JSON.parse(stdout);
  return new Map(bundles.map(({ key }, at) => [key, String(found[at])]));
}

describe('the deployment file', () => {
  let [whole, bare] = [new Map<string, string>(), new Map<string, string>()];
  beforeAll(async () => {
    whole = await loadAll((environment) => ({ AWS_REGION: 'r', ...environment }));
    bare = await loadAll(() => ({ AWS_REGION: 'r' }));
  }, 60_000);

  test('declares every file of functions/ under its name', () => {
    const files = readdirSync(fileURLToPath(new URL('../../functions/', import.meta.url)));
    expect(functions.map(({ key }) => `${key}.ts`).sort()).toEqual(files.sort());
  });

  test.each(functions)('gives $key the variables that it reads, and its handler resolves', ({ key }) => {
    expect(whole.get(key)).toBe('function');
  });

  test.each(functions)('gives $key no variable that it does not read', ({ key, environment }) => {
    const missing = [...(bare.get(key) ?? '').matchAll(/\b([A-Z]+(?:_[A-Z]+)+): expected/g)].map(([, name]) => name);
    const read = Object.keys(environment).filter((name) => !OF_RUNTIME.has(name));
    expect(read.sort()).toEqual(missing.sort());
  });

  test('serves the paths of the API at the root, and all others by one function', () => {
    const routes = functions.flatMap(({ key, routes }) => routes.map((route) => [route.key, key]));
    expect(Object.fromEntries(routes)).toEqual({
      'POST /v1.0/{project_id}/streaming/jobs/import': 'import-jobs',
      'GET /v1.0/{project_id}/streaming/jobs': 'list-jobs',
      'GET /v1.0/{project_id}/streaming/jobs/imports': 'list-imports',
      'GET /v1.0/{project_id}/streaming/jobs/imports/{import_id}': 'show-import',
      'DELETE /v1.0/{project_id}/streaming/jobs/imports/{import_id}': 'cancel-import',
      'GET /v1.0/{project_id}/streaming/jobs/{job_id}': 'show-job',
      'DELETE /v1.0/{project_id}/streaming/jobs/{job_id}': 'delete-job',
      'POST /v1.0/{project_id}/streaming/jobs/delete': 'delete-jobs',
      'POST /v1.0/{project_id}/streaming/jobs/export': 'export-jobs',
      'GET /openapi.json': 'show-openapi',
      $default: 'unknown-route',
    });
  });

  test('serves what the OpenAPI document tells of, and nothing else but the route for all others', () => {
    const served = functions.flatMap(({ routes }) => routes.map(({ key }) => key));
    expect([...OPERATIONS.map(({ route }) => route), '$default'].sort()).toEqual(served.sort());
  });

  test('leaves the function that waits for a worker time to answer', () => {
    const importJobs = functions.find(({ key }) => key === 'import-jobs');
    expect(importJobs?.timeoutSeconds).toBe(29);
    expect(IMPORT_ANSWER_MS).toBeLessThanOrEqual(29_000 - 2_000);
  });

  test('leaves an export that is given up time to remove its files', () => {
    const exportJobs = functions.find(({ key }) => key === 'export-jobs');
    expect(exportJobs?.timeoutSeconds).toBe(29);
    expect(EXPORT_WORK_MS).toBeLessThanOrEqual(EXPORT_ANSWER_MS - 2_000);
    expect(EXPORT_ANSWER_MS).toBeLessThanOrEqual(29_000 - HTTP_RESERVE_MS - 2_000);
  });

  test('lets no export write where none may go', () => {
    const yaml = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
    const denied = / {2}export-jobs:.*?Effect: Deny(.*?)\n\n/s.exec(yaml)?.[1] ?? '';
    const prefixes = [...denied.matchAll(/\$\{Bucket\.Arn\}\/(.*)\*/g)].map(([, prefix]) => prefix);
    expect(prefixes.sort()).toEqual([...INTERNAL_PREFIXES, UPLOADS].sort());
    expect(denied).toContain('Action: [s3:PutObject, s3:DeleteObject]');
  });

  test('gives the worker the time that an import counts on', () => {
    const worker = functions.find(({ key }) => key === 'import-archive');
    expect(worker?.timeoutSeconds).toBe(WORKER_MS / 1000);
  });

  test('hands an uploaded archive over again when nobody can be at it any more, in batches that are handled at once', () => {
    const uploaded = functions.find(({ key }) => key === 'archive-uploaded');
    const [source] = uploaded?.eventSources ?? [];
    const queue = queues.find(({ arn }) => arn === source?.queueArn);
    expect(queue?.arn).toBe(values['UploadQueue.Arn']);
    expect(Number(queue?.attributes['VisibilityTimeout']) * 1000).toBeGreaterThan(IMPORT_LEASE_MS);
    expect(source?.batchSize).toBeLessThanOrEqual(BATCH_MESSAGES);
  });

  test('tells of what is put below the prefix of uploads', () => {
    expect(notifications).toMatchObject([{ queueArn: values['UploadQueue.Arn'], prefix: UPLOADS, suffix: '' }]);
  });

  test.each(
    functions.flatMap(({ key, timeoutSeconds, eventSources }) =>
      eventSources.map(({ queueArn }) => ({ key, timeoutSeconds, queueArn })),
    ),
  )('gives $key six times its time with a message, and as many tries as it counts on', (source) => {
    // An upload is tried anew each time, and given up by being put aside.
    const tries = source.key === 'archive-uploaded' ? 5 : QUEUE_RECEIVES;
    const queue = queues.find(({ arn }) => arn === source.queueArn);
    // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    expect(Number(queue?.attributes['VisibilityTimeout'])).toBeGreaterThanOrEqual(6 * source.timeoutSeconds);
    expect(JSON.parse(queue?.attributes['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: tries });
  });

  test('gives both workers the time that an import counts on', () => {
    const queued = functions.find(({ key }) => key === 'import-queued-archive');
    expect(queued?.timeoutSeconds).toBe(WORKER_MS / 1000);
  });

  test('looks after an import when no worker of it is left, within what a queue can wait', () => {
    // Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    expect(IMPORT_LOOK_AFTER_MS).toBeLessThanOrEqual(900_000);
    expect(IMPORT_LOOK_AFTER_MS % 1_000).toBe(0);
    expect(IMPORT_LEASE_MS).toBeGreaterThan(IMPORT_LOOK_AFTER_MS);
  });

  test('projects into the index by id what a list reads', () => {
    expect(table.GlobalSecondaryIndexes).toMatchObject([
      { IndexName: 'by-id', Projection: { NonKeyAttributes: ['name', 'summary', 'create_time', 'update_time'] } },
    ]);
  });

  test('keeps what belongs to the record of an import as long as the record', () => {
    const yaml = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
    const days = (prefix: string) => Number(new RegExp(`Prefix: ${prefix}/, ExpirationInDays: (\\d+)`).exec(yaml)?.[1]);
    for (const prefix of ['imports', 'outcomes']) expect(days(prefix), prefix).toBe(IMPORT_KEPT_DAYS + 1);
  });
});
