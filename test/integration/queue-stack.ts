import { expect } from 'vitest';
import * as z from 'zod/mini';
import { archiveTask } from '../../lib/dispatch/archive-task.ts';
import { planTask } from '../../lib/dispatch/plan-task.ts';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStorage } from '../../local/emulators.ts';
import { startStack } from '../../local/stack.ts';
import { type Call, type OnCall, startProxy } from '../proxy.ts';
import { jobItem, newProject, type ProjectClient, stack as shared } from './client.ts';

/** What a function put on a queue for another one. */
export type Message = {
  to: 'plan-import' | 'import-queued-archive';
  projectId: string;
  body: string;
  delaySeconds: number;
  group: string | undefined;
};

/** What came of the delivery of a message: it is done with or comes again, as it does when the function died. */
export type Delivered = 'done' | 'again' | 'died';

const entry = z.object({
  MessageBody: z.string(),
  DelaySeconds: z._default(z.int(), 0),
  MessageGroupId: z.optional(z.string()),
});
const sent = z.object({ QueueUrl: z.string(), Entries: z.array(entry) });
const task = z.union([planTask, archiveTask]);
const batchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.literal('m') })) });

/**
 * Starts a stack over the S3 and the table of the shared one, with queues of its own, and a proxy before each service
 * whose calls `hooks` hears and may fail or delay.
 * @param isPolled if not, no message reaches a function but by `deliver`: as late, as often and in what order one likes.
 */
export async function startQueueStack({ isPolled }: { isPolled: boolean }) {
  const hooks: Partial<Record<'s3' | 'table' | 'sqs' | 'lambda', OnCall | undefined>> = {};
  const messages: Message[] = [];
  const lines: string[] = [];
  let lambdaEndpoint = '';
  const storage = await startStorage();
  const s3 = await startProxy(shared.s3Endpoint, (call) => hooks.s3?.(call));
  const table = await startProxy(shared.dynamodbEndpoint, (call) => hooks.table?.(call));
  const sqs = await startProxy(storage.endpoint, (call) => {
    if (call.operation === 'ReceiveMessage' && !isPolled) return { first: () => new Promise(() => {}) };
    const fault = hooks.sqs?.(call);
    if (fault === undefined || !('status' in fault)) messages.push(...messagesOf(call));
    return fault;
  });
  const lambda = await startProxy(
    () => lambdaEndpoint,
    (call) => hooks.lambda?.(call),
  );
  const stack = await startStack({
    endpoints: { s3: s3.endpoint, dynamodb: table.endpoint, sqs: sqs.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
    everywhere: { AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint },
    onLog: (_function, line) => lines.push(line),
  });
  lambdaEndpoint = stack.lambdaEndpoint;
  const sentTo = (to: Message['to'], { projectId }: ProjectClient) =>
    messages.filter((message) => message.to === to && message.projectId === projectId);

  /** Hands a message to its function as the queue does, for the so-many-th time. */
  const deliver = async ({ to, body }: Message, receives = 1): Promise<Delivered> => {
    const attributes = { ApproximateReceiveCount: String(receives) };
    const { functionError, result } = await stack.invoke(to, { Records: [{ messageId: 'm', body, attributes }] });
    if (functionError !== undefined) return 'died';
    return batchResponse.parse(result).batchItemFailures.length === 0 ? 'done' : 'again';
  };

  return {
    hooks,
    s3,
    table,
    sqs,
    lambda,
    endpoint: stack.endpoint,
    deliver,
    invoke: stack.invoke,
    /** What functions printed, line by line. */
    lines,
    /** Messages that were sent about a project's imports, in their order: to the planner, and to workers. */
    plans: (project: ProjectClient) => sentTo('plan-import', project),
    archives: (project: ProjectClient) => sentTo('import-queued-archive', project),
    /** Has the planner do what it was asked last. Returns the messages that it sent. */
    plan: async (project: ProjectClient): Promise<Message[]> => {
      const before = sentTo('import-queued-archive', project).length;
      const last = sentTo('plan-import', project).at(-1);
      if (last === undefined) throw new Error('nothing was sent to the planner');
      if ((await deliver(last)) !== 'done') throw new Error('the planner failed');
      return sentTo('import-queued-archive', project).slice(before);
    },
    /** The writes to the table while something is done: `UpdateItem job#`, `PutItem import#`. */
    writesDuring: async (act: () => Promise<unknown>): Promise<string[]> => {
      const writes: string[] = [];
      hooks.table = ({ operation, body }) => {
        const written = /"pk":\{"S":"([a-z]+#)/.exec(body.toString());
        if (/^(Put|Update|Delete)Item$/.test(operation)) writes.push(`${operation} ${written?.[1]}`);
        return undefined;
      };
      await act();
      hooks.table = undefined;
      return writes;
    },
    pids: (functionKey: string) => stack.pids(functionKey),
    /** A client of a new project that talks to this stack. */
    newProject: async () => {
      const project = await newProject();
      project.endpoint = stack.endpoint;
      return project;
    },
    close: async () => {
      await stack.close();
      await Promise.all([s3, table, sqs, lambda, storage].map((server) => server.close()));
    },
  };
}

export type QueueStack = Awaited<ReturnType<typeof startQueueStack>>;

/** What the table, and Lambda, answer when they are too busy. */
export const TABLE_THROTTLES = {
  status: 400,
  body: '{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow"}',
};
export const LAMBDA_THROTTLES = {
  status: 429,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'TooManyRequestsException' },
  body: '{"Reason":"ConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}',
};

/** Lets calls wait until it is opened: those too by which one that was given up is repeated. */
export function startGate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let held = 0;
  const hold = () => {
    held += 1;
    return { first: () => promise };
  };
  return { hold, held: () => held, open: resolve };
}

export const KEY = { 'idempotency-key': 'key' };

/** A new project's import of an archive for each job, on the queue, under `KEY`. */
export async function beginQueued(own: QueueStack, jobs: string[]) {
  const project = await own.newProject();
  const path = await putEach(project, jobs);
  await importAsync(project, path, {}, KEY);
  return { project, path, messages: await own.plan(project) };
}

/** Imports a path, and does not wait for the end: whatever its size it goes by the queue. */
export function importAsync(project: ProjectClient, zipFile: string, options: object = {}, headers: object = {}) {
  const body = JSON.stringify({ zip_file: zipFile, ...options });
  return project.send('POST', `${project.jobs}/import`, body, { prefer: 'respond-async', ...headers });
}

/** An archive for each job, named after it, in a folder. Returns the path of the folder. */
export async function putEach(project: ProjectClient, jobs: string[]): Promise<string> {
  for (const job of jobs) await project.putJobs(`f/${job}.zip`, { name: job });
  return `${shared.bucket}/${project.projectId}/f`;
}

/** The one of an import's messages that is about an archive. */
export function about(messages: Message[], archive: string): Message {
  const found = messages.find(({ body }) => body.includes(`/${archive}.zip"`));
  if (found === undefined) throw new Error(`no message is about ${archive}`);
  return found;
}

/** Every job is there, once, as its import wrote it, and no other. */
export async function expectEachOnce(project: ProjectClient, names: string[]) {
  const { jobs, total_count } = (await project.send('GET', `${project.jobs}?limit=100`)).json.job_list;
  expect(total_count).toBe(names.length);
  expect(jobs.map(({ name }: { name: string }) => name).toSorted()).toEqual(names.toSorted());
  expect(new Set(jobs.map(({ job_id }: { job_id: number }) => job_id)).size).toBe(names.length);
  for (const name of names) expect(await jobItem(project.projectId, name)).toMatchObject({ revision: 1 });
}

/** What is told of an import. */
export async function shown(project: ProjectClient, importId = 1) {
  return (await project.send('GET', `${project.jobs}/imports/${importId}?limit=1000`)).json;
}

function messagesOf({ operation, body }: Call): Message[] {
  if (!operation.startsWith('SendMessage')) return [];
  const call = JSON.parse(body.toString());
  const { QueueUrl, Entries } = sent.parse(operation === 'SendMessage' ? { ...call, Entries: [call] } : call);
  return Entries.map(({ MessageBody, DelaySeconds, MessageGroupId }) => ({
    to: QueueUrl.endsWith('-plans') ? 'plan-import' : 'import-queued-archive',
    projectId: task.parse(JSON.parse(MessageBody)).projectId,
    body: MessageBody,
    delaySeconds: DelaySeconds,
    group: MessageGroupId,
  }));
}
