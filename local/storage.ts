import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadBucketCommand,
  NotFound,
  S3Client,
} from '@aws-sdk/client-s3';
import type { TableDefinition } from './deployment.ts';
import { CREDENTIALS, REGION } from './identity.ts';

const TABLE_SECONDS = 30;

type Where = { readonly endpoint: string; readonly name: string };

/** Creates the table if there is none of that name; one that is there is used as it is. */
export async function ensureTable({ endpoint, name }: Where, table: TableDefinition): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  try {
    await client.send(new CreateTableCommand({ ...table, TableName: name })).catch((error: unknown) => {
      if (!(error instanceof ResourceInUseException)) throw error;
    });
    await waitUntilTableExists({ client, maxWaitTime: TABLE_SECONDS, minDelay: 1, maxDelay: 1 }, { TableName: name });
  } finally {
    client.destroy();
  }
}

/** Creates the bucket if there is none of that name; one that is there is used as it is. */
export async function ensureBucket({ endpoint, name }: Where): Promise<void> {
  const client = new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
  try {
    await client.send(new HeadBucketCommand({ Bucket: name })).catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error;
      return client.send(new CreateBucketCommand({ Bucket: name }));
    });
  } catch (error) {
    if (!(error instanceof BucketAlreadyExists || error instanceof BucketAlreadyOwnedByYou)) throw error;
  } finally {
    client.destroy();
  }
}
