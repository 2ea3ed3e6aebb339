import { once } from 'node:events';
import { connect } from 'node:net';
import { CreateTableCommand, DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedStorage, startDynamodb, startStorage } from '../../local/emulators.ts';
import { ACCOUNT, CREDENTIALS as credentials, REGION as region } from '../../local/identity.ts';
import { ensureBucket } from '../../local/storage.ts';

const place = { Bucket: 'owned-bucket', Key: 'x.zip' };

let storage: EmbeddedStorage;
let s3: S3Client;
beforeAll(async () => {
  storage = await startStorage();
  s3 = new S3Client({ endpoint: storage.endpoint, region, credentials });
  await ensureBucket({ endpoint: storage.endpoint, name: place.Bucket });
  await s3.send(new PutObjectCommand({ ...place, Body: 'first' }));
});
afterAll(async () => {
  s3.destroy();
  await storage.close();
});

test.each([undefined, ACCOUNT])('the embedded S3 answers a call that expects %s to own the bucket', async (owner) => {
  const { ContentLength } = await s3.send(new HeadObjectCommand({ ...place, ExpectedBucketOwner: owner }));
  expect(ContentLength).toBe(5);
});

test('the embedded S3 refuses a call that expects another account to own the bucket, and does nothing', async () => {
  const another = { ...place, ExpectedBucketOwner: '999999999999' };
  const forbidden = { $metadata: { httpStatusCode: 403 } };
  await expect(s3.send(new HeadObjectCommand(another))).rejects.toMatchObject(forbidden);
  await expect(s3.send(new PutObjectCommand({ ...another, Body: 'other' }))).rejects.toMatchObject(forbidden);
  await expect(s3.send(new GetObjectCommand(another))).rejects.toMatchObject({ ...forbidden, name: 'AccessDenied' });
  const { Body } = await s3.send(new GetObjectCommand(place));
  expect(await Body?.transformToString()).toBe('first');
});

test('the embedded S3 puts nothing where an object is, if that is the condition', async () => {
  const taken = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };
  await expect(s3.send(new PutObjectCommand({ ...place, Body: 'other', IfNoneMatch: '*' }))).rejects.toMatchObject(
    taken,
  );
  const { Body } = await s3.send(new GetObjectCommand(place));
  expect(await Body?.transformToString()).toBe('first');
});

test('the embedded S3 makes one of several objects that may be put at once where none is', async () => {
  const bodies = ['a', 'b', 'c', 'd'];
  const put = (Body: string) => s3.send(new PutObjectCommand({ ...place, Key: 'new.zip', Body, IfNoneMatch: '*' }));
  const puts = await Promise.allSettled(bodies.map(put));
  const made = bodies.filter((_, at) => puts[at]?.status === 'fulfilled');
  expect(made).toHaveLength(1);
  const { Body } = await s3.send(new GetObjectCommand({ ...place, Key: 'new.zip' }));
  expect(await Body?.transformToString()).toBe(made[0]);
});

test('the embedded table lives on when who sends a request is gone before its end', async () => {
  const table = await startDynamodb();
  const client = new DynamoDBClient({ endpoint: table.endpoint, region, credentials });
  try {
    const socket = connect(Number(new URL(table.endpoint).port), '127.0.0.1');
    await once(socket, 'connect');
    const written = new Promise((resolve) =>
      socket.write('POST / HTTP/1.1\r\nHost: table\r\nContent-Length: 100\r\n\r\n{', resolve),
    );
    await written;
    await client.send(new ListTablesCommand({}));
    socket.resetAndDestroy();
    // An error that nobody takes would end this process by then.
    await client.send(new ListTablesCommand({}));
    expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  } finally {
    client.destroy();
    await table.close();
  }
});

test('the embedded table ends in silence while requests are at it', async () => {
  const table = await startDynamodb();
  const client = new DynamoDBClient({ endpoint: table.endpoint, region, credentials, maxAttempts: 1 });
  const TableName = 'ending';
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const put = (n: number) => client.send(new PutItemCommand({ TableName, Item: { pk: { S: String(n) } } }));
  const puts = Array.from({ length: 200 }, (_, n) => put(n));
  await Promise.race(puts);
  // What it throws for one that it is at ends this process.
  await table.close();
  const ended = await Promise.allSettled(puts);
  client.destroy();
  expect(ended.some(({ status }) => status === 'rejected')).toBe(true);
});
