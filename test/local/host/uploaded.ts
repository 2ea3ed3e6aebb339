import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';

/** Prints each message with how often it came; one whose body says `poison` fails, one that says `throw` fails all. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  for (const { body, attributes } of Records) console.log(`${attributes.ApproximateReceiveCount} ${body}`);
  if (Records.some(({ body }) => body.includes('throw'))) throw new Error('thrown');
  const failed = Records.filter(({ body }) => body.includes('poison'));
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
