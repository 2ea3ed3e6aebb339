import * as z from 'zod/mini';
import type { CreatedObject } from '../store/objects.ts';

const HEXADECIMAL = /^[0-9A-Fa-f]{1,64}$/;

const testEvent = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });

const objectEvents = z.object({
  Records: z.array(
    z.object({
      eventSource: z.literal('aws:s3'),
      eventName: z.string().check(z.startsWith('ObjectCreated:')),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({
          key: z.string(),
          size: z.int(),
          eTag: z.string(),
          versionId: z.optional(z.nullable(z.string())),
          sequencer: z.string().check(z.regex(HEXADECIMAL)),
        }),
      }),
    }),
  ),
});

const message = z.union([
  z.pipe(
    testEvent,
    z.transform(() => ({ Records: [] })),
  ),
  objectEvents,
]);

/**
 * Reads a message of S3 about objects that were made. S3 tries a queue by a test event, which is about none.
 * @throws if it is anything else.
 */
export function readObjectEvents(body: string): CreatedObject[] {
  return message.parse(JSON.parse(body)).Records.map(({ s3: { bucket, object } }) => ({
    bucket: bucket.name,
    key: decodeKey(object.key),
    // As S3's API writes it.
    etag: `"${object.eTag}"`,
    size: object.size,
    versionId: object.versionId ?? undefined,
    sequencer: sortable(object.sequencer),
  }));
}

/** Keys come as forms encode them. */
const decodeKey = (key: string) => decodeURIComponent(key.replaceAll('+', ' '));

/**
 * Sequencers differ in length: the shorter one is to be filled with zeros on its right, then they compare as strings.
 * Without the zeros at their end they compare as they are.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
const sortable = (sequencer: string) => sequencer.toUpperCase().replace(/0+$/, '');
