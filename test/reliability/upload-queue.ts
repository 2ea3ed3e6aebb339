import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStorage } from '../../local/emulators.ts';
import { CREDENTIALS, queueArn, REGION } from '../../local/identity.ts';
import { ensureQueues } from '../../local/queues.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { type Call, type Fault, startProxy } from '../proxy.ts';
import { Random } from '../random.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { zip } from '../zip.ts';
import { zipOf } from './case.ts';
import { type Finding, isSameJob, judgeState } from './judge.ts';
import type { Rig, Run } from './rig.ts';
import type { JobDocument } from './scenarios.ts';
import { readState, type State } from './state.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

const UPLOADS = 50;
const NAMES = Array.from({ length: 20 }, (_, n) => `name-${n}`);
/** Of a hundred calls to the queue. */
const FAILED = 30;
/** Seconds for which a message that was handed over is not seen: so few that some come while the first is at work. */
const VISIBILITY_SECONDS = 2;
/** More than chance needs: none is to end among the dead letters. */
const RECEIVES = 100;
const DRAIN_MS = 120_000;
const LOOK_MS = 100;

const listed = z.object({
  imports: z.array(
    z.object({ import_id: z.int(), state: z.string(), source: z.string(), key: z.string(), etag: z.string() }),
  ),
});
type Listed = z.infer<typeof listed>['imports'][number];
/** What was put last under a key, and the answer of S3 to it. */
type Put = { document: JobDocument; etag: string };

/** What fails at the queue, and what of it was seen. */
type Meddling = { random: Random; seen: Set<string>; hit: Set<string>; fired: number; hasFailed: boolean };

/** Each seed: fifty uploads at once over twenty names, through a queue whose calls fail. */
export async function sweepQueue(rig: Rig, line: string, seeds: number[], onProgress?: Progress): Promise<Tally> {
  const tally = newTally(line);
  const meddling: Meddling = { random: new Random(0), seen: new Set(), hit: new Set(), fired: 0, hasFailed: false };
  const queues = await startStorage();
  const proxy = await startProxy(queues.endpoint, (call) => meddle(call, meddling));
  await makeQueues(queues.endpoint);
  const s3Proxy = await startS3Proxy(() => stack.s3Endpoint);
  const stack = await startStack({
    endpoints: { dynamodb: rig.dynamodbEndpoint, sqs: proxy.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
    everywhere: { AWS_ENDPOINT_URL_S3: s3Proxy.endpoint },
  });
  const shared = { region: REGION, credentials: CREDENTIALS };
  const clients = { ...rig, s3: new S3Client({ ...shared, endpoint: stack.s3Endpoint }) };
  // Past the proxy, which stands in the URLs of the queues: to look is no part of what is tried.
  const sqs = new SQSClient({ ...shared, endpoint: queues.endpoint, useQueueUrlAsEndpoint: false });
  try {
    for (const seed of seeds) {
      meddling.random = new Random(seed);
      count(tally, `seed ${seed}`, await orBroken(() => runSeed(clients, stack, sqs, new Random(seed))));
      onProgress?.(tally, seeds.length);
    }
    return { ...tally, fired: meddling.fired, seen: meddling.seen.size, hit: meddling.hit.size };
  } finally {
    await stack.close();
    await Promise.all([proxy.close(), queues.close(), s3Proxy.close()]);
  }
}

/** As the deployment names them, but faster. */
async function makeQueues(endpoint: string): Promise<void> {
  const [name, dead] = ['flink-jobs-uploads', 'flink-jobs-uploads-dead-letters'];
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(dead), maxReceiveCount: RECEIVES });
  const attributes = { VisibilityTimeout: String(VISIBILITY_SECONDS), RedrivePolicy };
  await ensureQueues(endpoint, [
    { name, arn: queueArn(name), attributes },
    { name: dead, arn: queueArn(dead), attributes: {} },
  ]);
}

function meddle({ operation }: Call, meddling: Meddling): Fault | undefined {
  const { random } = meddling;
  // Those of the start are made once, before anything is uploaded.
  if (!/^(Send|Receive|Delete)Message/.test(operation)) return undefined;
  meddling.seen.add(operation);
  // Not two one after the other: an event that S3 cannot send in five tries is lost here, as it is not on AWS.
  meddling.hasFailed = !meddling.hasFailed && random.below(100) < FAILED;
  if (!meddling.hasFailed) return undefined;
  meddling.hit.add(operation);
  meddling.fired += 1;
  return random.pick<Fault>([{ reset: 'before' }, { reset: 'after' }, { delayMs: LOOK_MS }, UNAVAILABLE]);
}

const UNAVAILABLE: Fault = {
  status: 503,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: '{"__type":"com.amazonaws.sqs#ServiceUnavailable","message":"injected"}',
};

async function runSeed(rig: Rig, stack: Stack, sqs: SQSClient, random: Random): Promise<Finding[]> {
  const run = await rig.begin(stack.endpoint);
  const before = await readState(rig, run, NAMES);
  const last = new Map<string, Put>();
  const keys = Array.from({ length: UPLOADS }, (_, n) => ({ name: NAMES[n % NAMES.length] ?? '', n }));
  const shuffled = keys.map((one) => ({ one, at: random.next() })).sort((a, b) => a.at - b.at);
  await pMap(
    shuffled,
    async ({ one: { name, n } }) => {
      const document = { name, job_id: n, sql_body: `SELECT ${n}` };
      const Key = keyOf(run, name);
      const Body = zip(zipOf([document]));
      const put = new PutObjectCommand({ Bucket: stack.bucket, Key, Body, Metadata: { 'is-cover': 'true' } });
      const { ETag: etag = '' } = await rig.s3.send(put);
      last.set(`${Key} ${etag}`, { document, etag });
    },
    { concurrency: UPLOADS },
  );
  const isDrained = await drain(sqs, stack.uploadQueue);
  const state = await readState(rig, run, NAMES);
  const newest = await newestOf(rig, stack, run, last);
  const { imports } = listed.parse(JSON.parse((await rig.get(run, '/imports?limit=100')).text));
  const left = await messagesOf(sqs, stack.deadLetters);
  return [
    ...judgeState(before, state, NAMES),
    ...judgeNewest(newest, state),
    ...judgeImports(imports, newest),
    ...(isDrained ? [] : [{ harm: 'hang' as const, what: 'messages are left on the queue' }]),
    ...(left === 0 ? [] : [{ harm: 'lost' as const, what: `${left} messages are among the dead letters` }]),
  ];
}

const keyOf = ({ projectId }: Run, name: string) => `uploads/${projectId}/${name}.zip`;

/** Which of the uploads of each key its object is now, as S3 tells. */
async function newestOf({ s3 }: Rig, { bucket }: Stack, run: Run, all: Map<string, Put>): Promise<Map<string, Put>> {
  const newest = new Map<string, Put>();
  for (const name of NAMES) {
    const Key = keyOf(run, name);
    const { ETag } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    const put = all.get(`${Key} ${ETag}`);
    if (put === undefined) throw new Error(`nobody uploaded what ${Key} is`);
    newest.set(Key, put);
  }
  return newest;
}

/** Waits until nothing is on the queue, or in anybody's hands. */
async function drain(sqs: SQSClient, queue: string): Promise<boolean> {
  const deadline = performance.now() + DRAIN_MS;
  while ((await messagesOf(sqs, queue)) > 0) {
    if (performance.now() > deadline) return false;
    await sleep(LOOK_MS);
  }
  return true;
}

async function messagesOf(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const AttributeNames: ['All'] = ['All'];
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
  return (
    Number(Attributes['ApproximateNumberOfMessages']) + Number(Attributes['ApproximateNumberOfMessagesNotVisible'])
  );
}

function judgeNewest(newest: Map<string, Put>, { jobs }: State): Finding[] {
  return [...newest.values()].flatMap(({ document }): Finding[] => {
    const stored = jobs.get(document.name);
    if (isSameJob(stored, document)) return [];
    const what = `${document.name} is "${stored?.definition.sql_body}", not "${document.sql_body}"`;
    return [{ harm: stored === undefined ? 'lost' : 'wrong', what }];
  });
}

/** Of each key the newest import is that of the newest version, and it ended; no version has two. */
function judgeImports(imports: Listed[], newest: Map<string, Put>): Finding[] {
  const findings: Finding[] = [];
  const versions = imports.map(({ key, etag }) => `${key} ${etag}`);
  if (new Set(versions).size !== versions.length) findings.push({ harm: 'doubled', what: 'a version has two imports' });
  for (const { import_id, state, source } of imports) {
    const isEnded = state === 'finished' || state === 'failed';
    if (!isEnded || source !== 'upload')
      findings.push({ harm: 'wrong', what: `import ${import_id} is ${state}, of a ${source}` });
  }
  for (const [key, { etag }] of newest) {
    const first = imports.find((one) => one.key === key);
    if (first?.etag === etag && first.state === 'finished') continue;
    findings.push({
      harm: 'wrong',
      what: `the newest import of ${key} is ${first?.state}, of ${first?.etag}, not ${etag}`,
    });
  }
  return findings;
}
