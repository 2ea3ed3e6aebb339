import type { buildApp } from 'fauxqs';
import { KeyLocks } from './key-locks.ts';

type App = ReturnType<typeof buildApp>;

const TAKEN =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>PreconditionFailed</Code><Message>The key is taken.</Message></Error>';

/**
 * Refuses a PUT with `If-None-Match: *` where an object is, in place of an embedded S3, which would replace it. Of
 * several at once for one key one is let through.
 */
export function refuseTakenKeys(app: App): void {
  const locks = new KeyLocks();
  app.addHook('preHandler', async ({ method, headers, url }, reply) => {
    if (method !== 'PUT' || headers['if-none-match'] !== '*') return;
    const [path = ''] = url.split('?');
    const taken = locks.take(path);
    // Also for a client that leaves while it waits.
    reply.raw.once('close', async () => (await taken)());
    await taken;
    const { statusCode } = await app.inject({ method: 'HEAD', url: path });
    if (statusCode === 200) return reply.code(412).type('application/xml').send(TAKEN);
  });
}
