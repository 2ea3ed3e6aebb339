import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { startStorage } from '../../local/emulators.ts';
import { CREDENTIALS as credentials, queueArn, REGION as region } from '../../local/identity.ts';
import { ensureQueues } from '../../local/queues.ts';
import { type StackOptions, startStack } from '../../local/stack.ts';
import { startProxy } from '../proxy.ts';
import { countMessages, sendBodies, takeMessages } from './host/queues.ts';
import { DEPLOYMENT, isAlive, OVERRIDES, until } from './host/support.ts';

/** Starts a stack, and keeps its lines. */
async function start(endpoints: StackOptions['endpoints'] = {}) {
  const lines: string[] = [];
  const onLog = (key: string, line: string) => lines.push(`${key}: ${line}`);
  const stack = await startStack({ deployment: DEPLOYMENT, environment: OVERRIDES, onLog, endpoints });
  onTestFinished(() => stack.close());
  const s3 = new S3Client({ endpoint: stack.s3Endpoint, region, credentials });
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key, Body: 'content' }));
  const sqs = new SQSClient({ endpoint: stack.sqsEndpoint, region, credentials });
  const counts = async () => (await countMessages(sqs, stack.uploadQueue)).join();
  return { stack, lines, put, sqs, counts };
}

test('gives an upload to the function that the deployment names, and no other object', async () => {
  const { lines, put, counts } = await start();
  await put('samples/a.zip');
  await put('uploads/demo/a b.zip');
  await until(() => lines.length > 0);
  while ((await counts()) !== '0,0');
  expect(lines).toEqual([expect.stringMatching(/^uploaded: 1 \{"Records":\[.*"key":"uploads\/demo\/a\+b\.zip"/)]);
});

test('tries an upload again that fails, and puts it aside after as many times as the deployment says', async () => {
  const { stack, lines, put, sqs } = await start();
  await Promise.all([put('uploads/poison.zip'), put('uploads/good.zip')]);
  const [dead] = await takeMessages(sqs, stack.deadLetters, 1);
  expect(dead?.Body).toContain('poison.zip');
  const tries = (name: string) => lines.filter((line) => line.includes(name)).map((line) => line.slice(0, 11));
  expect(tries('poison.zip')).toEqual(['uploaded: 1', 'uploaded: 2']);
  expect(tries('good.zip')).toEqual(['uploaded: 1']);
});

test('says what a batch failed with', async () => {
  const { lines, put } = await start();
  await put('uploads/throw.zip');
  await until(() => lines.some((line) => line.includes('event source')));
  const line = lines.find((one) => one.includes('event source')) ?? '';
  expect(JSON.parse(line.replace('uploaded: ', ''))).toEqual({
    level: 'WARN',
    message: 'event source',
    remark: expect.stringMatching(/^1 message will come again: the function failed: .*"errorMessage":"thrown"/),
  });
});

test('uses queues that are there as they are', async () => {
  const queues = await startStorage();
  onTestFinished(() => queues.close());
  const arn = queueArn('flink-jobs-uploads');
  await ensureQueues(queues.endpoint, [{ name: 'flink-jobs-uploads', arn, attributes: { VisibilityTimeout: '77' } }]);
  const { stack, sqs } = await start({ sqs: queues.endpoint });
  const AttributeNames: ['All'] = ['All'];
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: stack.uploadQueue, AttributeNames }));
  expect(Attributes).toMatchObject({ VisibilityTimeout: '77', QueueArn: arn });
  expect(Attributes?.['RedrivePolicy']).toBeUndefined();
});

test('ends in the middle of a batch, whose messages come again', async () => {
  const queues = await startStorage();
  onTestFinished(() => queues.close());
  const first = await start({ sqs: queues.endpoint });
  await sendBodies(first.sqs, first.stack.uploadQueue, ['hang']);
  await until(() => first.lines.length > 0);
  const pids = first.stack.pids();
  await first.stack.close();
  expect(pids.filter(isAlive)).toEqual([]);
  const second = await start({ sqs: queues.endpoint });
  expect(second.stack.uploadQueue).toBe(first.stack.uploadQueue);
  await until(() => second.lines.length > 0);
  expect([first.lines, second.lines]).toEqual([['uploaded: 1 hang'], ['uploaded: 2 hang']]);
});

test('sends events of its S3 to the SQS that takes the place of its own, and says which are lost', async () => {
  const queues = await startStorage();
  let isDown = false;
  const proxy = await startProxy(queues.endpoint, ({ operation }) =>
    isDown && operation === 'SendMessage' ? { reset: 'before' } : undefined,
  );
  onTestFinished(() => Promise.all([proxy.close(), queues.close()]).then(() => undefined));
  const { stack, lines, put } = await start({ sqs: proxy.endpoint });
  expect(stack.uploadQueue).toBe(`${proxy.endpoint}/000000000000/flink-jobs-uploads`);
  await put('uploads/a.zip');
  await until(() => lines.some((line) => line.includes('uploads/a.zip')));
  isDown = true;
  await put('uploads/b.zip');
  const line = lines.find((one) => one.includes('uploads/b.zip')) ?? '';
  expect(JSON.parse(line.replace('s3: ', ''))).toMatchObject({
    message: 'upload',
    outcome: 'lost',
    key: 'uploads/b.zip',
  });
});

test('leaves the events of an S3 that takes the place of its own to that', async () => {
  const other = await startStorage();
  onTestFinished(() => other.close());
  const { put, counts, lines } = await start({ s3: other.endpoint });
  await put('uploads/a.zip');
  expect([await counts(), lines]).toEqual(['0,0', []]);
});
