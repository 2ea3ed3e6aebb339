import { bundled } from './bundle.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { readDeployment } from './deployment.ts';
import { EventSource } from './event-source.ts';
import { startGateway } from './gateway.ts';
import { ACCOUNT, queueArn, REGION } from './identity.ts';
import { type Invocation, LambdaPool } from './lambda.ts';
import { startLambdaApi } from './lambda-api.ts';
import type { QueueUrls } from './queues.ts';
import { type Keep, type ServiceOptions, startServices } from './services.ts';
import { eventSourceProblem, lostUpload } from './upload-line.ts';

const TABLE = 'flink-jobs';
const BUCKET = 'flink-jobs';
const UPLOAD_QUEUE = queueArn('flink-jobs-uploads');
const DEAD_LETTER_QUEUE = queueArn('flink-jobs-uploads-dead-letters');
const PLAN_QUEUE = queueArn('flink-jobs-plans');
const ARCHIVE_QUEUE = queueArn('flink-jobs-archives');
const VALUES = {
  Table: TABLE,
  Bucket: BUCKET,
  'UploadQueue.Arn': UPLOAD_QUEUE,
  'UploadDeadLetters.Arn': DEAD_LETTER_QUEUE,
  'PlanQueue.Arn': PLAN_QUEUE,
  'PlanDeadLetters.Arn': queueArn('flink-jobs-plans-dead-letters'),
  'ArchiveQueue.Arn': ARCHIVE_QUEUE,
  'ArchiveDeadLetters.Arn': queueArn('flink-jobs-archives-dead-letters'),
  // A queue is referred to by its URL, which is known once it is there.
  PlanQueue: PLAN_QUEUE,
  ArchiveQueue: ARCHIVE_QUEUE,
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
};

/** How long an end may take before what does not end is left to the end of the process. */
const CLOSE_MILLISECONDS = 5_000;

export type StackOptions = {
  /** Port of the HTTP API, and of the other servers; a free one if absent or 0. */
  readonly port?: number;
  readonly storagePort?: number;
  readonly dynamodbPort?: number;
  readonly lambdaPort?: number;
  /** Servers to use in place of the embedded ones. */
  readonly endpoints?: ServiceOptions['endpoints'];
  /** Takes the place of what functions declare under these names, for instance secrets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to every function. */
  readonly everywhere?: Readonly<Record<string, string>>;
  /** Access key id that a function signs with: by it a server between knows who calls. */
  readonly accessKeyOf?: (functionKey: string) => string;
  /** Absolute path of a function's module, in place of the bundle that is made here. */
  readonly moduleOf?: (functionKey: string) => string;
  /** Seconds of functions, in place of those of the deployment file. */
  readonly timeouts?: Readonly<Record<string, number>>;
  /** Hears each line of a function, and what the stack itself has to say of one: a line of JSON too. */
  readonly onLog?: (functionKey: string, line: string) => void;
  readonly deployment?: string | URL;
};

export type Stack = {
  readonly endpoint: string;
  readonly s3Endpoint: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  readonly lambdaEndpoint: string;
  readonly table: string;
  readonly bucket: string;
  /** URL of the queue that the bucket tells of uploads, and of the one that takes what fails for ever. */
  readonly uploadQueue: string;
  readonly deadLetters: string;
  /** Runs a function beside HTTP; `result` is its parsed payload. */
  invoke(functionKey: string, payload: unknown): Promise<Invocation & { readonly result: unknown }>;
  /** Ids of the processes that functions run in now, or those of one function. */
  pids(functionKey?: string): number[];
  /** Whether a function is at a request that holds a text, or one waits for a process. */
  isBusyWith(text: string): boolean;
  /** Ends everything within a bound, requests in flight too. Calling it again waits for the same end. */
  close(): Promise<void>;
};

/** Starts the deployment on this machine, on loopback only; ends what it started if it cannot. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const ends: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= closeAll(ends);
    return closing;
  };
  try {
    return { ...(await start(options, ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(options: StackOptions, ends: (() => Promise<void>)[]): Promise<Omit<Stack, 'close'>> {
  const { port = 0, lambdaPort = 0, onLog = () => undefined } = options;
  const keep: Keep = (ending) => {
    ends.push(() => ending.close());
    return ending;
  };
  const deployment = await readDeployment({
    path: options.deployment ?? new URL('../serverless.yml', import.meta.url),
    values: VALUES,
    overrides: options.environment ?? {},
  });
  const { storagePort, dynamodbPort, endpoints = {} } = options;
  const onLost = (key: string, reason: unknown) => onLog('s3', lostUpload(key, reason));
  const named = { table: TABLE, bucket: BUCKET, storagePort, dynamodbPort, endpoints, onLost };
  const { queueUrls, ...services } = await startServices(deployment, named, keep);
  const { accessKeyOf, moduleOf } = options;
  const loaded = moduleOf
    ? deployment.functions.map((one) => ({ ...one, file: moduleOf(one.key) }))
    : await bundled(deployment);
  const functions = loaded.map((one) => ({
    ...one,
    environment: withUrls(one.environment, queueUrls),
    timeoutSeconds: options.timeouts?.[one.key] ?? one.timeoutSeconds,
  }));
  const environment: Record<string, string> = {
    AWS_ENDPOINT_URL_S3: services.s3Endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: services.dynamodbEndpoint,
    AWS_ENDPOINT_URL_SQS: services.sqsEndpoint,
    ...options.everywhere,
  };
  const pool = keep(new LambdaPool({ functions, environment, accessKeyOf, onLog }));
  const { endpoint: lambdaEndpoint } = keep(await startLambdaApi({ pool, functions, port: lambdaPort }));
  // Functions call one another through the server that stands before them; none runs yet.
  environment['AWS_ENDPOINT_URL_LAMBDA'] ??= lambdaEndpoint;
  const { endpoint } = keep(await startGateway({ pool, functions, port }));
  startEventSources(functions, { endpoint: services.sqsEndpoint, queueUrls, pool, onLog }, keep);
  return {
    ...services,
    endpoint,
    lambdaEndpoint,
    table: TABLE,
    bucket: BUCKET,
    uploadQueue: urlOf(queueUrls, UPLOAD_QUEUE),
    deadLetters: urlOf(queueUrls, DEAD_LETTER_QUEUE),
    invoke: (functionKey, payload) => invoke(pool, functionKey, payload),
    pids: (functionKey) => pool.pids(functionKey),
    isBusyWith: (text) => pool.isBusyWith(text),
  };
}

function withUrls(environment: DeployedFunction['environment'], queueUrls: QueueUrls): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, queueUrls.get(value) ?? value]));
}

type Sources = {
  readonly endpoint: string;
  readonly queueUrls: QueueUrls;
  readonly pool: LambdaPool;
  readonly onLog: (functionKey: string, line: string) => void;
};

function startEventSources(functions: readonly DeployedFunction[], sources: Sources, keep: Keep): void {
  const { endpoint, queueUrls, pool, onLog } = sources;
  for (const { key: functionKey, eventSources } of functions) {
    for (const mapping of eventSources) {
      const queueUrl = urlOf(queueUrls, mapping.queueArn);
      const onProblem = (text: string) => onLog(functionKey, eventSourceProblem(text));
      keep(new EventSource({ functionKey, mapping, endpoint, queueUrl, pool, onProblem }));
    }
  }
}

function urlOf(queueUrls: QueueUrls, arn: string): string {
  const url = queueUrls.get(arn);
  if (url === undefined) throw new Error(`The deployment has no queue ${arn}.`);
  return url;
}

async function invoke(pool: LambdaPool, functionKey: string, payload: unknown) {
  const invocation = await pool.invoke(functionKey, JSON.stringify(payload));
  const result: unknown = JSON.parse(invocation.payload);
  return { ...invocation, result };
}

// Last in, first out: no server of what functions use ends before they do.
async function closeAll(ends: (() => Promise<void>)[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MILLISECONDS);
  });
  const all = async () => {
    for (const end of ends.toReversed()) await end().catch(() => undefined);
  };
  await Promise.race([all(), late]);
  clearTimeout(timer);
}
