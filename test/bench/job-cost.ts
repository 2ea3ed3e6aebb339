import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { jobKey } from '../../lib/store/keys.ts';
import type { TableDefinition } from '../../local/deployment.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { type Item, indexCopy, itemBytes, writeUnits } from './item-size.ts';

/** What it takes to write a job once: bytes of its item and of its copies in indexes, and write units of all of it. */
export type JobCost = { itemBytes: number; indexBytes: number; units: number };

/** The item of a job, as it is in the table. */
export async function readStoredJob(
  { endpoint, table }: { endpoint: string; table: string },
  projectId: string,
  name: string,
): Promise<Item> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const { pk, sk } = jobKey(projectId, name);
  try {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    if (Item === undefined) throw new Error(`the job ${name} is not in the table`);
    return Item;
  } finally {
    client.destroy();
  }
}

/** What its write takes in a table as the deployment declares it. */
export function costOf(item: Item, { KeySchema = [], GlobalSecondaryIndexes = [] }: TableDefinition): JobCost {
  const own = itemBytes(item);
  const copies = GlobalSecondaryIndexes.map((index) => indexCopy(item, index, KeySchema));
  const others = copies.flatMap((copy) => (copy === undefined ? [] : [itemBytes(copy)]));
  const units = [own, ...others].reduce((sum, bytes) => sum + writeUnits(bytes), 0);
  return { itemBytes: own, indexBytes: others.reduce((sum, bytes) => sum + bytes, 0), units };
}
