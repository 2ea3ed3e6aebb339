import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import type { Ground } from '../foreign-locations.ts';
import { startProxy } from '../proxy.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { zip } from '../zip.ts';
import type { Servers } from './rig.ts';

/** A request as it goes out: its path is sent as it is. */
export type Request = { method: string; path: string; body?: object; headers?: Record<string, string> };
export type Reply = { status: number; requestId: string; text: string };

/** A project, and what opens its door. */
export type Member = { projectId: string; token: string };

export const jobsOf = (projectId: string) => `/v1.0/${projectId}/streaming/jobs`;

const ARCHIVE = zip([{ name: 'jobs.json', data: JSON.stringify(['a', 'b', 'c'].map((name) => ({ name }))) }]);

/** The shipped functions, with a proxy before S3 and one before the table, and two projects that are not there yet. */
export async function startTwoProjects({ s3Endpoint, dynamodbEndpoint }: Servers) {
  const s3Calls: string[] = [];
  const partitions: string[] = [];
  const s3Proxy = await startS3Proxy(s3Endpoint, ({ operation, url }) => void s3Calls.push(`${operation} ${url}`));
  const table = await startProxy(
    dynamodbEndpoint,
    ({ body }) => void partitions.push(...partitionsOf(body.toString())),
  );
  const stack = await startStack({
    endpoints: { s3: s3Endpoint, dynamodb: table.endpoint },
    everywhere: { AWS_ENDPOINT_URL_S3: s3Proxy.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
  const shared = { region: REGION, credentials: CREDENTIALS };
  const s3 = new S3Client({ ...shared, endpoint: s3Endpoint, forcePathStyle: true });
  const run = Date.now().toString(36);
  const own = memberOf(`own-${run}`);
  const other = memberOf(`other-${run}`);
  const ground: Ground = { bucket: stack.bucket, own: `${own.projectId}/data`, foreign: `${other.projectId}/data` };
  return {
    own,
    other,
    ground,
    /** What the functions asked S3 and the table for since this was called last. */
    takeCalls: () => ({ s3Calls: s3Calls.splice(0), partitions: partitions.splice(0) }),
    register: async ({ projectId, token }: Member, prefix: string) => {
      const keys = { access_key: projectId, secret_key: `secret-of-${projectId}`, token };
      const locations = [{ bucket: stack.bucket, prefix, write: true }];
      const added = await stack.invoke('manage-project', { action: 'add', project_id: projectId, locations, keys });
      if (added.functionError !== undefined) throw new Error(`no project: ${added.payload}`);
    },
    /** Puts an archive, in a bucket that is made if need be. @returns whether it can be read then. */
    put: (path: string) => putArchive(s3, path),
    send: ({ token }: Member, asked: Request) => send(stack.endpoint, token, asked),
    close: async () => {
      await stack.close();
      await Promise.all([s3Proxy.close(), table.close()]);
      s3.destroy();
    },
  };
}

export type TwoProjects = Awaited<ReturnType<typeof startTwoProjects>>;

const memberOf = (projectId: string): Member => ({ projectId, token: `token-of-${projectId}` });

/** Whether a partition of the table is a member's own, or of the credential that it sends. */
export function isOwnPartition(partition: string, { projectId, token }: Member): boolean {
  const credential = `credential#${createHash('sha256').update(token).digest('hex')}`;
  return partition === credential || partition.split('#').includes(projectId);
}

const attribute = z.object({ S: z.optional(z.string()) });
const key = z.object({ pk: attribute });
const tableCall = z.object({
  Key: z.optional(key),
  Item: z.optional(key),
  KeyConditionExpression: z.optional(z.string()),
  ExpressionAttributeValues: z.optional(z.record(z.string(), attribute)),
  RequestItems: z.optional(z.record(z.string(), z.object({ Keys: z.array(key) }))),
});

/** The partitions that a call to the table is about. */
function partitionsOf(body: string): string[] {
  const call = tableCall.parse(JSON.parse(body));
  const keys = [call.Key, call.Item, ...Object.values(call.RequestItems ?? {}).flatMap(({ Keys }) => Keys)];
  const named = keys.flatMap((one) => one?.pk.S ?? []);
  // A query names its partition among its values, first.
  const [queried] =
    call.KeyConditionExpression === undefined ? [] : Object.values(call.ExpressionAttributeValues ?? {});
  const all = queried?.S === undefined ? named : [...named, queried.S];
  return all.length > 0 ? all : ['a call without a partition'];
}

async function putArchive(s3: S3Client, path: string): Promise<boolean> {
  const [bucket = '', ...segments] = path.split('/');
  const place = { Bucket: bucket, Key: segments.join('/') };
  try {
    await s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
      if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
    });
    await s3.send(new PutObjectCommand({ ...place, Body: ARCHIVE }));
    return (await s3.send(new HeadObjectCommand(place))).ContentLength === ARCHIVE.length;
  } catch (error) {
    // S3 takes no bucket of such a name.
    if (error instanceof S3ServiceException) return false;
    throw error;
  }
}

async function send(endpoint: string, token: string, { method, path, body, headers }: Request): Promise<Reply> {
  const { hostname, port } = new URL(endpoint);
  const sent = { 'x-auth-token': token, 'content-type': 'application/json', ...headers };
  const outgoing = request({ hostname, port, method, path, headers: sent }).end(body && JSON.stringify(body));
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  if (incoming === undefined) throw new Error('no answer');
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  return { status: incoming.statusCode ?? 0, requestId: String(incoming.headers['x-request-id']), text };
}
