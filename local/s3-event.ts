import { ACCOUNT, REGION } from './identity.ts';
import type { ObjectWrite } from './object-write.ts';

/** An object as it was when its write had taken effect: `size` in bytes, `etag` without quotes. */
export type ToldObject = ObjectWrite & {
  readonly size: number;
  readonly etag: string;
  readonly sequencer: string;
  readonly sourceIp: string;
  readonly requestId: string;
};

/**
 * The message that S3 sends of it.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export function s3Event(created: ToldObject, configurationId: string): object {
  const { bucket, key, size, etag, sequencer } = created;
  const record = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: REGION,
    eventTime: new Date().toISOString(),
    eventName: created.event,
    userIdentity: { principalId: ACCOUNT },
    requestParameters: { sourceIPAddress: created.sourceIp },
    responseElements: { 'x-amz-request-id': created.requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId,
      bucket: { name: bucket, ownerIdentity: { principalId: ACCOUNT }, arn: `arn:aws:s3:::${bucket}` },
      object: { key: formEncoded(key), size, eTag: etag, sequencer },
    },
  };
  return { Records: [record] };
}

/** A key as it stands in an event: encoded as a form's value, but for its slashes. */
export function formEncoded(key: string): string {
  return new URLSearchParams({ key }).toString().slice('key='.length).replaceAll('%2F', '/');
}

// As long as those of the service; the time stands above the count of 2^20 writes in a millisecond.
const DIGITS = 18;
const PER_MILLISECOND = 2n ** 20n;

/** Issues sequencers: hexadecimal, of one length, each above the one before, also above those of an earlier start. */
export class Sequencer {
  #last = 0n;

  next(): string {
    const now = BigInt(Date.now()) * PER_MILLISECOND;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last.toString(16).toUpperCase().padStart(DIGITS, '0');
  }
}
