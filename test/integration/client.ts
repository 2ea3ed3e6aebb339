import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect, inject } from 'vitest';
import type { ProjectKeys } from '../../lib/auth/credentials.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { expectDocumented } from '../documented.ts';
import { type ZipFile, zip } from '../zip.ts';

export const stack = inject('stack');
const shared = { region: REGION, credentials: CREDENTIALS };
export const s3 = new S3Client({ ...shared, endpoint: stack.s3Endpoint });
export const dynamodb = DynamoDBDocumentClient.from(
  new DynamoDBClient({ ...shared, endpoint: stack.dynamodbEndpoint }),
);
const lambda = new LambdaClient({ ...shared, endpoint: stack.lambdaEndpoint });

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert.
export type Answer = { status: number; headers: Headers; text: string; json: any };

/** Runs a function beside HTTP, as the operator does. */
export async function invoke(functionKey: string, payload: unknown) {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: `flink-job-import-dev-${functionKey}`, Payload: JSON.stringify(payload) }),
  );
  return { error: FunctionError, result: JSON.parse(Payload?.transformToString() ?? 'null') };
}

let projects = 0;

/** A project of its own for a test: nothing of it meets another's. */
export async function newProject(locations: unknown[] = [{ bucket: stack.bucket }]) {
  const projectId = `p${process.pid}-${Date.now().toString(36)}-${projects++}`;
  const { error, result } = await invoke('manage-project', { action: 'add', project_id: projectId, locations });
  expect(error).toBeUndefined();
  return new ProjectClient(projectId, result.keys);
}

/** Talks to the API as a client of one project does. */
export class ProjectClient {
  /** Of another stack than the shared one, in tests that start their own. */
  endpoint = stack.endpoint;
  readonly projectId: string;
  readonly keys: ProjectKeys;

  constructor(projectId: string, keys: ProjectKeys) {
    this.projectId = projectId;
    this.keys = keys;
  }

  get token(): string {
    return this.keys.token;
  }

  get jobs(): string {
    return `/v1.0/${this.projectId}/streaming/jobs`;
  }

  import(zipFile: unknown, options: Record<string, unknown> = {}): Promise<Answer> {
    return this.send('POST', `${this.jobs}/import`, JSON.stringify({ zip_file: zipFile, ...options }));
  }

  async send(method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) {
    return send(method, this.endpoint + path, body, {
      'x-auth-token': this.token,
      'content-type': 'application/json',
      ...headers,
    });
  }

  /** Looks at an import until it has ended, a minute long at the most. Returns it with the first thousand rows. */
  async untilEnded(importId: number): Promise<Answer> {
    for (let look = 0; look < 300; look++) {
      const shown = await this.send('GET', `${this.jobs}/imports/${importId}?limit=1000`);
      if (!['queued', 'running'].includes(shown.json.state)) return shown;
      await sleep(200);
    }
    throw new Error(`import ${importId} did not end`);
  }

  /** Puts an archive into the project's folder of the bucket. Returns its path. */
  async put(name: string, archive: Buffer | ZipFile[], bucket = stack.bucket): Promise<string> {
    const key = `${this.projectId}/${name}`;
    const body = Buffer.isBuffer(archive) ? archive : zip(archive);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    return `${bucket}/${key}`;
  }

  /** An archive of one document. */
  putJobs(name: string, document: unknown): Promise<string> {
    return this.put(name, [
      { name: 'jobs.json', data: typeof document === 'string' ? document : JSON.stringify(document) },
    ]);
  }
}

/**
 * A request as it is, its headers too: in their order and as often as they are given. Nothing is added but what HTTP
 * cannot do without.
 */
export async function sendAsIs(
  method: string,
  url: string,
  headers: [string, string][],
  body: string | Buffer = '',
): Promise<Answer> {
  const { hostname, port, host } = new URL(url);
  const sent = [['Host', host], ['Content-Length', String(Buffer.byteLength(body))], ...headers];
  // The path as it was given: a URL drops and encodes.
  const path = url.slice(url.indexOf(host) + host.length);
  const outgoing = request({ hostname, port, method, path, headers: sent.flat() }).end(body);
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  if (incoming === undefined) throw new Error('no answer');
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk;
  const answered = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return received(method, path, { status: incoming.statusCode ?? 0, headers: new Headers(answered), text });
}

/** A request as it is, with nothing added. A path is one of the shared stack. */
export async function send(
  method: string,
  url: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const address = new URL(url.startsWith('http') ? url : stack.endpoint + url);
  const response = await fetch(address, { method, headers, ...(body !== undefined && { body }) });
  const { status, headers: answered } = response;
  return received(method, address.pathname, { status, headers: answered, text: await response.text() });
}

/** Every answer that a test receives is one that the OpenAPI document tells of. */
function received(method: string, path: string, answer: Omit<Answer, 'json'>): Answer {
  const whole = { ...answer, json: JSON.parse(answer.text) };
  expectDocumented(method, path.replace(/\?.*/s, ''), whole);
  return whole;
}

/** The functions' log lines that hold a text. */
export function logLines(text: string): string[] {
  return readFileSync(stack.logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(text));
}

/** The items of one partition of the table, as they are. */
export async function itemsOf(pk: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: stack.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
      ConsistentRead: true,
    }),
  );
  return Items;
}

export async function jobItem(projectId: string, name: string): Promise<Record<string, unknown> | undefined> {
  const Key = { pk: `job#${projectId}#${name}`, sk: 'job' };
  return (await dynamodb.send(new GetCommand({ TableName: stack.table, Key, ConsistentRead: true }))).Item;
}

/** Writes an item as it is. */
export async function putItem(item: Record<string, unknown>): Promise<void> {
  await dynamodb.send(new PutCommand({ TableName: stack.table, Item: item }));
}

/** Keys of the objects below a prefix of the bucket. */
export async function objectKeys(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: stack.bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
}
