import { readDeployment } from './deployment.ts';
import { startDynamodb, startS3 } from './emulators.ts';
import { startGateway } from './gateway.ts';
import type { Running } from './http.ts';
import { ACCOUNT, REGION } from './identity.ts';
import { type Invocation, LambdaPool } from './lambda.ts';
import { startLambdaApi } from './lambda-api.ts';
import { ensureBucket, ensureTable } from './storage.ts';

const TABLE = 'flink-jobs';
const BUCKET = 'flink-jobs';

/** How long an end may take before what does not end is left to the end of the process. */
const CLOSE_MILLISECONDS = 5_000;

export type StackOptions = {
  /** Port of the HTTP API, and of the other servers; a free one if absent or 0. */
  readonly port?: number;
  readonly s3Port?: number;
  readonly dynamodbPort?: number;
  readonly lambdaPort?: number;
  /** Servers to use in place of the embedded ones. */
  readonly endpoints?: { readonly s3?: string | undefined; readonly dynamodb?: string | undefined };
  /** Takes the place of what functions declare under these names, for instance secrets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Given to every function. */
  readonly everywhere?: Readonly<Record<string, string>>;
  /** Seconds of functions, in place of those of the deployment file. */
  readonly timeouts?: Readonly<Record<string, number>>;
  readonly onLog?: (functionKey: string, line: string) => void;
  readonly deployment?: string | URL;
};

export type Stack = {
  readonly endpoint: string;
  readonly s3Endpoint: string;
  readonly dynamodbEndpoint: string;
  readonly lambdaEndpoint: string;
  readonly table: string;
  readonly bucket: string;
  /** Runs a function beside HTTP; `result` is its parsed payload. */
  invoke(functionKey: string, payload: unknown): Promise<Invocation & { readonly result: unknown }>;
  /** Ids of the processes that functions run in now, or those of one function. */
  pids(functionKey?: string): number[];
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
  const { endpoints = {}, port = 0, lambdaPort = 0 } = options;
  const keep = (running: Running) => {
    ends.push(() => running.close());
    return running.endpoint;
  };
  const { functions: declared, table } = await readDeployment({
    path: options.deployment ?? new URL('../serverless.yml', import.meta.url),
    values: { Table: TABLE, Bucket: BUCKET, 'AWS::AccountId': ACCOUNT, 'AWS::Region': REGION, 'AWS::Partition': 'aws' },
    overrides: options.environment ?? {},
  });
  const functions = declared.map((one) => ({
    ...one,
    timeoutSeconds: options.timeouts?.[one.key] ?? one.timeoutSeconds,
  }));
  const s3Endpoint = endpoints.s3 ?? keep(await startS3(options.s3Port));
  const dynamodbEndpoint = endpoints.dynamodb ?? keep(await startDynamodb(options.dynamodbPort));
  await Promise.all([
    ensureTable({ endpoint: dynamodbEndpoint, name: TABLE }, table),
    ensureBucket({ endpoint: s3Endpoint, name: BUCKET }),
  ]);
  const environment: Record<string, string> = {
    AWS_ENDPOINT_URL_S3: s3Endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    ...options.everywhere,
  };
  const pool = new LambdaPool({ functions, environment, ...(options.onLog && { onLog: options.onLog }) });
  ends.push(() => pool.close());
  const lambdaEndpoint = keep(await startLambdaApi({ pool, functions, port: lambdaPort }));
  // Functions call one another through the server that stands before them; none runs yet.
  environment['AWS_ENDPOINT_URL_LAMBDA'] ??= lambdaEndpoint;
  const endpoint = keep(await startGateway({ pool, functions, port }));
  return {
    endpoint,
    s3Endpoint,
    dynamodbEndpoint,
    lambdaEndpoint,
    table: TABLE,
    bucket: BUCKET,
    invoke: (functionKey, payload) => invoke(pool, functionKey, payload),
    pids: (functionKey) => pool.pids(functionKey),
  };
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
