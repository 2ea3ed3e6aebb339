import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pMap from 'p-map';
import { BATCH_MESSAGES } from '../limits.ts';

/**
 * Handles the messages of a batch beside each other, so that none holds back another.
 * @param onFault hears of what was thrown.
 * @param handle tells whether a message is done with; if not, or if it throws, the queue delivers it again.
 */
export async function handleBatch(
  messages: SQSRecord[],
  onFault: (error: unknown, message: SQSRecord) => void,
  handle: (message: SQSRecord) => Promise<'done' | 'again'>,
): Promise<SQSBatchResponse> {
  const handleOne = (message: SQSRecord) =>
    handle(message).catch((error: unknown) => {
      onFault(error, message);
      return 'again';
    });
  const ends = await pMap(messages, handleOne, { concurrency: BATCH_MESSAGES });
  const again = messages.filter((_, place) => ends[place] === 'again');
  return { batchItemFailures: again.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
