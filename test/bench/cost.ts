import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import { DEMO, DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { readBenchDeployment } from './bundles.ts';
import { itemBytes, writeUnits } from './item-size.ts';
import { costOf, type JobCost, readStoredJob } from './job-cost.ts';
import { jobOf } from './jobs.ts';
import { naiveItem } from './naive.ts';
import { atMost, figure, type Measure } from './section.ts';

const KIB = 1_024;
const SQL_KIB = [0.5, 3, 20, 200] as const;
/** Jobs of each size, of which the dearest counts. */
const JOBS = 20;

/** Write units of a job of so many KiB of SQL, the index included. */
export const GOAL_UNITS = 3;
export const GOAL_SQL_BYTES = 3 * KIB;

/**
 * Dollars of a million write request units, on demand, in us-east-1 since 2024-11-01.
 * Source: https://aws.amazon.com/dynamodb/pricing/on-demand/
 */
const DOLLARS_PER_MILLION = 0.625;
const PRICED = 'us-east-1, the price since 2024-11-01';

/** What writing a job costs, by the bytes of the item that an import wrote. */
export const measureCost: Measure = async (tell) => {
  const { table } = await readBenchDeployment();
  const stack = await startStack({ environment: { SECRET_KEYS: DEMO_SECRET_KEYS } });
  try {
    const locations = [{ bucket: stack.bucket }];
    await stack.invoke('manage-project', { action: 'add', project_id: DEMO.projectId, locations, keys: DEMO.keys });
    const rows: string[][] = [];
    let judged = Number.NaN;
    for (const kib of SQL_KIB) {
      tell(`${kib} KB of SQL`);
      const random = new Random(9);
      const jobs = Array.from({ length: JOBS }, (_, at) => jobOf(random, `job_${kib * 10}_${at}`, kib * KIB));
      await importJobs(stack, jobs);
      const costs: JobCost[] = [];
      for (const { name } of jobs) {
        const place = { endpoint: stack.dynamodbEndpoint, table: stack.table };
        costs.push(costOf(await readStoredJob(place, DEMO.projectId, name), table));
      }
      const dearest = costs.reduce((most, one) => (one.units > most.units ? one : most));
      const naive = Math.max(...jobs.map((job) => itemBytes(marshall(naiveItem(job)))));
      if (kib * KIB === GOAL_SQL_BYTES) judged = dearest.units;
      const bytes = [dearest.itemBytes, dearest.indexBytes, dearest.units, dollars(dearest.units)];
      rows.push([`${kib} KB of SQL`, ...[...bytes, naive, writeUnits(naive), dollars(writeUnits(naive))].map(figure)]);
    }
    const line = 'cost: write units of a job of 3 KB of SQL, limit';
    const goals = [atMost(1, { line, ours: judged, against: GOAL_UNITS })];
    return { title: 'Cost', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
  } finally {
    await stack.close();
  }
};

const dollars = (units: number) => units * DOLLARS_PER_MILLION;

async function importJobs({ endpoint, s3Endpoint, bucket }: Stack, jobs: readonly object[]): Promise<void> {
  const s3 = new S3Client({ endpoint: s3Endpoint, region: REGION, credentials: CREDENTIALS });
  const Body = zip([{ name: 'jobs.json', data: JSON.stringify(jobs) }]);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'cost/jobs.zip', Body }));
  s3.destroy();
  const response = await fetch(`${endpoint}/v1.0/${DEMO.projectId}/streaming/jobs/import`, {
    method: 'POST',
    headers: { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json' },
    body: JSON.stringify({ zip_file: `${bucket}/cost/jobs.zip` }),
  });
  const text = await response.text();
  if (!text.startsWith('{"is_success":"true"')) throw new Error(`an import failed: ${text.slice(0, 300)}`);
}

const HEAD = [
  'a job',
  'bytes of its item',
  'of its copy in the index',
  'write units',
  '$ per million jobs',
  'naive: bytes',
  'write units',
  '$ per million jobs',
];

const ABOUT = `Jobs are imported over HTTP on the embedded stack; their items are read from the table, and counted by the rules of DynamoDB:
a write unit for each begun KB (1,024 bytes) of the item, and for each of its copy in the index by id, which holds what
serverless.yml projects. Of ${JOBS} jobs of a size the dearest counts. The naive item is the job as it came, uncompressed, without
an index. Prices are those of on-demand write request units, $${DOLLARS_PER_MILLION} a million (${PRICED}). A long
description, which lists show, is in the item uncompressed and costs more. An import has some writes of its own beside: its record, ids, and the outcomes of each archive.`;
