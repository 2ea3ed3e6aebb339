import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { sendNotifications } from '../../local/bucket-notifications.ts';
import { type EmbeddedStorage, startStorage } from '../../local/emulators.ts';
import { CREDENTIALS as credentials, REGION as region } from '../../local/identity.ts';
import type { ObjectWrite } from '../../local/object-write.ts';
import type { ToldObject } from '../../local/s3-event.ts';
import { ensureBucket } from '../../local/storage.ts';
import { startProxy } from '../proxy.ts';
import { countMessages, makeQueue, takeMessages } from './host/queues.ts';
import { until } from './host/support.ts';

const PART_BYTES = 5 * 1024 * 1024;
const Bucket = 'uploads-test';

let storage: EmbeddedStorage;
let s3: S3Client;
let queue: Awaited<ReturnType<typeof makeQueue>>;
/** A subscriber beside the queue, that a test may hold up. */
let heard: ToldObject[] = [];
let hold: (created: ToldObject) => Promise<unknown> = async () => undefined;
const lost: [ObjectWrite, unknown][] = [];

beforeAll(async () => {
  storage = await startStorage();
  const { endpoint } = storage;
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await ensureBucket({ endpoint, name: Bucket });
  await ensureBucket({ endpoint, name: 'another' });
  queue = await makeQueue(endpoint, { VisibilityTimeout: '600' });
  const notification = { queueArn: queue.arn, event: 'ObjectCreated:', prefix: 'uploads/', suffix: '' };
  const queueUrls = new Map([[queue.arn, queue.queueUrl]]);
  sendNotifications(storage, { bucket: Bucket, notifications: [notification], endpoint, queueUrls });
  storage.subscribe({
    wants: ({ key }) => key.startsWith('heard/'),
    send: async (created) => {
      heard.push(created);
      await hold(created);
    },
    onLost: (write, reason) => lost.push([write, reason]),
  });
});

afterAll(() => storage.close());

beforeEach(() => {
  heard = [];
  lost.length = 0;
  hold = async () => undefined;
});

const put = (Key: string, Body = 'content', bucket = Bucket) =>
  s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));

/** The one record of the one message that is on the queue: it is there when the client has its answer. */
async function takeRecord() {
  expect((await countMessages(queue.sqs, queue.queueUrl))[0]).toBe(1);
  const [message] = await takeMessages(queue.sqs, queue.queueUrl, 1);
  const { Records } = JSON.parse(message?.Body ?? '');
  expect(Records).toHaveLength(1);
  return Records[0];
}

const nothing = async () => expect((await countMessages(queue.sqs, queue.queueUrl))[0]).toBe(0);

describe('an event', () => {
  test('of a PUT is on the queue when the client has its answer, in the shape of S3', async () => {
    await put('uploads/demo/a.zip');
    expect(await takeRecord()).toEqual({
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      eventName: 'ObjectCreated:Put',
      userIdentity: { principalId: '000000000000' },
      requestParameters: { sourceIPAddress: '127.0.0.1' },
      responseElements: { 'x-amz-request-id': expect.stringMatching(/^[0-9A-F]{16}$/) },
      s3: {
        s3SchemaVersion: '1.0',
        configurationId: queue.arn,
        bucket: { name: Bucket, ownerIdentity: { principalId: '000000000000' }, arn: `arn:aws:s3:::${Bucket}` },
        object: {
          key: 'uploads/demo/a.zip',
          size: 7,
          eTag: '9a0364b9e99bb480dd25e1f0284c8555',
          sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
        },
      },
    });
  });

  test('of a PUT in chunks has the size of the object', async () => {
    const sent = { Bucket, Key: 'uploads/chunks.zip', Body: Readable.from(['content']), ContentLength: 7 };
    await s3.send(new PutObjectCommand(sent));
    expect((await takeRecord()).s3.object).toMatchObject({ size: 7, eTag: '9a0364b9e99bb480dd25e1f0284c8555' });
  });

  test('of an unsigned PUT is one of any other', async () => {
    const reply = await fetch(`${storage.endpoint}/${Bucket}/uploads/curl.zip`, { method: 'PUT', body: 'content' });
    expect(reply.status).toBe(200);
    expect((await takeRecord()).s3.object).toMatchObject({ key: 'uploads/curl.zip', size: 7 });
  });

  test('of an upload by parts comes at its end, with the ETag of parts', async () => {
    const Body = Buffer.alloc(2 * PART_BYTES + 1, 7);
    const params = { Bucket, Key: 'uploads/parts.zip', Body };
    await new Upload({ client: s3, params, partSize: PART_BYTES }).done();
    const record = await takeRecord();
    expect(record.eventName).toBe('ObjectCreated:CompleteMultipartUpload');
    expect(record.s3.object).toMatchObject({ size: Body.length, eTag: expect.stringMatching(/^[0-9a-f]{32}-3$/) });
  });

  test('of a copy has what the copy has', async () => {
    await put('elsewhere.zip');
    const CopySource = `${Bucket}/elsewhere.zip`;
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'uploads/copy.zip', CopySource }));
    const record = await takeRecord();
    expect(record.eventName).toBe('ObjectCreated:Copy');
    expect(record.s3.object).toMatchObject({ size: 7, eTag: '9a0364b9e99bb480dd25e1f0284c8555' });
  });

  test.each([
    ['uploads/form.zip', 'any.zip', 'uploads/form.zip'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: so a form says where the name of its file goes.
    ['uploads/${filename}', 'folder/文 件.zip', 'uploads/%E6%96%87+%E4%BB%B6.zip'],
  ])('of a form that uploads %s', async (key, name, expected) => {
    const form = new FormData();
    form.set('key', key);
    form.set('x-amz-meta-is-cover', 'true');
    form.set('file', new Blob(['content']), name);
    expect((await fetch(`${storage.endpoint}/${Bucket}`, { method: 'POST', body: form })).status).toBe(204);
    const record = await takeRecord();
    expect(record.eventName).toBe('ObjectCreated:Post');
    expect(record.s3.object).toMatchObject({ key: expected, size: 7 });
  });

  test.each([
    ['uploads/a b.zip', 'uploads/a+b.zip'],
    ['uploads/a+b.zip', 'uploads/a%2Bb.zip'],
    ['uploads/a%2Bb.zip', 'uploads/a%252Bb.zip'],
    ['uploads/a%20b&c=d?.zip', 'uploads/a%2520b%26c%3Dd%3F.zip'],
    ['uploads/作业/é~.zip', 'uploads/%E4%BD%9C%E4%B8%9A/%C3%A9%7E.zip'],
    ['uploads//a.zip', 'uploads//a.zip'],
  ])('of the key %s says %s', async (key, expected) => {
    await put(key);
    expect((await takeRecord()).s3.object).toMatchObject({ key: expected, size: 7 });
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: key }))).ContentLength).toBe(7);
  });

  test('is tried again when the queue does not answer, and told of when that does not help', async () => {
    let failures = 0;
    const proxy = await startProxy(storage.endpoint, () => (failures-- > 0 ? { reset: 'before' } : undefined));
    onTestFinished(() => proxy.close());
    const reported: string[] = [];
    const { arn, queueUrl, sqs } = await makeQueue(storage.endpoint);
    sendNotifications(storage, {
      bucket: 'another',
      notifications: [{ queueArn: arn, event: 'ObjectCreated:', prefix: '', suffix: '.zip' }],
      endpoint: proxy.endpoint,
      queueUrls: new Map([[arn, queueUrl]]),
      onLost: ({ key }) => reported.push(key),
    });
    failures = 2;
    await put('a.zip', 'content', 'another');
    expect([await countMessages(sqs, queueUrl), reported]).toEqual([[1, 0], []]);
    failures = Number.POSITIVE_INFINITY;
    await put('b.zip', 'content', 'another');
    expect([await countMessages(sqs, queueUrl), reported]).toEqual([[1, 0], ['b.zip']]);
  });
});

describe('no event', () => {
  test('comes of another folder, another bucket, or what makes no object', async () => {
    await put('uploads.zip');
    await put('exports/uploads/a.zip');
    await put('uploads/a.zip', 'content', 'another');
    await s3.send(new GetObjectCommand({ Bucket, Key: 'uploads.zip' }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'uploads/none.zip' }));
    await nothing();
  });

  test('comes of parts, nor of an upload that is given up', async () => {
    const Key = 'uploads/given-up.zip';
    await put(Key);
    await takeRecord();
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }));
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    await nothing();
  });

  test('comes of what fails', async () => {
    const there = { Bucket, Key: 'uploads/there.zip' };
    await put(there.Key);
    await takeRecord();
    const CopySource = `${Bucket}/no-such-object`;
    await expect(s3.send(new CopyObjectCommand({ ...there, CopySource }))).rejects.toThrow();
    await expect(s3.send(new CompleteMultipartUploadCommand({ ...there, UploadId: 'none' }))).rejects.toThrow();
    const form = new FormData();
    form.set('file', new Blob(['content']), 'a.zip');
    expect((await fetch(`${storage.endpoint}/${Bucket}`, { method: 'POST', body: form })).status).toBe(400);
    await nothing();
  });

  test('comes of a sub-resource, which is refused and leaves the object as it is', async () => {
    const Key = 'uploads/tagged.zip';
    await put(Key);
    await takeRecord();
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    await expect(s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging }))).rejects.toThrow('no tagging');
    await expect(s3.send(new PutObjectAclCommand({ Bucket, Key, ACL: 'private' }))).rejects.toThrow('no acl');
    await nothing();
    const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(await object.Body?.transformToString()).toBe('content');
  });
});

describe('of two writes of one key at once', () => {
  const bodyOf = async (Key: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString() ?? '';

  test('the one with the higher sequencer stays, by its ETag', async () => {
    hold = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    for (let round = 0; round < 40; round += 1) {
      heard = [];
      const Key = `heard/round-${round}`;
      await put(`from-${round}`, 'copied');
      const CopySource = `${Bucket}/from-${round}`;
      await Promise.all([
        put(Key, 'one'),
        s3.send(new CopyObjectCommand({ Bucket, Key, CopySource })),
        put(Key, 'three'),
      ]);
      const last = heard.toSorted((a, b) => (a.sequencer < b.sequencer ? -1 : 1)).at(-1);
      const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      expect(new Set(heard.map(({ sequencer }) => sequencer)).size).toBe(3);
      expect(new Set(heard.map(({ etag }) => etag)).size).toBe(3);
      expect(`"${last?.etag}"`).toBe(ETag);
    }
  });

  test('the second takes no effect before the first is told, and those of other keys do', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    hold = ({ key, size }) => (key === 'heard/a' && size === 3 ? promise : Promise.resolve());
    const first = put('heard/a', 'one');
    await until(() => heard.length === 1);
    const second = put('heard/a', 'second');
    await put('heard/b', 'other');
    expect(await bodyOf('heard/a')).toBe('one');
    resolve();
    await Promise.all([first, second]);
    expect(heard.map(({ key, size }) => `${key} ${size}`)).toEqual(['heard/a 3', 'heard/b 5', 'heard/a 6']);
    expect(await bodyOf('heard/a')).toBe('second');
  });
});

describe('a key is free again', () => {
  /** Begins a PUT of ten bytes as it is on the wire, and returns its connection. */
  async function begin(key: string, bytes: number) {
    const { hostname, port } = new URL(storage.endpoint);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(
      `PUT /${Bucket}/${key} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: 10\r\n\r\n${'x'.repeat(bytes)}`,
    );
    return socket;
  }

  test('after a PUT whose body breaks off, which makes nothing', async () => {
    const socket = await begin('heard/broken', 5);
    await put('heard/other');
    // While its body comes it holds nobody up.
    await put('heard/broken', 'whole');
    socket.destroy();
    await put('heard/broken', 'again');
    expect(heard.map(({ key, size }) => `${key} ${size}`)).toEqual([
      'heard/other 7',
      'heard/broken 5',
      'heard/broken 5',
    ]);
  });

  test('after a PUT whose client left while it waited for its turn: it is carried out, and told', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    hold = ({ size }) => (size === 3 ? promise : Promise.resolve());
    const first = put('heard/left', 'one');
    await until(() => heard.length === 1);
    const socket = await begin('heard/left', 10);
    // Its answer to the second tells that the server has read what came before.
    await put('heard/unrelated');
    socket.destroy();
    resolve();
    await first;
    await put('heard/left', 'third');
    expect(heard.filter(({ key }) => key === 'heard/left').map(({ size }) => size)).toEqual([3, 10, 5]);
  });

  test('after a write that fails, and after a subscriber that does', async () => {
    const CopySource = `${Bucket}/no-such-object`;
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: 'heard/x', CopySource }))).rejects.toThrow();
    hold = () => Promise.reject(new Error('no queue'));
    await put('heard/x');
    await put('heard/x');
    expect(lost.map(([{ key }, reason]) => `${key}: ${reason}`)).toEqual(Array(2).fill('heard/x: Error: no queue'));
  });
});
