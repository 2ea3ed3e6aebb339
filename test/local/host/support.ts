import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DeploymentOptions, readDeployment } from '../../../local/deployment.ts';
import { listen, type Running } from '../../../local/http.ts';
import { isFields } from '../../../local/shapes.ts';

export const DEPLOYMENT = new URL('serverless.yml', import.meta.url);
export const OVERRIDES = { KEPT_ELSEWHERE: 'given' };
export const VALUES = {
  Table: 'some-table',
  'UploadQueue.Arn': 'arn:aws:sqs:eu-west-1:123456789012:uploads',
  'UploadDeadLetters.Arn': 'arn:aws:sqs:eu-west-1:123456789012:dead-letters',
  'AWS::AccountId': '123456789012',
  'AWS::Region': 'eu-west-1',
};

const WAIT_MILLISECONDS = 10_000;

export function readFixture(options: Partial<DeploymentOptions> = {}) {
  return readDeployment({ path: DEPLOYMENT, values: VALUES, overrides: OVERRIDES, ...options });
}

type Reply = { status: number; headers: IncomingHttpHeaders; rawHeaders: string[]; body: string; bytes: Buffer };
type Call = { method?: string; path?: string; headers?: readonly string[]; body?: string | Buffer | undefined };

/** Sends a request just as it is given: the path untouched, the headers a flat list of names and values. */
export function call(endpoint: string, { method = 'GET', path = '/', headers = [], body }: Call): Promise<Reply> {
  const { host, hostname, port } = new URL(endpoint);
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const length =
    body === undefined || headers.includes('transfer-encoding')
      ? []
      : ['content-length', String(Buffer.byteLength(body))];
  const sent = request({ hostname, port, method, path, headers: ['host', host, ...length, ...headers], agent: false });
  sent.once('error', reject);
  sent.once('response', async (response) => {
    const bytes = Buffer.concat(await response.toArray().catch(() => []));
    const { statusCode: status = 0, headers, rawHeaders } = response;
    resolve({ status, headers, rawHeaders, body: bytes.toString(), bytes });
  });
  sent.end(body);
  return promise;
}

/** The value at the keys, or undefined: for what comes as JSON. */
export function dig(value: unknown, ...keys: string[]): unknown {
  return keys.reduce((found: unknown, key) => (isFields(found) ? found[key] : undefined), value);
}

/** False also for a process that nobody has reaped yet. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}

/** Waits for what must come true, and throws if it does not. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; waited < WAIT_MILLISECONDS; waited += 10) {
    if (isTrue()) return;
    await sleep(10);
  }
  throw new Error(`still not true: ${isTrue}`);
}

/** A server that answers nobody before `count` requests have met at it. */
export function startMeeting(count: number): Promise<Running> {
  const met: (() => void)[] = [];
  const server = createServer((_request, response) => {
    met.push(() => response.end());
    if (met.length === count) for (const answer of met.splice(0)) answer();
  });
  return listen(server);
}
