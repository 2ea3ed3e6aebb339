import type { IncomingMessage } from 'node:http';
import * as z from 'zod/mini';
import { ACCOUNT, queueArn, REGION } from '../../local/identity.ts';
import type { Statement } from './template.ts';

/** What a call needs to be allowed: an action of IAM, and the ARN that it is done to. */
export type Need = { readonly action: string; readonly resource: string };

/** A call as it came in, before it is known whether it may pass. */
export type Seen = { method: string; url: string; headers: IncomingMessage['headers']; body: Buffer };

/** Whether a policy allows something: one statement does, and none denies it. */
export function isAllowed(statements: readonly Statement[], { action, resource }: Need): boolean {
  const about = statements.filter(({ actions, resources }) => matches(actions, action) && matches(resources, resource));
  return about.some(({ effect }) => effect === 'Allow') && about.every(({ effect }) => effect !== 'Deny');
}

const matches = (patterns: readonly string[], text: string) => patterns.some((pattern) => wildcard(pattern).test(text));

/** `*` stands for any characters, slashes too, `?` for one. */
const wildcard = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

/** Each action of a statement on each of its resources. */
export const permissionsOf = ({ actions, resources }: Statement): Need[] =>
  actions.flatMap((action) => resources.map((resource) => ({ action, resource })));

/** What a role says if one of its statements lacked one of its permissions. */
export function without(statements: readonly Statement[], statement: Statement, taken: Need): Statement[] {
  const rest = permissionsOf(statement).filter(
    ({ action, resource }) => action !== taken.action || resource !== taken.resource,
  );
  const kept = rest.map(({ action, resource }) => ({
    effect: statement.effect,
    actions: [action],
    resources: [resource],
  }));
  return [...statements.filter((one) => one !== statement), ...kept];
}

export const tableArn = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
export const bucketArn = (name: string) => `arn:aws:s3:::${name}`;
const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;

/** Who signed a call: the access key id. Undefined if nobody did. */
export function signerOf({ headers }: Pick<Seen, 'headers'>): string | undefined {
  return /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
}

const tableCall = z.looseObject({
  TableName: z.optional(z.string()),
  IndexName: z.optional(z.string()),
  RequestItems: z.optional(z.record(z.string(), z.unknown())),
});

/** What a call to the table needs. An index is a resource of its own. */
export function needsOfTable({ headers, body }: Seen): Need[] {
  const action = `dynamodb:${operationOf(headers)}`;
  const { TableName, IndexName, RequestItems = {} } = tableCall.parse(JSON.parse(body.toString()));
  const tables = TableName === undefined ? Object.keys(RequestItems) : [TableName];
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  return tables.map((name) => ({ action, resource: `${tableArn(name)}${index}` }));
}

/** What a call to S3 needs. Of one that is not known here nobody may do anything. */
export function needsOfStorage({ method, url }: Seen): Need[] {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [bucket = '', ...segments] = pathname.slice(1).split('/').map(decodeURIComponent);
  const key = segments.join('/');
  if (key === '') {
    const isList = method === 'GET' && searchParams.get('list-type') === '2';
    return [{ action: isList ? 's3:ListBucket' : `s3:unknown ${method} of a bucket`, resource: bucketArn(bucket) }];
  }
  return [{ action: objectAction(method, searchParams), resource: `${bucketArn(bucket)}/${key}` }];
}

function objectAction(method: string, query: URLSearchParams): string {
  const others = [...query.keys()].filter((name) => name !== 'x-id' && name !== 'versionId');
  const isVersion = query.has('versionId');
  if (others.length > 0) return `s3:unknown ${method} with ${others}`;
  if (method === 'GET' || method === 'HEAD') return isVersion ? 's3:GetObjectVersion' : 's3:GetObject';
  if (method === 'PUT') return 's3:PutObject';
  if (method === 'DELETE') return isVersion ? 's3:DeleteObjectVersion' : 's3:DeleteObject';
  return `s3:unknown ${method} of an object`;
}

const queueCall = z.looseObject({ QueueUrl: z.string() });

/** What a call to a queue needs: a batch needs the same as one message. */
export function needsOfQueue({ headers, body }: Seen): Need[] {
  const { QueueUrl } = queueCall.parse(JSON.parse(body.toString()));
  const name = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1);
  return [{ action: `sqs:${operationOf(headers).replace(/Batch$/, '')}`, resource: queueArn(name) }];
}

/** What a call to Lambda needs. */
export function needsOfLambda({ method, url }: Seen): Need[] {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url)?.[1];
  const isInvoke = method === 'POST' && name !== undefined;
  return [
    { action: isInvoke ? 'lambda:InvokeFunction' : `lambda:unknown ${method}`, resource: functionArn(name ?? url) },
  ];
}

function operationOf(headers: IncomingMessage['headers']): string {
  const target = headers['x-amz-target'];
  return typeof target === 'string' ? target.replace(/^.*\./, '') : 'unknown';
}
