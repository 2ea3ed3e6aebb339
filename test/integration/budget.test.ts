import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, test } from 'vitest';
import { bundleAsDeployed, filesOf, readBenchDeployment } from '../bench/bundles.ts';
import { GOAL_SQL_BYTES, GOAL_UNITS } from '../bench/cost.ts';
import { itemBytes } from '../bench/item-size.ts';
import { costOf, readStoredJob } from '../bench/job-cost.ts';
import { jobOf } from '../bench/jobs.ts';
import { naiveItem } from '../bench/naive.ts';
import { BUNDLE_BYTES } from '../bench/start.ts';
import { Random } from '../random.ts';
import { newProject, stack } from './client.ts';

// What of docs/performance.md needs no clock. The requests of an import are counted in cost.test.ts.

const deployment = await readBenchDeployment();

test('the bundle of the function that imports is small', async () => {
  const importJobs = deployment.functions.filter(({ key }) => key === 'import-jobs');
  const [bundle] = await bundleAsDeployed(deployment, filesOf(importJobs));
  expect(bundle?.bytes).toBeLessThan(BUNDLE_BYTES);
});

test('a job of 3 KB of SQL takes fewer bytes than it came with, and few write units with its copy in the index', async () => {
  const project = await newProject();
  const random = new Random(10);
  const jobs = Array.from({ length: 20 }, (_, at) => jobOf(random, `job_${at}`, GOAL_SQL_BYTES));
  await project.import(await project.putJobs('x.zip', jobs));
  for (const job of jobs) {
    const { name } = job;
    const item = await readStoredJob({ endpoint: stack.dynamodbEndpoint, table: stack.table }, project.projectId, name);
    const cost = costOf(item, deployment.table);
    expect(cost.indexBytes).toBeGreaterThan(0);
    expect(cost.itemBytes, name).toBeLessThan(itemBytes(marshall(naiveItem(job))));
    expect(cost.units, name).toBeLessThanOrEqual(GOAL_UNITS);
  }
});
