import { join } from 'node:path';
import { inject } from 'vitest';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStorage } from '../../local/emulators.ts';
import { ACCOUNT, queueArn, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import { type Call, type Fault, type OnCall, startProxy } from '../proxy.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { LOCATION_BUCKETS } from './global-setup.ts';
import {
  bucketArn,
  isAllowed,
  type Need,
  needsOfLambda,
  needsOfQueue,
  needsOfStorage,
  needsOfTable,
  type Seen,
  signerOf,
  tableArn,
} from './iam.ts';
import { type Statement, Template } from './template.ts';

/** What one call of a function needed, all of it. */
type Recorded = { readonly functionKey: string; readonly needs: readonly Need[] };

/** What the references of the template stand for on this machine. */
const NAMES: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'Table.Arn': tableArn('flink-jobs'),
  'Bucket.Arn': bucketArn('flink-jobs'),
  'PlanQueue.Arn': queueArn('flink-jobs-plans'),
  'ArchiveQueue.Arn': queueArn('flink-jobs-archives'),
  'UploadQueue.Arn': queueArn('flink-jobs-uploads'),
};

function nameOf(reference: string): string {
  const name = NAMES[reference];
  if (name === undefined) throw new Error(`${reference} has no name here.`);
  return name;
}

/** What each role of a template says, with the names of this machine, by the keys of their functions. */
function rolesOf(template: Template): Map<string, Statement[]> {
  return new Map([...template.functions().keys()].map((key) => [key, template.statements(key, nameOf)]));
}

/**
 * Starts the stack from what was packaged, every service behind a proxy that knows who calls by the access key id, and
 * refuses what the role of that function does not allow, as the service does.
 */
export async function startPermissionStack(codeOf: (functionKey: string) => string) {
  const roles = rolesOf(new Template(inject('packages').dev));
  /** Hear of the calls of functions that pass. */
  const hooks: Partial<Record<'s3' | 'table' | 'sqs' | 'lambda', OnCall | undefined>> = {};
  const recorded: Recorded[] = [];
  const denied: string[] = [];
  const logs: string[] = [];

  const judge = (functionKey: string, needs: readonly Need[]): Need | undefined => {
    const statements = roles.get(functionKey) ?? [];
    recorded.push({ functionKey, needs });
    const missing = needs.find((need) => !isAllowed(statements, need));
    if (missing !== undefined) denied.push(`${functionKey}: ${missing.action} ${missing.resource}`);
    return missing;
  };
  const guard =
    (needsOf: (seen: Seen) => Need[], deny: (need: Need) => Fault, hook: () => OnCall | undefined): OnCall =>
    (call) => {
      const signer = signerOf(call);
      // The service itself, which polls queues with the role of the function that it polls for.
      if (signer === undefined || !roles.has(signer)) return undefined;
      const needs = needsOf(call);
      const missing = judge(signer, needs);
      if (missing !== undefined) return deny(missing);
      return hook()?.(call) ?? (isRead(call) ? whereMissing(signer, needs) : undefined);
    };
  /** Who may not list a bucket is told that an object is forbidden, not that there is none. */
  const whereMissing = (functionKey: string, needs: readonly Need[]): Fault => ({
    changeAnswer: (answer) => {
      if (answer.status !== 404) return answer;
      const list = needs.map(({ resource }) => ({ action: 's3:ListBucket', resource: resource.replace(/\/.*/s, '') }));
      return judge(functionKey, list) ? FORBIDDEN : answer;
    },
  });

  const queues = await startStorage();
  const s3 = await startS3Proxy(
    () => stack.s3Endpoint,
    guard(
      needsOfStorage,
      () => ({ status: 403, body: FORBIDDEN_OBJECT }),
      () => hooks.s3,
    ),
  );
  const table = await startProxy(
    () => stack.dynamodbEndpoint,
    guard(needsOfTable, denial(400), () => hooks.table),
  );
  const sqs = await startProxy(
    queues.endpoint,
    guard(needsOfQueue, denial(403), () => hooks.sqs),
  );
  const lambda = await startProxy(
    () => stack.lambdaEndpoint,
    guard(needsOfLambda, denial(403), () => hooks.lambda),
  );
  const stack = await startStack({
    accessKeyOf: (functionKey) => functionKey,
    moduleOf: codeOf,
    endpoints: { sqs: sqs.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS, LOCATION_BUCKETS: LOCATION_BUCKETS.join() },
    everywhere: {
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
    },
    onLog: (_functionKey, line) => logs.push(line),
  });
  return {
    ...stack,
    roles,
    hooks,
    recorded,
    denied,
    logs,
    close: async () => {
      await stack.close();
      await Promise.all([s3, table, sqs, lambda, queues].map((server) => server.close()));
    },
  };
}

export type PermissionStack = Awaited<ReturnType<typeof startPermissionStack>>;

const isRead = ({ method, operation }: Call) => operation.endsWith(' object') && ['GET', 'HEAD'].includes(method);

const FORBIDDEN_OBJECT =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
const FORBIDDEN = { status: 403, headers: { 'content-type': 'application/xml' }, body: Buffer.from(FORBIDDEN_OBJECT) };

/** How the services that speak JSON deny a call. */
const denial =
  (status: number) =>
  ({ action, resource }: Need): Fault => ({
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': 'AccessDeniedException' },
    body: JSON.stringify({
      __type: 'com.amazon.coral.service#AccessDeniedException',
      Message: `User: the function is not authorized to perform: ${action} on resource: ${resource}`,
    }),
  });

/** Path of a function's module in a folder to which its package was unpacked. */
export const moduleIn = (folder: string) => (functionKey: string) =>
  join(folder, functionKey, `functions/${functionKey}.mjs`);
