import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  QueueNameExists,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CREDENTIALS, REGION } from './identity.ts';
import type { QueueDefinition } from './queue-resources.ts';

/** URLs of queues by their ARNs. */
export type QueueUrls = ReadonlyMap<string, string>;

/** Creates the queues that are not there, what others redrive to first; those that are there are used as they are. */
export async function ensureQueues(endpoint: string, queues: readonly QueueDefinition[]): Promise<QueueUrls> {
  const client = new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const urls = new Map<string, string>();
  const redrives = ({ attributes }: QueueDefinition) => Number('RedrivePolicy' in attributes);
  try {
    for (const queue of queues.toSorted((a, b) => redrives(a) - redrives(b))) {
      urls.set(queue.arn, onEndpoint(endpoint, await ensureQueue(client, queue)));
    }
    return urls;
  } finally {
    client.destroy();
  }
}

async function ensureQueue(client: SQSClient, { name, attributes }: QueueDefinition): Promise<string> {
  const find = async () => (await client.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';
  return find().catch(async (error: unknown) => {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes })).catch((refusal: unknown) => {
      if (!(refusal instanceof QueueNameExists)) throw refusal;
    });
    return find();
  });
}

/** The embedded server names a host that does not exist; and another may be reached through something between. */
function onEndpoint(endpoint: string, queueUrl: string): string {
  return endpoint + new URL(queueUrl).pathname;
}
