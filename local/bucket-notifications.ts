import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { EmbeddedStorage } from './emulators.ts';
import { CREDENTIALS, REGION } from './identity.ts';
import type { ObjectWrite } from './object-write.ts';
import { isWanted, type Notification } from './queue-resources.ts';
import type { QueueUrls } from './queues.ts';
import { s3Event } from './s3-event.ts';

/** Tries to send an event, the pauses between them growing: together less than half a minute. */
const SEND_ATTEMPTS = 5;
const SEND_MILLISECONDS = 5_000;

export type NotificationOptions = {
  readonly bucket: string;
  readonly notifications: readonly Notification[];
  /** Where the queues are. */
  readonly endpoint: string;
  readonly queueUrls: QueueUrls;
  /** Hears of an object whose event did not reach its queue. */
  readonly onLost?: (write: ObjectWrite, reason: unknown) => void;
};

/**
 * Sends the bucket's notifications to their queues from now on. A write is answered when its event is on the queue, or
 * was given up.
 */
export function sendNotifications(storage: EmbeddedStorage, options: NotificationOptions): { close(): Promise<void> } {
  const { bucket, notifications, endpoint, queueUrls, onLost = () => undefined } = options;
  const client = new SQSClient({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    maxAttempts: SEND_ATTEMPTS,
    requestHandler: { requestTimeout: SEND_MILLISECONDS, throwOnRequestTimeout: true },
  });
  for (const notification of notifications) {
    const { queueArn } = notification;
    const QueueUrl = queueUrls.get(queueArn);
    if (QueueUrl === undefined)
      throw new Error(`The bucket notifies ${queueArn}, which is no queue of the deployment.`);
    storage.subscribe({
      wants: ({ bucket: name, key, event }) => name === bucket && isWanted(notification, event, key),
      send: (created) => {
        const MessageBody = JSON.stringify(s3Event(created, queueArn));
        return client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      },
      onLost,
    });
  }
  return { close: async () => client.destroy() };
}
