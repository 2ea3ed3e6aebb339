import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/** A server between the functions and S3, the table or Lambda, that counts what passes. */
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

/** A call as it came in, whole. */
export type Call = {
  operation: string;
  method: string;
  /** How many of its operation there were, this one included. */
  count: number;
  url: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** Ports of the connection: the caller's, and that of the proxy. */
  ports: { caller: number | undefined; own: number | undefined };
};

/** What is done to a call in place of passing it on at once. */
export type Fault =
  /** Passed on later, also if its caller has given up by then. */
  | { delayMs: number }
  | { status: number; body: string; headers?: Record<string, string> }
  /** Only half of the answer is sent. */
  | { cutBody: 'reset' | 'stall' }
  /** The connection ends without an answer: before the call is passed on, while it is carried out, or after it took effect. */
  | { reset: 'before' | 'during' | 'after'; act?: () => unknown }
  /** Something happens, then it is passed on. */
  | { first: () => Promise<void> }
  | { changeBody: (body: Buffer) => Buffer }
  /** The caller gets another answer. */
  | { changeAnswer: (answer: Answer) => Answer }
  /** Passed on with another body. */
  | { sent: string }
  /** Passed on to another address of the same server. */
  | { url: string };

export type OnCall = (call: Call) => Fault | undefined;

export type Target = string | (() => string);

/**
 * Starts a proxy on loopback in front of an endpoint.
 * @param onCall hears of each call before it is passed on.
 * @param onEnd hears of it when it has taken its effect, if it ever does.
 */
export async function startProxy(
  target: Target,
  onCall?: OnCall,
  onEnd?: (call: Call) => void,
): Promise<CountingProxy> {
  const calls = new Map<string, number>();
  let isUnplugged = false;
  const server = createServer(async (incoming, outgoing) => {
    outgoing.on('error', () => outgoing.destroy());
    const body = isUnplugged ? undefined : await bodyOf(incoming);
    if (body === undefined) {
      outgoing.destroy();
      return;
    }
    const operation = operationOf(incoming);
    const count = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, count);
    const { method = '', url = '', headers, socket } = incoming;
    const call = {
      operation,
      count,
      method,
      url,
      headers,
      body,
      ports: { caller: socket.remotePort, own: socket.localPort },
    };
    const fault = onCall?.(call);
    const to = typeof target === 'string' ? target : target();
    const onward = fault !== undefined && 'url' in fault ? fault.url : url;
    const isOther = fault !== undefined && 'sent' in fault;
    const length = isOther && { 'content-length': String(Buffer.byteLength(fault.sent)) };
    const sent = isOther ? Buffer.from(fault.sent) : body;
    await answer(outgoing, () => passOn(to, { method, url: onward, headers: { ...headers, ...length } }, sent), fault);
    onEnd?.(call);
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

/** `DynamoDB_20120810.PutItem` in a header of the table's calls; `Invoke`; method and level of S3's. */
export function operationOf({ method = '', url = '', headers }: IncomingMessage): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.replace(/^.*\./, '');
  if (/^\/2015-03-31\/functions\//.test(url)) return 'Invoke';
  const isObject = (url.split('?')[0] ?? '').split('/').filter(Boolean).length > 1;
  return `${method} ${isObject ? 'object' : 'bucket'}`;
}

type Answer = { status: number; headers: IncomingMessage['headers']; body: Buffer };

async function answer(
  outgoing: ServerResponse,
  onward: () => Promise<Answer>,
  fault: Fault | undefined,
): Promise<void> {
  try {
    if (fault !== undefined && 'status' in fault) {
      outgoing.writeHead(fault.status, { 'content-type': 'application/xml', ...fault.headers }).end(fault.body);
      return;
    }
    if (fault !== undefined && 'reset' in fault) {
      const passed = fault.reset === 'before' ? undefined : onward();
      if (fault.reset === 'after') await passed;
      fault.act?.();
      outgoing.destroy();
      await passed;
      return;
    }
    if (fault !== undefined && 'delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault !== undefined && 'first' in fault) await fault.first();
    const answered = await onward();
    const { status, headers, body } =
      fault !== undefined && 'changeAnswer' in fault ? fault.changeAnswer(answered) : answered;
    outgoing.writeHead(status, headers);
    if (fault !== undefined && 'cutBody' in fault) sendHalf(outgoing, body, fault.cutBody);
    else outgoing.end(fault !== undefined && 'changeBody' in fault ? fault.changeBody(body) : body);
  } catch {
    // The server behind did not answer: neither does this one.
    outgoing.destroy();
  }
}

/** Passes a call on, and waits for its answer, whole. */
async function passOn(
  target: string,
  { method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
): Promise<Answer> {
  const { hostname, port } = new URL(target);
  const onward = request({ hostname, port, method, path: url, headers });
  onward.end(body);
  const [answer]: IncomingMessage[] = await once(onward, 'response');
  const answered = answer && (await bodyOf(answer));
  if (answer === undefined || answered === undefined) throw new Error('no answer');
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: answered };
}

/** A body, whole. Undefined if it broke off. */
async function bodyOf(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

/** The first half of a body, then no more of it, or the end of the connection. */
function sendHalf(outgoing: ServerResponse, body: Buffer, cut: 'reset' | 'stall'): void {
  outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    if (cut === 'reset') outgoing.destroy();
  });
}
