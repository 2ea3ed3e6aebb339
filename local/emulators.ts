import { Server } from 'node:http';
import dynalite from 'dynalite';
import { buildApp } from 'fauxqs';
import { endpointOf, LOOPBACK, listen, type Running } from './http.ts';
import { ACCOUNT } from './identity.ts';
import { waitInReceives } from './long-polls.ts';
import { refuseTakenKeys } from './puts-of-new.ts';
import { type Subscription, watchObjects } from './watch-objects.ts';

/** Bytes of one PUT. S3 takes 5 GiB; this holds the largest archive that an import may read, and larger ones. */
const OBJECT_BYTES = 256 * 1024 * 1024;

const FORBIDDEN =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';

/** An S3 and an SQS at one address. */
export type EmbeddedStorage = Running & {
  /** From now on the subscriber hears of each object that is made. */
  subscribe(subscription: Subscription): void;
};

/** An S3 and an SQS in this process, empty, in memory. */
export async function startStorage(port = 0): Promise<EmbeddedStorage> {
  const app = buildApp({ logger: false });
  // Its own parser takes 11 MiB and no option raises that: this one comes before it, for bodies of any type.
  app.addContentTypeParser(/^./, { parseAs: 'buffer', bodyLimit: OBJECT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.addHook('onRequest', async ({ raw }) => {
    raw.headers['content-type'] ??= 'binary/octet-stream';
  });
  waitInReceives(app);
  // S3 knows If-Match at a HEAD as well as at a GET.
  app.addHook('onSend', async ({ method, headers }, reply) => {
    const wanted = headers['if-match'];
    if (method === 'HEAD' && reply.statusCode === 200 && wanted && wanted !== reply.getHeader('etag')) reply.code(412);
  });
  // S3 refuses a call that expects another account to own the bucket; every bucket here is the one account's.
  app.addHook('onRequest', async ({ headers }, reply) => {
    const expected = headers['x-amz-expected-bucket-owner'];
    if (expected !== undefined && expected !== ACCOUNT) return reply.code(403).type('application/xml').send(FORBIDDEN);
  });
  refuseTakenKeys(app);
  const subscribe = watchObjects(app);
  await app.listen({ port, host: LOOPBACK });
  return {
    endpoint: endpointOf(app.server),
    subscribe,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** A DynamoDB in this process, empty, in memory; tables are active at once. It knows no transactions. */
export function startDynamodb(port = 0): Promise<Running> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // Its own listener throws, which ends the process: one whose sender is gone is answered by nothing.
  server.on('request', (request) => request.removeAllListeners('error').on('error', () => undefined));
  // Its own close ends the database below requests that are still at it, which then throw. In memory nothing is to be closed.
  server.close = Server.prototype.close;
  return listen(server, port);
}
