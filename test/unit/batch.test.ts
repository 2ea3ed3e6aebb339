import type { SQSRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { BATCH_MESSAGES } from '../../lib/limits.ts';
import { handleBatch } from '../../lib/queue/batch.ts';

const messages = (count: number): SQSRecord[] =>
  Array.from({ length: count }, (_, place) => ({
    messageId: `m${place}`,
    receiptHandle: `r${place}`,
    body: String(place),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '0',
      SenderId: 's',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn',
    awsRegion: 'r',
  }));

const none = () => undefined;

describe('a batch', () => {
  test('of messages that are done is done', async () => {
    expect(await handleBatch(messages(3), none, async () => 'done')).toEqual({ batchItemFailures: [] });
  });

  test('names those that are to come again, whether they said so or failed, and tells what failed', async () => {
    const faults: unknown[] = [];
    const fault = new Error('no');
    const handle = async ({ body }: SQSRecord) => {
      if (body === '1') throw fault;
      return body === '2' ? 'again' : 'done';
    };
    const response = await handleBatch(messages(4), (error) => faults.push(error), handle);
    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }] });
    expect(faults).toEqual([fault]);
  });

  test('goes on when its first message fails at once', async () => {
    const handled: string[] = [];
    await handleBatch(messages(3), none, async ({ body }) => {
      if (body === '0') throw new Error('no');
      handled.push(body);
      return 'done';
    });
    expect(handled).toEqual(['1', '2']);
  });

  test(`handles ${BATCH_MESSAGES} messages at once, and no more`, async () => {
    let now = 0;
    let most = 0;
    await handleBatch(messages(BATCH_MESSAGES + 1), none, async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return 'done';
    });
    expect(most).toBe(BATCH_MESSAGES);
  });
});
