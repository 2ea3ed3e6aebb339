import type { SQSRecord } from 'aws-lambda';

/** How often a message was delivered, this time included. */
export const receivesOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount);
