import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type EmbeddedStorage, startStorage } from '../../local/emulators.ts';
import { EventSource } from '../../local/event-source.ts';
import type { EventSourceMapping } from '../../local/event-source-mapping.ts';
import { startProxy } from '../proxy.ts';
import { countMessages, makeQueue, sendBodies, takeMessages } from './host/queues.ts';
import { until } from './host/support.ts';

let storage: EmbeddedStorage;
beforeAll(async () => {
  storage = await startStorage();
});
afterAll(() => storage.close());

type Queue = Awaited<ReturnType<typeof makeQueue>>;
type Records = SQSEvent['Records'];
type Answer = { payload?: string; functionError?: 'Unhandled' };

/** Starts an event source whose function is `answer`, and keeps the batches that it got. */
function start(
  { arn, queueUrl }: Queue,
  answer: (records: Records) => Answer | Promise<Answer>,
  { endpoint = storage.endpoint, ...changes }: Partial<EventSourceMapping> & { endpoint?: string } = {},
) {
  const batches: Records[] = [];
  const problems: string[] = [];
  const mapping = { queueArn: arn, batchSize: 10, maximumConcurrency: 2, reportsItemFailures: true, ...changes };
  const source = new EventSource({
    functionKey: 'some-function',
    mapping,
    endpoint,
    queueUrl,
    pool: {
      invoke: async (key, payload) => {
        expect(key).toBe('some-function');
        const { Records }: SQSEvent = JSON.parse(payload);
        batches.push(Records);
        const { payload: result = 'null', functionError } = await answer(Records);
        return { payload: result, functionError, peakMemoryBytes: undefined, requestId: 'some-id' };
      },
    },
    onProblem: (text) => problems.push(text),
  });
  onTestFinished(() => source.close());
  return { source, batches, problems, bodies: () => batches.flat().map(({ body }) => body) };
}

const failures = (records: Records, isFailed: (body: string) => boolean): Answer => ({
  payload: JSON.stringify({
    batchItemFailures: records
      .filter(({ body }) => isFailed(body))
      .map(({ messageId }) => ({ itemIdentifier: messageId })),
  }),
});

const isEmpty = async ({ sqs, queueUrl }: Queue) => (await countMessages(sqs, queueUrl)).join() === '0,0';

async function untilEmpty(queue: Queue): Promise<void> {
  while (!(await isEmpty(queue)));
}

test('gives a function its messages in the shape of Lambda', async () => {
  const queue = await makeQueue(storage.endpoint);
  await queue.sqs.send(
    new SendMessageCommand({
      QueueUrl: queue.queueUrl,
      MessageBody: 'é "body"',
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'value' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      },
    }),
  );
  const { batches } = start(queue, () => ({}));
  await untilEmpty(queue);
  const empty = { stringListValues: [], binaryListValues: [] };
  expect(batches).toEqual([
    [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: 'é "body"',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: '000000000000',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          text: { stringValue: 'value', dataType: 'String', ...empty },
          bytes: { binaryValue: 'AP8=', dataType: 'Binary', ...empty },
        },
        md5OfBody: createHash('md5').update('é "body"').digest('hex'),
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: 'eu-west-1',
      },
    ],
  ]);
});

describe('a batch', () => {
  test('has no more messages than its size, and as many as that', async () => {
    const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
    await sendBodies(queue.sqs, queue.queueUrl, [...'abcdefg']);
    const { batches } = start(queue, () => ({}), { batchSize: 3 });
    await untilEmpty(queue);
    expect(batches.map(({ length }) => length).sort()).toEqual([1, 3, 3]);
  });

  test('is one of no more than the maximum at a time, and as many as that', async () => {
    const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
    await sendBodies(queue.sqs, queue.queueUrl, [...'abcdefgh']);
    const waiting: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const answer = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running -= 1;
      return {};
    };
    const { batches } = start(queue, answer, { batchSize: 1, maximumConcurrency: 3 });
    await until(() => waiting.length === 3);
    // A fourth one would have its message by the time that the queue has answered a fourth call.
    for (let call = 0; call < 4; call += 1) expect(await countMessages(queue.sqs, queue.queueUrl)).toEqual([5, 3]);
    while (batches.length < 8 || waiting.length > 0) {
      waiting.shift()?.();
      await countMessages(queue.sqs, queue.queueUrl);
    }
    await untilEmpty(queue);
    expect(most).toBe(3);
  });

  test('that lasts holds up no other', async () => {
    const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
    const { promise, resolve } = Promise.withResolvers<Answer>();
    onTestFinished(() => resolve({}));
    const { bodies } = start(queue, (records) => (records.some(({ body }) => body === 'slow') ? promise : {}));
    await sendBodies(queue.sqs, queue.queueUrl, ['slow']);
    await until(() => bodies().includes('slow'));
    for (const body of ['a', 'b', 'c']) {
      await sendBodies(queue.sqs, queue.queueUrl, [body]);
      await until(() => bodies().includes(body));
    }
    expect(await countMessages(queue.sqs, queue.queueUrl)).toEqual([0, expect.any(Number)]);
  });
});

describe('what comes again', () => {
  const bodies = ['a', 'b', 'poison', 'd'];
  const counts = (found: Records[], body: string) => found.flat().filter((record) => record.body === body).length;

  test('is the message that failed, alone, until it is put aside', async () => {
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 3 });
    await sendBodies(queue.sqs, queue.queueUrl, bodies);
    const { batches, problems } = start(queue, (records) => failures(records, (body) => body === 'poison'));
    const [dead] = await takeMessages(queue.sqs, queue.deadUrl, 1);
    expect(dead?.Body).toBe('poison');
    expect(bodies.map((body) => counts(batches, body))).toEqual([1, 1, 3, 1]);
    const poisoned = batches.flat().filter(({ body }) => body === 'poison');
    expect(poisoned.map(({ attributes }) => attributes.ApproximateReceiveCount)).toEqual(['1', '2', '3']);
    expect([await isEmpty(queue), problems]).toEqual([true, []]);
  });

  test('is the whole batch when the function fails', async () => {
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 2 });
    await sendBodies(queue.sqs, queue.queueUrl, bodies);
    const { batches, problems } = start(queue, () => ({ functionError: 'Unhandled', payload: '{"errorType":"Oops"}' }));
    const dead = await takeMessages(queue.sqs, queue.deadUrl, 4);
    expect(dead.map(({ Body }) => Body).sort()).toEqual([...bodies].sort());
    expect(bodies.map((body) => counts(batches, body))).toEqual([2, 2, 2, 2]);
    expect(problems[0]).toBe('4 messages will come again: the function failed: {"errorType":"Oops"}');
  });

  test('is the whole batch when the function cannot be invoked', async () => {
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 1 });
    await sendBodies(queue.sqs, queue.queueUrl, ['a']);
    const { problems } = start(queue, () => Promise.reject(new Error('Rate Exceeded.')));
    expect(await takeMessages(queue.sqs, queue.deadUrl, 1)).toHaveLength(1);
    expect(problems).toEqual(['1 message will come again: Rate Exceeded.']);
  });

  test('is the whole batch when the response is none to a batch', async () => {
    const responses = [
      '{',
      '"done"',
      '{"batchItemFailures":[{"itemIdentifier":""}]}',
      '{"batchItemFailures":[{"itemIdentifier":null}]}',
      '{"batchItemFailures":[{"itemIdentifier":"other"}]}',
      '{"batchItemFailures":[{"messageId":"other"}]}',
      '{"batchItemFailures":{"itemIdentifier":"other"}}',
    ];
    const outcomes = responses.map(async (payload) => {
      const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 1 });
      await sendBodies(queue.sqs, queue.queueUrl, ['a', 'b']);
      const { problems } = start(queue, () => ({ payload }));
      return { dead: (await takeMessages(queue.sqs, queue.deadUrl, 2)).length, problem: problems[0] };
    });
    expect(await Promise.all(outcomes)).toEqual(
      responses.map((payload) => ({
        dead: 2,
        problem: `2 messages will come again: this is no response to a batch: ${payload}`,
      })),
    );
  });

  test.each(['null', '{}', '{"batchItemFailures":[]}', '{"batchItemFailures":null}'])(
    'is nothing when the response is %s',
    async (payload) => {
      const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
      await sendBodies(queue.sqs, queue.queueUrl, ['a', 'b']);
      const { batches } = start(queue, () => ({ payload }));
      await untilEmpty(queue);
      expect(batches.flat()).toHaveLength(2);
    },
  );

  test('is nothing, whatever the response, where a function does not report failures', async () => {
    const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
    await sendBodies(queue.sqs, queue.queueUrl, ['a']);
    const { batches } = start(queue, (records) => failures(records, () => true), { reportsItemFailures: false });
    await untilEmpty(queue);
    expect(batches).toHaveLength(1);
  });
});

describe('an event source', () => {
  test('waits while the queue cannot be reached, says so once, and goes on', async () => {
    let isDown = false;
    const proxy = await startProxy(storage.endpoint, () => (isDown ? { reset: 'before' } : undefined));
    onTestFinished(() => proxy.close());
    const receives = () => proxy.calls.get('ReceiveMessage') ?? 0;
    // The proxy goes on with receives whose clients it has lost: they may take the message first.
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 9 });
    const { endpoint } = proxy;
    const { bodies, problems } = start(queue, () => ({}), { endpoint });
    await sendBodies(queue.sqs, queue.queueUrl, ['before']);
    await untilEmpty(queue);
    expect(bodies()).toEqual(['before']);
    isDown = true;
    proxy.unplug();
    proxy.plug();
    // Both pollers try three times before they pause: each has paused, and failed again.
    const before = receives();
    await until(() => receives() >= before + 13);
    expect(problems).toEqual([expect.stringMatching(/^The queue cannot be reached: /)]);
    await sendBodies(queue.sqs, queue.queueUrl, ['meanwhile']);
    isDown = false;
    await until(() => bodies().includes('meanwhile'));
    await untilEmpty(queue);
  });

  test('gets messages again that it could not delete', async () => {
    let refusals = 0;
    const onCall = ({ operation }: { operation: string }) =>
      operation === 'DeleteMessageBatch' && refusals++ < 5 ? ({ reset: 'before' } as const) : undefined;
    const proxy = await startProxy(storage.endpoint, onCall);
    onTestFinished(() => proxy.close());
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 5 });
    await sendBodies(queue.sqs, queue.queueUrl, ['a']);
    const { bodies, problems } = start(queue, () => ({}), { endpoint: proxy.endpoint });
    await untilEmpty(queue);
    expect(bodies().length).toBeGreaterThan(1);
    expect(problems[0]).toMatch(/^1 message will come again: /);
  });

  test('takes nothing once it is closed, and leaves a batch under way to its end', async () => {
    const queue = await makeQueue(storage.endpoint, { VisibilityTimeout: '60' });
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const { source, bodies, problems } = start(queue, () => promise);
    await sendBodies(queue.sqs, queue.queueUrl, ['under way']);
    await until(() => bodies().length === 1);
    await source.close();
    resolve({});
    await untilEmpty(queue);
    await sendBodies(queue.sqs, queue.queueUrl, ['after']);
    // Long enough for a poll that still waited to take it.
    await sleep(300);
    const [message] = await takeMessages(queue.sqs, queue.queueUrl, 1);
    expect([message?.Body, bodies(), problems]).toEqual(['after', ['under way'], []]);
    // Nor does a poll take it that was waiting then.
    expect(message?.Attributes?.ApproximateReceiveCount).toBe('1');
  });

  test('is silent about a batch that fails because everything ends', async () => {
    const queue = await makeQueue(storage.endpoint, { maxReceiveCount: 9 });
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const { source, bodies, problems } = start(queue, () => promise);
    await sendBodies(queue.sqs, queue.queueUrl, ['a']);
    await until(() => bodies().length === 1);
    await source.close();
    resolve({ functionError: 'Unhandled' });
    const [message] = await takeMessages(queue.sqs, queue.queueUrl, 1);
    expect([message?.Body, problems]).toEqual(['a', []]);
  });
});
