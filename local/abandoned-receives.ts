import type { buildApp } from 'fauxqs';
import { isFields, listAt } from './shapes.ts';

type App = ReturnType<typeof buildApp>;

/**
 * Gives messages back to their queue that a receive brings whose client left while it waited: the embedded SQS waits on
 * for it, and would hide the next messages for the whole of their visibility timeout.
 */
export function giveBackAbandoned(app: App): void {
  app.addHook('onSend', async ({ headers, body, socket }, _reply, payload) => {
    const isReceive = headers['x-amz-target'] === 'AmazonSQS.ReceiveMessage';
    if (!isReceive || !socket.destroyed || !isFields(body) || typeof payload !== 'string') return;
    const answer: unknown = JSON.parse(payload);
    const messages = listAt(isFields(answer) ? answer['Messages'] : undefined, 'Messages');
    for (const message of messages) {
      const ReceiptHandle = isFields(message) ? message['ReceiptHandle'] : undefined;
      await app.inject({
        method: 'POST',
        url: '/',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ChangeMessageVisibility' },
        payload: JSON.stringify({ QueueUrl: body['QueueUrl'], ReceiptHandle, VisibilityTimeout: 0 }),
      });
    }
  });
}
