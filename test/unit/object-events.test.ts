import { describe, expect, test } from 'vitest';
import { readObjectEvents } from '../../lib/queue/object-events.ts';

const OBJECT = { key: 'uploads/p/x.zip', size: 3, eTag: 'd41d8', sequencer: '0055AED6DCD90281E5' };

/** A message as S3 sends it. */
function message(object: Record<string, unknown> = {}, record: Record<string, unknown> = {}): string {
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'eu-west-1',
        eventTime: '2026-01-01T00:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AIDA' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': 'C3D13FE58DE4C810', 'x-amz-id-2': 'FMyUVURIY8' },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'uploads',
          bucket: { name: 'flink-jobs', ownerIdentity: { principalId: 'A3' }, arn: 'arn:aws:s3:::flink-jobs' },
          object: { ...OBJECT, ...object },
        },
        ...record,
      },
    ],
  });
}

const keyOf = (key: string) => readObjectEvents(message({ key }))[0]?.key;
const sequencerOf = (sequencer: string) => readObjectEvents(message({ sequencer }))[0]?.sequencer ?? '';

describe('an event of an object', () => {
  test('tells the object, its ETag as the API writes it', () => {
    expect(readObjectEvents(message())).toEqual([
      {
        bucket: 'flink-jobs',
        key: 'uploads/p/x.zip',
        etag: '"d41d8"',
        size: 3,
        versionId: undefined,
        sequencer: '0055AED6DCD90281E5',
      },
    ]);
  });

  test('tells the version in a bucket that keeps them', () => {
    expect(readObjectEvents(message({ versionId: 'v1' }))).toMatchObject([{ versionId: 'v1' }]);
    expect(readObjectEvents(message({ versionId: null }))).toMatchObject([{ versionId: undefined }]);
  });

  test.each(['ObjectCreated:Post', 'ObjectCreated:Copy', 'ObjectCreated:CompleteMultipartUpload'])(
    '%s is one',
    (eventName) => {
      expect(readObjectEvents(message({}, { eventName }))).toHaveLength(1);
    },
  );

  test('may come with others in one message, in their order', () => {
    const [first, second] = ['a', 'b'].map((key) => JSON.parse(message({ key })).Records[0]);
    expect(readObjectEvents(JSON.stringify({ Records: [first, second] })).map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('that S3 tries a queue with is about no object', () => {
    const body = {
      Service: 'Amazon S3',
      Event: 's3:TestEvent',
      Time: '2026-01-01',
      Bucket: 'b',
      RequestId: 'r',
      HostId: 'h',
    };
    expect(readObjectEvents(JSON.stringify(body))).toEqual([]);
  });
});

describe('a key is decoded once', () => {
  test.each([
    ['a+b', 'a b'],
    ['a%2Bb', 'a+b'],
    ['a%252Bb', 'a%2Bb'],
    ['%E4%BD%9C%E4%B8%9A.zip', '作业.zip'],
    ['a%20b', 'a b'],
    ['100%25.zip', '100%.zip'],
    ['a/b%2Fc', 'a/b/c'],
  ])('%s is %s', (encoded, key) => {
    expect(keyOf(encoded)).toBe(key);
  });
});

describe('sequencers compare as if the shorter one was filled with zeros on its right', () => {
  const filled = (text: string, length: number) => text.toUpperCase().padEnd(length, '0');

  test.each([
    ['1', '2'],
    ['0F', '1'],
    ['A', 'A1'],
    ['A', 'A001'],
    ['A1', 'B'],
    ['00', '0001'],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E51'],
    ['9', 'a'],
    ['a1', 'A2'],
  ])('%s comes before %s', (earlier, later) => {
    expect(sequencerOf(earlier) < sequencerOf(later)).toBe(true);
    expect(filled(earlier, 64) < filled(later, 64)).toBe(true);
  });

  test.each([
    ['A', 'A0'],
    ['A', 'a000'],
    ['0', '0000'],
  ])('%s is %s', (one, other) => {
    expect(sequencerOf(one)).toBe(sequencerOf(other));
  });

  test('all pairs of up to three digits', () => {
    const digits = ['0', '1', 'a', 'F'];
    const all = digits.flatMap((a) => [a, ...digits.flatMap((b) => [a + b, ...digits.map((c) => a + b + c)])]);
    const sign = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
    const wrong = all.flatMap((a) =>
      all.filter((b) => sign(sequencerOf(a), sequencerOf(b)) !== sign(filled(a, 3), filled(b, 3))).map((b) => [a, b]),
    );
    expect(wrong).toEqual([]);
  });
});

describe('anything else is refused, so that it ends among the dead letters and not nowhere', () => {
  test.each([
    ['no JSON', 'x'],
    ['no event', '{}'],
    ['no list', '{"Records":{}}'],
    ['an event of another service', message({}, { eventSource: 'aws:sns' })],
    ['an object that was removed', message({}, { eventName: 'ObjectRemoved:Delete' })],
    ['a key that is not encoded', message({ key: '%zz' })],
    ['no sequencer', message({ sequencer: undefined })],
    ['a sequencer that is not hexadecimal', message({ sequencer: '0x1' })],
    ['a sequencer of more than 64 digits', message({ sequencer: 'a'.repeat(65) })],
    ['no size', message({ size: undefined })],
  ])('%s', (_, body) => {
    expect(() => readObjectEvents(body)).toThrow();
  });

  test('a sequencer of 64 digits is taken', () => {
    expect(sequencerOf('a'.repeat(64))).toBe('A'.repeat(64));
  });
});
