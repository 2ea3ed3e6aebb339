import { setTimeout as sleep } from 'node:timers/promises';
import type { buildApp } from 'fauxqs';
import { isFields } from './shapes.ts';

type App = ReturnType<typeof buildApp>;

/** Between two looks at the queue. Most of what a message waits for, and little work. */
const LOOK_MILLISECONDS = 100;
/** The longest wait of a receive; a longer one is left to the server, which refuses it. */
const MOST_SECONDS = 20;
const RECEIVE = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ReceiveMessage' };

/**
 * Waits for messages in place of an embedded SQS, which goes on waiting for a client that has left: what it then took
 * for that client would be hidden for the whole visibility timeout, and count as received.
 */
export function waitInReceives(app: App): void {
  app.addHook('preHandler', async ({ headers, body, socket }, reply) => {
    if (headers['x-amz-target'] !== RECEIVE['x-amz-target'] || !isFields(body)) return;
    const seconds = Number(body['WaitTimeSeconds'] ?? 0);
    if (!(seconds > 0 && seconds <= MOST_SECONDS)) return;
    const end = Date.now() + seconds * 1_000;
    const payload = JSON.stringify({ ...body, WaitTimeSeconds: 0 });
    while (!socket.destroyed) {
      const answer = await app.inject({ method: 'POST', url: '/', headers: RECEIVE, payload });
      const isEmpty = answer.statusCode === 200 && answer.body === '{}';
      if (!isEmpty || Date.now() >= end) return reply.code(answer.statusCode).headers(answer.headers).send(answer.body);
      await sleep(LOOK_MILLISECONDS);
    }
    return reply.hijack();
  });
}
