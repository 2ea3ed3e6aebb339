import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { Open } from 'unzipper';
import { isFields } from '../../local/shapes.ts';
import { BUCKET, TABLE } from './null-messages.ts';
import { archiveOf, type Prepare } from './task.ts';

/** A job as a naive import stores it: as it came, under its name. */
export const naiveItem = (job: Readonly<Record<string, unknown>>) => ({
  pk: `job#bench#${job['name']}`,
  sk: 'job',
  ...job,
});

/** What a user would write instead of all of this: unzipper's own reading, and puts without a condition. */
export async function importNaively(putsAtOnce: number): Promise<Prepare> {
  const s3 = new S3Client({});
  const table = DynamoDBDocumentClient.from(
    new DynamoDBClient({ requestHandler: { httpAgent: { maxSockets: putsAtOnce } } }),
  );
  return async ({ archive }) => {
    const { key } = archiveOf(archive);
    return async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
      const { files } = await Open.buffer(Buffer.from((await Body?.transformToByteArray()) ?? []));
      const put = async (file: (typeof files)[number]) => {
        const job: unknown = JSON.parse((await file.buffer()).toString());
        if (!isFields(job)) throw new Error('an entry is no job');
        await table.send(new PutCommand({ TableName: TABLE, Item: naiveItem(job) }));
      };
      await pMap(files, put, { concurrency: putsAtOnce });
    };
  };
}
