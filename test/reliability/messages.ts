import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { CREDENTIALS, REGION } from '../../local/identity.ts';

const message = z.object({ messageId: z.string(), body: z.string() });
/** What the embedded server tells of a queue. */
const queue = z.object({
  url: z.string(),
  messages: z.object({
    ready: z.array(message),
    delayed: z.array(message),
    inflight: z.array(z.object({ message, receiptHandle: z.string() })),
  }),
});

/** As the deployment names them. */
const QUEUES = ['flink-jobs-plans', 'flink-jobs-archives'];

/** The messages of imports on the embedded queues: whoever lets time pass need not wait for it. */
export function openMessages(endpoint: string) {
  // Not at the URLs of the queues, which name a host that does not exist.
  const sqs = new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS, useQueueUrlAsEndpoint: false });
  const hurried = new Set<string>();
  const readQueues = () => Promise.all(QUEUES.map((name) => readQueue(endpoint, name)));
  return {
    /** How many messages that hold a text wait to be received. */
    countReady: async (text: string): Promise<number> =>
      (await readQueues()).flatMap(({ messages }) => messages.ready).filter(({ body }) => body.includes(text)).length,
    /**
     * Makes it that the time has passed after which messages that hold a text come: for the first time, or again because
     * nobody is done with them.
     * @returns how many are on the queues.
     */
    letTimePass: async (text: string): Promise<number> => {
      let count = 0;
      for (const { url: QueueUrl, messages } of await readQueues()) {
        const isOurs = ({ body }: { body: string }) => body.includes(text);
        const hidden = messages.inflight.filter(({ message }) => isOurs(message));
        for (const { receiptHandle: ReceiptHandle } of hidden) {
          await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
        }
        // The delay of a message cannot be cut: a copy of it comes now, and the message itself much later.
        const delayed = messages.delayed.filter((one) => isOurs(one) && !hurried.has(one.messageId));
        for (const { messageId, body: MessageBody } of delayed) {
          hurried.add(messageId);
          await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
        }
        count += hidden.length + delayed.length + messages.ready.filter(isOurs).length;
      }
      return count;
    },
    close: () => sqs.destroy(),
  };
}

async function readQueue(endpoint: string, name: string): Promise<z.infer<typeof queue>> {
  const answer = await fetch(`${endpoint}/_fauxqs/queues/${name}`);
  return queue.parse(await answer.json());
}
