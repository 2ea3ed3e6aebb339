// A program: `node null-services.ts`. A table that answers each call at once and keeps nothing, and an S3 that keeps the
// archives that are put into it. It is a process of its own, so that what it takes is nobody's who is measured.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen } from '../../local/http.ts';
import { ARCHIVES, isTake, type NullReport, TABLE } from './null-messages.ts';

/** Milliseconds that answers take, beside those that come at once. */
const LATENCY_MS = 5;

const EMPTY = Buffer.from('{}');
const NOTHING_FOUND = Buffer.from(JSON.stringify({ Responses: { [TABLE]: [] }, UnprocessedKeys: {} }));
/** More ids than any import of the bench takes. */
const IDS_AT_ONCE = 1_000_000;

const objects = new Map<string, Buffer>();
let calls = 0;
let bytes = 0;
let lastId = 0;

const serve = (latencyMs: number) =>
  createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    calls += 1;
    bytes += body.length;
    if (latencyMs > 0) await sleep(latencyMs);
    const target = request.headers['x-amz-target'];
    if (typeof target !== 'string') answerObject(request, response, body);
    else response.setHeader('content-type', 'application/x-amz-json-1.0').end(answerOfTable(target, body));
  });

/** Of a counter its new value is asked for; all others are told that there was nothing. */
function answerOfTable(target: string, body: Buffer): Buffer {
  if (target.endsWith('.BatchGetItem')) return NOTHING_FOUND;
  if (!body.includes('"UPDATED_NEW"')) return EMPTY;
  lastId += IDS_AT_ONCE;
  const value = { N: String(lastId) };
  return Buffer.from(JSON.stringify({ Attributes: { last_job_id: value, last_import_id: value } }));
}

function answerObject({ method, url = '' }: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const [path = ''] = url.split('?');
  if (method === 'PUT' && path.includes(ARCHIVES)) objects.set(path, body);
  const object = method === 'GET' ? objects.get(path) : undefined;
  response.setHeader('etag', '"1"').writeHead(method === 'GET' && object === undefined ? 404 : 200);
  response.end(object);
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (!isTake(message)) return;
  send({ kind: 'taken', calls, bytes });
  [calls, bytes] = [0, 0];
});
const [atOnce, late] = [await listen(serve(0)), await listen(serve(LATENCY_MS))];
send({ kind: 'ready', atOnce: atOnce.endpoint, late: late.endpoint });

function send(report: NullReport): void {
  process.send?.(report);
}
