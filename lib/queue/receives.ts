import type { SQSRecord } from 'aws-lambda';
import { QUEUE_RECEIVES } from '../limits.ts';

/** How often a message was delivered, this time included. */
const receivesOf = ({ attributes }: SQSRecord) => Number(attributes.ApproximateReceiveCount);

/** Whether a message will not come again: after this time the queue puts it aside. */
export const isLastReceive = (message: SQSRecord): boolean => receivesOf(message) >= QUEUE_RECEIVES;
