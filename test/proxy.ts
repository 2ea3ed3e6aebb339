import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A server between the functions and S3 or the table, that counts what passes. */
export type CountingProxy = {
  endpoint: string;
  /** Calls by operation since the last `reset`, as in `PutItem` or `GET object`. */
  calls: Map<string, number>;
  reset: () => void;
  /** Cuts every connection from now on, as if the cable was pulled; `plug` ends that. */
  unplug: () => void;
  plug: () => void;
  close: () => Promise<void>;
};

/** What is done to a call in place of passing it on at once. */
export type Fault = { delayMs: number } | { status: number; body: string } | { cutBody: 'reset' | 'stall' };

/**
 * Starts a proxy on loopback in front of an endpoint.
 * @param onCall hears of each call before it is passed on, with how many of its operation there were.
 */
export async function startProxy(
  target: string,
  onCall?: (operation: string, count: number, url: string) => Fault | undefined,
): Promise<CountingProxy> {
  const calls = new Map<string, number>();
  let isUnplugged = false;
  const server = createServer((incoming, outgoing) => {
    if (isUnplugged) {
      incoming.destroy();
      return;
    }
    const operation = operationOf(incoming);
    const count = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, count);
    const fault = onCall?.(operation, count, incoming.url ?? '');
    if (!fault) forward(target, incoming, outgoing);
    else if ('delayMs' in fault) setTimeout(forward, fault.delayMs, target, incoming, outgoing);
    else if ('cutBody' in fault) forward(target, incoming, outgoing, fault.cutBody);
    else outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    calls,
    reset: () => calls.clear(),
    unplug: () => {
      isUnplugged = true;
      server.closeAllConnections();
    },
    plug: () => {
      isUnplugged = false;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** `DynamoDB_20120810.PutItem` in a header of the table's calls; method and level of S3's. */
function operationOf({ method = '', url = '', headers }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.replace(/^.*\./, '');
  const isObject = (url.split('?')[0] ?? '').split('/').filter(Boolean).length > 1;
  return `${method} ${isObject ? 'object' : 'bucket'}`;
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, cut?: 'reset' | 'stall'): void {
  const { hostname, port } = new URL(target);
  const { method, url, headers } = incoming;
  const onward = request({ hostname, port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (cut === undefined) answer.pipe(outgoing);
    else sendHalf(answer, outgoing, cut);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.pipe(onward);
}

/** The first half of a body, then no more of it, or the end of the connection. */
function sendHalf(answer: IncomingMessage, outgoing: ServerResponse, cut: 'reset' | 'stall'): void {
  const half = Math.floor(Number(answer.headers['content-length']) / 2);
  answer.once('data', (chunk: Buffer) => {
    answer.destroy();
    outgoing.write(chunk.subarray(0, half), () => {
      if (cut === 'reset') outgoing.destroy();
    });
  });
}
