import type { buildApp } from 'fauxqs';
import { KeyLocks } from './key-locks.ts';
import { type ObjectWrite, objectWriteOf, subresourceOf } from './object-write.ts';
import { Sequencer, type ToldObject } from './s3-event.ts';

type App = ReturnType<typeof buildApp>;

/** Who hears of objects as they are made. */
export type Subscription = {
  readonly wants: (write: ObjectWrite) => boolean;
  /** The client's answer waits for it, and so does the next write of the key. */
  readonly send: (created: ToldObject) => Promise<unknown>;
  /** Called for an object that is made and could not be told of. */
  readonly onLost: (write: ObjectWrite, reason: unknown) => void;
};

type Held = { readonly write: ObjectWrite; readonly hearers: readonly Subscription[]; readonly release: () => void };

/**
 * Tells subscribers of each object that any client makes in an embedded S3. From before a write takes effect until it
 * is told, no other write of its key does: of two at once the later has the higher sequencer. A write whose body
 * breaks off gets no lock.
 * @returns what adds a subscriber.
 */
export function watchObjects(app: App): (subscription: Subscription) => void {
  const subscriptions: Subscription[] = [];
  const locks = new KeyLocks();
  const sequencer = new Sequencer();
  const held = new WeakMap<object, Held>();

  // It runs when the body is read whole, just before what carries the request out.
  app.addHook('preHandler', async (request, reply) => {
    const subresource = subresourceOf(request);
    if (subresource !== undefined) return reply.code(501).type('application/xml').send(notImplemented(subresource));
    const write = await objectWriteOf(request);
    const hearers = write === undefined ? [] : subscriptions.filter(({ wants }) => wants(write));
    if (write === undefined || hearers.length === 0) return;
    held.set(request, { write, hearers, release: await locks.take(`${write.bucket}/${write.key}`) });
  });

  // It runs for every answer that follows, a failure and one that nobody waits for any more among them.
  app.addHook('onSend', async (request, reply) => {
    const found = held.get(request);
    if (found === undefined) return;
    held.delete(request);
    // The embedded server's handlers return before this is done, at which an empty answer would go out.
    reply.hijack();
    const { write, hearers, release } = found;
    try {
      if (reply.statusCode >= 400) return;
      const requestId = String(reply.getHeader('x-amz-request-id') ?? '');
      const about = { sequencer: sequencer.next(), sourceIp: request.ip, requestId };
      const created = head(app, write).then((found) => ({ ...write, ...about, ...found }));
      const told = hearers.map(({ send, onLost }) => created.then(send).catch((reason) => onLost(write, reason)));
      await Promise.all(told);
    } finally {
      release();
    }
  });
  return (subscription) => subscriptions.push(subscription);
}

/** Throws if the object is not there, as when somebody deleted it at once. */
async function head(app: App, { bucket, key }: ObjectWrite): Promise<{ size: number; etag: string }> {
  const path = key.split('/').map(encodeURIComponent).join('/');
  const { statusCode, headers } = await app.inject({ method: 'HEAD', url: `/${bucket}/${path}` });
  if (statusCode !== 200) throw new Error(`the object is not there any more (HTTP ${statusCode})`);
  return { size: Number(headers['content-length']), etag: String(headers['etag']).replaceAll('"', '') };
}

function notImplemented(subresource: string): string {
  const message = `The embedded S3 has no ${subresource} of objects.`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NotImplemented</Code><Message>${message}</Message></Error>`;
}
