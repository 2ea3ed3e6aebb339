import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

const never = new Promise(() => setInterval(() => undefined, 1_000));

/** Prints each message with how often it came. One that says `poison` fails, `throw` fails all, `hang` never ends. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  for (const { body, attributes } of Records) console.log(`${attributes.ApproximateReceiveCount} ${body}`);
  if (Records.some(({ body }) => body.includes('throw'))) throw new Error('thrown');
  if (Records.some(({ body }) => body.includes('hang'))) await never;
  const failed = Records.filter(({ body }) => body.includes('poison'));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
