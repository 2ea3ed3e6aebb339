import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { QUEUE_RECEIVES } from '../../lib/limits.ts';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStorage } from '../../local/emulators.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import { expectDocumented } from '../documented.ts';
import { type Call, type Fault, startProxy } from '../proxy.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { type ZipFile, zip } from '../zip.ts';
import { openMessages } from './messages.ts';
import { type Service, signatureOf } from './signature.ts';

/** A call of a run: `UpdateItem job#P#a job`, and which of those with this name it is, from 1. */
export type SeenCall = { service: Service; signature: string; occurrence: number; call: Call };
/** `status` 0 stands for no answer at all. */
export type Reply = { status: number; headers: Headers; text: string };

/** The servers that the functions of a rig work on. */
export type Servers = { s3Endpoint: string; dynamodbEndpoint: string };

/** Whether a message is done with, or comes again; or the function gave no answer, and it comes again, too. */
export type Delivered = 'done' | 'again' | 'died';

const batchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.literal('m') })) });

const RUN = /run-[0-9a-f]{8}-\d{6}/;
/** Milliseconds after which a request counts as one that hangs: the gateway gives up at 30 s. */
const HANG_MS = 29_500;
/** Milliseconds without a call after which nothing works on a project any more, unless it waits before it tries again. */
const QUIET_MS = 150;
const LOOK_MS = 15;
/** Milliseconds between two looks at the queues; and looks in a row at which nothing is at work: a message that was received is not at once with its function. */
const QUEUE_LOOK_MS = 30;
const STILL_LOOKS = 8;
/** Milliseconds after which a run is never still. */
const STILL_WITHIN_MS = 300_000;
/** How often time passes until all messages must be gone: each comes so often, and a last one may look after the import. */
const PASSES = 2 * QUEUE_RECEIVES;

/**
 * The shipped functions behind HTTP, with a proxy before S3, one before the table, one before Lambda and one before the
 * queues. Each run has a project of its own, by which the proxies tell whose call they hear, so that many run beside
 * each other.
 */
export async function startRig({ s3Endpoint, dynamodbEndpoint }: Servers) {
  const runs = new Map<string, Run>();
  let lambdaEndpoint = '';
  const runOf = ({ url, body }: Call) => runs.get(RUN.exec(url)?.[0] ?? RUN.exec(body.toString('latin1'))?.[0] ?? '');
  const hear = (service: Service) => (call: Call) => runOf(call)?.hear(service, call);
  const end = (call: Call) => runOf(call)?.end();
  const queues = await startStorage();
  /** Hears the calls that messages are received and deleted by, which are of no run. */
  const queueHook: { onCall: (() => Fault | undefined) | undefined } = { onCall: undefined };
  const hearQueue = (call: Call) => (runOf(call) ? hear('SQS')(call) : queueHook.onCall?.());
  const proxies = {
    s3: await startS3Proxy(s3Endpoint, hear('S3'), end),
    table: await startProxy(dynamodbEndpoint, hear('table'), end),
    lambda: await startProxy(() => lambdaEndpoint, hear('Lambda'), end),
    queues: await startProxy(queues.endpoint, hearQueue, end),
  };
  const stack = await startStack({
    endpoints: { s3: s3Endpoint, dynamodb: proxies.table.endpoint, sqs: proxies.queues.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
    everywhere: { AWS_ENDPOINT_URL_S3: proxies.s3.endpoint, AWS_ENDPOINT_URL_LAMBDA: proxies.lambda.endpoint },
  });
  lambdaEndpoint = stack.lambdaEndpoint;
  const messages = openMessages(queues.endpoint);
  const shared = { region: REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...shared, endpoint: s3Endpoint });
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ ...shared, endpoint: dynamodbEndpoint }));
  // What is not swept needs no containers of its own for each run: that it is asked one at a time saves their starts.
  const manage = queue();
  const look = queue();
  const prefix = `run-${randomBytes(4).toString('hex')}`;
  /** Waits until no function is at work for a run, and no message of it is about to be received. */
  const still = async (run: Run): Promise<void> => {
    const deadline = performance.now() + STILL_WITHIN_MS;
    const isAtWork = async () =>
      run.isCalling || stack.isBusyWith(run.projectId) || (await messages.countReady(run.projectId)) > 0;
    for (let looks = 0; looks < STILL_LOOKS; await sleep(QUEUE_LOOK_MS)) {
      looks = (await isAtWork()) ? 0 : looks + 1;
      if (performance.now() > deadline) throw new Error(`${run.projectId} is never still`);
    }
  };
  return {
    s3,
    dynamodb,
    /** Of the table itself, beside the proxy. */
    dynamodbEndpoint,
    table: stack.table,
    bucket: stack.bucket,
    queueHook,
    pids: (functionKey?: string) => stack.pids(functionKey),
    /** A run with a new project. @param endpoint where it sends its requests, if that is another stack over the table. */
    begin: async (endpoint = stack.endpoint): Promise<Run> => {
      const projectId = `${prefix}-${String(runs.size).padStart(6, '0')}`;
      const locations = [{ bucket: stack.bucket, prefix: projectId }];
      const run = new Run(projectId, endpoint);
      runs.set(projectId, run);
      const keys = { access_key: projectId, secret_key: `secret-of-${projectId}`, token: run.token };
      const command = { action: 'add', project_id: projectId, locations, keys };
      const added = await manage(() => stack.invoke('manage-project', command));
      if (added.functionError !== undefined) throw new Error(`no project: ${added.payload}`);
      return run;
    },
    get: (run: Run, path: string): Promise<Reply> => look(() => run.send('GET', path)),
    put: async ({ projectId }: Run, name: string, archive: Buffer | ZipFile[]): Promise<void> => {
      const Body = Buffer.isBuffer(archive) ? archive : zip(archive);
      await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: `${projectId}/${name}`, Body }));
    },
    /** Uploads an archive, of which nobody is told, and returns the message that would tell of it. */
    upload: async (
      { projectId }: Run,
      key: string,
      archive: ZipFile[],
      { isCover, ...version }: { isCover: boolean; sequencer: string; versionId?: string },
    ): Promise<string> => {
      const Body = zip(archive);
      const Key = `uploads/${projectId}/${key}`;
      const Metadata = { 'is-cover': String(isCover) };
      const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body, Metadata }));
      const object = { key: Key, size: Body.length, eTag: ETag.replaceAll('"', ''), ...version };
      const event = {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: stack.bucket }, object },
      };
      return JSON.stringify({ Records: [event] });
    },
    /** Hands a message to the function of uploads, as the queue does. */
    deliver: async (body: string): Promise<Delivered> => {
      const { functionError, result } = await stack.invoke('archive-uploaded', { Records: [{ messageId: 'm', body }] });
      if (functionError !== undefined) return 'died';
      return batchResponse.parse(result).batchItemFailures.length === 0 ? 'done' : 'again';
    },
    /** Waits until the functions are done with all messages of a run, or have let them die: what comes again comes at once. */
    drain: async (run: Run): Promise<void> => {
      for (let passes = 0; passes < PASSES; passes++) {
        await still(run);
        if ((await messages.letTimePass(run.projectId)) === 0) return;
      }
      throw new Error(`messages of ${run.projectId} never end`);
    },
    close: async () => {
      await stack.close();
      await Promise.all([...Object.values(proxies), queues].map((server) => server.close()));
      messages.close();
      s3.destroy();
      dynamodb.destroy();
    },
  };
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** Does one thing after the other. */
function queue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act, act);
    last = next;
    return next;
  };
}

/** One project, what it sends, and the calls that the functions make for it. */
export class Run {
  /** May fail or change a call. */
  onCall: ((seen: SeenCall) => Fault | undefined) | undefined;
  readonly projectId: string;
  readonly token: string;
  readonly #endpoint: string;
  #seen: SeenCall[] = [];
  readonly #occurrences = new Map<string, number>();
  #inFlight = 0;
  #lastCallAt = 0;

  constructor(projectId: string, endpoint: string) {
    this.projectId = projectId;
    this.token = `token-of-${projectId}`;
    this.#endpoint = endpoint;
  }

  hear(service: Service, call: Call): Fault | undefined {
    this.#inFlight += 1;
    const signature = signatureOf(service, call, this.projectId);
    const occurrence = (this.#occurrences.get(signature) ?? 0) + 1;
    this.#occurrences.set(signature, occurrence);
    const seen = { service, signature, occurrence, call };
    this.#seen.push(seen);
    return this.onCall?.(seen);
  }

  end(): void {
    this.#inFlight -= 1;
    this.#lastCallAt = performance.now();
  }

  /** Forgets the calls so far. */
  listen(): void {
    this.#seen = [];
    this.#occurrences.clear();
  }

  /** The calls since `listen`. */
  get calls(): SeenCall[] {
    return this.#seen;
  }

  /** Whether a call is under way. */
  get isCalling(): boolean {
    return this.#inFlight > 0;
  }

  /** Waits until nothing works on the project any more. */
  async quiet(forMs = QUIET_MS): Promise<void> {
    const deadline = performance.now() + 2 * HANG_MS;
    while (this.#inFlight > 0 || performance.now() - this.#lastCallAt < forMs) {
      if (performance.now() > deadline) throw new Error(`${this.projectId} is never quiet`);
      await sleep(LOOK_MS);
    }
  }

  /**
   * Sends a request. One that is not answered in time, or whose connection breaks, has status 0; any other answer is one
   * that the OpenAPI document tells of.
   */
  async send(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Reply> {
    const url = new URL(`${this.#endpoint}/v1.0/${this.projectId}/streaming/jobs${path}`);
    const reply = await this.#receive(url, method, body, headers);
    if (reply.status !== 0) expectDocumented(method, url.pathname, { ...reply, json: JSON.parse(reply.text) });
    return reply;
  }

  async #receive(url: URL, method: string, body: object | undefined, headers: Record<string, string>): Promise<Reply> {
    try {
      const answer = await fetch(url, {
        method,
        headers: { 'x-auth-token': this.token, 'content-type': 'application/json', ...headers },
        signal: AbortSignal.timeout(HANG_MS),
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return { status: 0, headers: new Headers(), text: error.message };
    }
  }
}
