import { sendNotifications } from './bucket-notifications.ts';
import type { Deployment } from './deployment.ts';
import { type EmbeddedStorage, startDynamodb, startStorage } from './emulators.ts';
import { ensureQueues, type QueueUrls } from './queues.ts';
import { ensureBucket, ensureTable } from './storage.ts';

export type ServiceOptions = {
  /** Names of the table and of the bucket. */
  readonly table: string;
  readonly bucket: string;
  /** Port of the embedded S3 and SQS, and of the embedded DynamoDB; a free one if absent or 0. */
  readonly storagePort?: number | undefined;
  readonly dynamodbPort?: number | undefined;
  /** Servers to use in place of the embedded ones. */
  readonly endpoints?: {
    readonly s3?: string | undefined;
    readonly dynamodb?: string | undefined;
    readonly sqs?: string | undefined;
  };
  /** Hears of an object whose event did not reach its queue. */
  readonly onLost: (key: string, reason: unknown) => void;
};

type Services = {
  readonly s3Endpoint: string;
  readonly dynamodbEndpoint: string;
  readonly sqsEndpoint: string;
  readonly queueUrls: QueueUrls;
};

/** Registers what must be ended, and gives it back. */
export type Keep = <Ending extends { close(): Promise<void> }>(ending: Ending) => Ending;

/**
 * Starts what the functions use: the embedded S3, SQS and DynamoDB, but for those that others take the place of, with
 * the deployment's table, bucket and queues. An S3 that is not the embedded one sends its events by itself.
 */
export async function startServices(deployment: Deployment, options: ServiceOptions, keep: Keep): Promise<Services> {
  const { bucket, table, endpoints = {} } = options;
  let storage: EmbeddedStorage | undefined;
  const embedded = async () => {
    storage ??= keep(await startStorage(options.storagePort));
    return storage;
  };
  const s3Endpoint = endpoints.s3 ?? (await embedded()).endpoint;
  const sqsEndpoint = endpoints.sqs ?? (await embedded()).endpoint;
  const dynamodbEndpoint = endpoints.dynamodb ?? keep(await startDynamodb(options.dynamodbPort)).endpoint;
  const [queueUrls] = await Promise.all([
    named('SQS', sqsEndpoint, ensureQueues(sqsEndpoint, deployment.queues)),
    named('DynamoDB', dynamodbEndpoint, ensureTable({ endpoint: dynamodbEndpoint, name: table }, deployment.table)),
    named('S3', s3Endpoint, ensureBucket({ endpoint: s3Endpoint, name: bucket })),
  ]);
  if (endpoints.s3 === undefined) {
    const { notifications } = deployment;
    const onLost = ({ key }: { key: string }, reason: unknown) => options.onLost(key, reason);
    keep(sendNotifications(await embedded(), { bucket, notifications, endpoint: sqsEndpoint, queueUrls, onLost }));
  }
  return { s3Endpoint, dynamodbEndpoint, sqsEndpoint, queueUrls };
}

/** Says which server it was that failed. */
async function named<T>(service: string, endpoint: string, made: Promise<T>): Promise<T> {
  return made.catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The ${service} at ${endpoint} cannot be used: ${reason}`, { cause: error });
  });
}
