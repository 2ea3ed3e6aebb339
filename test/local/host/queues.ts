import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CREDENTIALS as credentials, queueArn, REGION as region } from '../../../local/identity.ts';
import { ensureQueues } from '../../../local/queues.ts';

/** Messages that one call sends or brings at the most. */
const CALL_MESSAGES = 10;

type Attributes = { VisibilityTimeout?: string; maxReceiveCount?: number };

/** A queue with dead letters, of names of its own, and what tests do with it. */
export async function makeQueue(endpoint: string, { VisibilityTimeout = '1', maxReceiveCount = 2 }: Attributes = {}) {
  const name = crypto.randomUUID();
  const [arn, deadArn] = [queueArn(name), queueArn(`${name}-dead`)];
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount });
  const urls = await ensureQueues(endpoint, [
    { name, arn, attributes: { VisibilityTimeout, RedrivePolicy } },
    { name: `${name}-dead`, arn: deadArn, attributes: {} },
  ]);
  const [queueUrl = '', deadUrl = ''] = [urls.get(arn), urls.get(deadArn)];
  const sqs = new SQSClient({ endpoint, region, credentials });
  return { arn, queueUrl, sqs, deadUrl, name };
}

/** Puts messages on a queue. */
export async function sendBodies(sqs: SQSClient, QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let from = 0; from < bodies.length; from += CALL_MESSAGES) {
    const Entries = bodies
      .slice(from, from + CALL_MESSAGES)
      .map((MessageBody, place) => ({ Id: String(place), MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Receives of a second each before messages are taken for lost. */
const RECEIVES = 15;

/** Takes `count` messages of a queue, waiting for them; throws if fewer come. */
export async function takeMessages(sqs: SQSClient, QueueUrl: string, count: number): Promise<Message[]> {
  const found: Message[] = [];
  for (let receives = 0; found.length < count; receives += 1) {
    if (receives === RECEIVES) throw new Error(`${count} messages expected, ${found.length} came`);
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: CALL_MESSAGES,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    const { Messages = [] } = await sqs.send(command);
    found.push(...Messages);
  }
  return found;
}

/** Messages that wait, and messages that somebody has taken. */
export async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<[waiting: number, taken: number]> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
  return [Number(ApproximateNumberOfMessages), Number(ApproximateNumberOfMessagesNotVisible)];
}
