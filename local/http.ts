import type { IncomingMessage, Server } from 'node:http';

/** Every server of the stack listens here only: nothing of it may be reached from another machine. */
export const LOOPBACK = '127.0.0.1';

/** A running server: its URL without a trailing slash, and what ends it. */
export type Running = { readonly endpoint: string; close(): Promise<void> };

/** Starts a server on loopback; port 0 takes a free one. Closing it cuts requests in flight. */
export async function listen(server: Server, port = 0): Promise<Running> {
  // A client that reuses a connection just as it expires sees a reset, and repeats its request.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { endpoint: endpointOf(server), close: () => closeServer(server) };
}

/** The URL of a server that listens on a port. */
export function endpointOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return `http://${address.address}:${address.port}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/**
 * A request's whole body, or undefined if it exceeds `limit` bytes: a declared length is a claim. It is read to its
 * end in any case, since a client that still writes does not see the answer.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  const body: AsyncIterable<Buffer> = request;
  for await (const chunk of body) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
  }
  return length <= limit ? Buffer.concat(chunks) : undefined;
}
