import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { DeployedFunction } from './deployed-function.ts';
import { listen, type Running, readBody } from './http.ts';
import { type LambdaPool, REQUEST_BYTES } from './lambda.ts';
import { LambdaRefusal } from './lambda-refusal.ts';

/** Bytes of an asynchronous request. Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const EVENT_BYTES = 1_048_576;

const INVOKE = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?(.*))?$/;
// A name, an ARN, or the end of one. Source: the pattern of FunctionName in the reference of Invoke.
const FUNCTION_NAME =
  /^(?:arn:aws[a-z-]*:lambda:)?(?:[a-z]{2}(?:-[a-z]+)+-\d:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::(\$LATEST|[\w-]+))?$/;

type LambdaApiOptions = {
  readonly pool: LambdaPool;
  readonly functions: readonly DeployedFunction[];
  readonly port?: number;
};

/** Serves the Invoke API of Lambda on loopback. Functions are found by name or ARN, unqualified or as `$LATEST`. */
export function startLambdaApi({ pool, functions, port = 0 }: LambdaApiOptions): Promise<Running> {
  const keys = new Map(functions.map(({ name, key }) => [name, key]));
  const server = createServer((request, response) => {
    invoke(pool, keys, request, response).catch((error: unknown) => refuse(response, error));
  });
  return listen(server, port);
}

async function invoke(
  pool: LambdaPool,
  keys: ReadonlyMap<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = functionKey(keys, request);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const payload = await readPayload(request, type === 'Event' ? EVENT_BYTES : REQUEST_BYTES);
  if (type === 'DryRun') {
    respond(response, 204, {}, '');
  } else if (type === 'Event') {
    // Nobody waits for it: what it fails with is in its log.
    void pool.invoke(key, payload).catch(() => undefined);
    respond(response, 202, {}, '');
  } else if (type === 'RequestResponse') {
    const { requestId, functionError, payload: result } = await pool.invoke(key, payload);
    const headers = { 'x-amzn-requestid': requestId, 'x-amz-executed-version': '$LATEST' };
    const error = functionError === undefined ? {} : { 'x-amz-function-error': functionError };
    respond(response, 200, { ...headers, ...error }, result);
  } else {
    throw LambdaRefusal.invalid(`${String(type)} is no invocation type`);
  }
}

function functionKey(keys: ReadonlyMap<string, string>, request: IncomingMessage): string {
  const path = request.method === 'POST' ? INVOKE.exec(request.url ?? '') : null;
  if (path === null) throw LambdaRefusal.notFound(`${request.method} ${request.url}`);
  const given = decodeURIComponent(path[1] ?? '');
  const [, name = '', version] = FUNCTION_NAME.exec(given) ?? [];
  const qualifier = version ?? new URLSearchParams(path[2]).get('Qualifier') ?? '$LATEST';
  const key = keys.get(name);
  if (key === undefined || qualifier !== '$LATEST') throw LambdaRefusal.notFound(given);
  return key;
}

async function readPayload(request: IncomingMessage, limit: number): Promise<string> {
  const body = await readBody(request, limit);
  if (body === undefined) throw LambdaRefusal.tooLarge(limit);
  // A call without a payload gives the function an empty object.
  const text = body.length === 0 ? '{}' : body.toString('utf8');
  try {
    JSON.parse(text);
  } catch (error) {
    throw LambdaRefusal.malformed(error instanceof Error ? error.message : String(error));
  }
  return text;
}

function respond(response: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
  const length = status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const always = { 'content-type': 'application/json', 'x-amzn-requestid': randomUUID() };
  response.writeHead(status, { ...always, ...length, ...headers }).end(body);
}

function refuse(response: ServerResponse, error: unknown): void {
  const { name, status, message } = error instanceof LambdaRefusal ? error : LambdaRefusal.unavailable(String(error));
  const body = JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message });
  respond(response, status, { 'x-amzn-errortype': name }, body);
}
