import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { DeployedFunction } from './deployed-function.ts';
import { createEvent, createRequestId, targetOf } from './gateway-event.ts';
import { type GatewayResponse, gatewayError, INTERNAL_ERROR, responseOf } from './gateway-response.ts';
import { listen, type Running, readBody } from './http.ts';
import type { LambdaPool } from './lambda.ts';
import { LambdaRefusal } from './lambda-refusal.ts';
import { createRouter, type Match } from './router.ts';

// Quotas of an HTTP API: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const BODY_BYTES = 10 * 1024 * 1024;
const HEADER_BYTES = 10_240;
const TIMEOUT_MILLISECONDS = 30_000;

type GatewayOptions = {
  readonly pool: LambdaPool;
  readonly functions: readonly DeployedFunction[];
  readonly port?: number;
  readonly timeoutMilliseconds?: number;
};

type Route = (method: string, path: string) => Match<string> | undefined;

/** Serves the functions' routes on loopback as an API Gateway HTTP API does, payload format 2.0, stage `$default`. */
export function startGateway({ pool, functions, port = 0, timeoutMilliseconds }: GatewayOptions): Promise<Running> {
  const entries = functions.flatMap(({ key, routes }) => routes.map((route) => [route, key] as const));
  const route = createRouter(entries);
  const invoke = invoker(pool, timeoutMilliseconds ?? TIMEOUT_MILLISECONDS);
  const server = createServer({ maxHeaderSize: HEADER_BYTES }, (request, response) => {
    const requestId = createRequestId();
    answer(route, invoke, request, requestId)
      .catch(() => INTERNAL_ERROR)
      .then((result) => send(response, result, requestId))
      .catch(() => send(response, INTERNAL_ERROR, requestId));
  });
  return listen(server, port);
}

type Invoke = (functionKey: string, payload: string) => Promise<GatewayResponse>;

async function answer(
  route: Route,
  invoke: Invoke,
  request: IncomingMessage,
  requestId: string,
): Promise<GatewayResponse> {
  const body = await readBody(request, BODY_BYTES);
  if (body === undefined) return gatewayError(413, 'Request Entity Too Large');
  const match = route(request.method ?? '', targetOf(request).path);
  if (match === undefined) return gatewayError(404, 'Not Found');
  return invoke(match.target, JSON.stringify(createEvent(request, body, match, requestId)));
}

function invoker(pool: LambdaPool, timeoutMilliseconds: number): Invoke {
  return async (functionKey, payload) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<GatewayResponse>((resolve) => {
      const unavailable = gatewayError(503, 'Service Unavailable');
      timer = setTimeout(() => resolve(unavailable), timeoutMilliseconds);
    });
    // The gateway gives up; the function goes on.
    return Promise.race([run(pool, functionKey, payload), late]).finally(() => clearTimeout(timer));
  };
}

async function run(pool: LambdaPool, functionKey: string, payload: string): Promise<GatewayResponse> {
  try {
    const { functionError, payload: result } = await pool.invoke(functionKey, payload);
    return functionError === undefined ? responseOf(result) : INTERNAL_ERROR;
  } catch (error) {
    if (!(error instanceof LambdaRefusal)) throw error;
    if (error.status === 413) return gatewayError(413, 'Request Entity Too Large');
    return error.status === 429 ? gatewayError(503, 'Service Unavailable') : INTERNAL_ERROR;
  }
}

function send(response: ServerResponse, { status, headers, body }: GatewayResponse, requestId: string): void {
  const length = { 'content-length': Buffer.byteLength(body) };
  // Headers that node refuses throw here, before anything is sent.
  response.writeHead(status, { ...headers, ...length, 'apigw-requestid': requestId }).end(body);
}
