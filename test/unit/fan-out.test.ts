import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, expect, test } from 'vitest';
import type { Started } from '../../lib/import/begin-import.ts';
import { fanOut } from '../../lib/import/fan-out.ts';
import type { ArchiveOutcomes } from '../../lib/job/outcome.ts';
import { IMPORT_JOBS } from '../../lib/limits.ts';
import { storeText } from '../../lib/store/blobs.ts';
import { openTable } from '../../lib/store/table.ts';

// Nothing is sent by either: no archive fails, and no import is looked at within the first seconds.
const dynamodb = new DynamoDBClient({ region: 'eu-west-1' });
const s3 = new S3Client({ region: 'eu-west-1' });
const table = openTable(DynamoDBDocumentClient.from(dynamodb), 'none');
const blobs = { s3, home: { bucket: 'none', owner: '000000000000' } };
afterAll(() => {
  dynamodb.destroy();
  s3.destroy();
});

const outcomesOf = (jobs: number): ArchiveOutcomes => ({
  jobs: Array.from({ length: jobs }, (_, jobPlace) => ({
    action: 'created',
    entry: 'a.json',
    jobPlace,
    oldJobId: null,
    name: `job-${jobPlace}`,
    contentHash: 'hash',
    jobId: jobPlace + 1,
  })),
});

/** An import of two archives, of which the first one had so many jobs in a run before. */
const continued = (jobs: number): Started => ({
  projectId: 'p',
  importId: 1,
  zipFile: 'bucket/f',
  isCover: false,
  origin: { requestedBy: 'somebody' },
  archives: ['a', 'b'].map((name) => ({ bucket: 'bucket', key: `f/${name}.zip`, owner: 'o', etag: 'e', size: 1 })),
  refusal: undefined,
  isQueued: false,
  how: 'continued',
  known: new Map([[0, outcomesOf(jobs)]]),
  begunBefore: 2,
  run: 'second',
  isConcluded: false,
});

test.each([
  [IMPORT_JOBS - 1, 1],
  [IMPORT_JOBS, 0],
])('an import that goes on after %i jobs has %i archive begun', async (jobs, begun) => {
  let dispatched = 0;
  const soon = Date.now() + 60_000;
  const { isFull } = await fanOut(
    {
      table,
      blobs,
      dispatch: async () => {
        dispatched += 1;
        return storeText(blobs, 'unused', JSON.stringify(outcomesOf(1)));
      },
      requestId: 'request',
      beginUntil: soon,
      answerBy: soon,
      onFault: (error) => {
        throw error;
      },
    },
    continued(jobs),
  );
  expect(dispatched).toBe(begun);
  expect(isFull).toBe(true);
});
