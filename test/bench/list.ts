import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEMO, DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { startProxy } from '../proxy.ts';
import { zip } from '../zip.ts';

const ARCHIVES = 10;
const JOBS_OF_ARCHIVE = 1_000;
const ROUNDS = 21;
const WARM_UPS = 3;
const GOAL_QUERIES = 8;

/** The first one has a goal. */
const PAGES = [
  { title: 'the newest 100', query: '?limit=100' },
  { title: 'the newest 10 in detail', query: '?limit=10&show_detail=true' },
  { title: '100 from the middle', query: '?limit=100&offset=5000' },
  { title: 'the last 100', query: '?limit=100&offset=9900' },
  { title: '100 by a filter', query: '?limit=100&job_type=flink_opensource_sql_job' },
  { title: 'one by its name', query: '?name=job-7-77' },
];

/** Prints the time of pages of a list, and the calls to the table that one takes: those that count apart. */
export async function measureListing(): Promise<void> {
  const [s3, dynamodb] = [await startStorage(), await startDynamodb()];
  const calls = new Map<string, number>();
  const table = await startProxy(dynamodb.endpoint, ({ operation, body }) => {
    const name = body.includes('"Select":"COUNT"') ? 'counting queries' : operation;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    return undefined;
  });
  const stack = await startStack({
    endpoints: { s3: s3.endpoint, dynamodb: table.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
  try {
    await importJobs(stack);
    console.log(`a page of the list of ${ARCHIVES * JOBS_OF_ARCHIVE} jobs (${ROUNDS} rounds)`);
    for (const [at, { title, query }] of PAGES.entries()) {
      for (let round = 0; round < WARM_UPS; round++) await send(stack, 'GET', query);
      calls.clear();
      const times = [await send(stack, 'GET', query)];
      const told = [...calls].map(([name, count]) => `${count} ${name}`).join(', ');
      const queries = calls.get('Query') ?? 0;
      while (times.length < ROUNDS) times.push(await send(stack, 'GET', query));
      times.sort((a, b) => a - b);
      const ms = (time = Number.NaN) => `${time.toFixed(1)} ms`;
      console.log(`  ${title}: median ${ms(times[Math.floor(ROUNDS / 2)])}, slowest ${ms(times.at(-1))}; ${told}`);
      const verdict = queries <= GOAL_QUERIES ? 'met' : 'not met';
      if (at === 0) console.log(`    goal: at most ${GOAL_QUERIES} queries, and those that count: ${verdict}`);
    }
  } finally {
    await stack.close();
    await Promise.all([table, s3, dynamodb].map((server) => server.close()));
  }
}

async function importJobs(stack: Stack): Promise<void> {
  const { bucket } = stack;
  const command = { action: 'add', project_id: DEMO.projectId, locations: [{ bucket }], keys: DEMO.keys };
  await stack.invoke('manage-project', command);
  const s3 = new S3Client({ endpoint: stack.s3Endpoint, region: REGION, credentials: CREDENTIALS });
  for (let archive = 0; archive < ARCHIVES; archive++) {
    const jobs = Array.from({ length: JOBS_OF_ARCHIVE }, (_, n) => ({
      name: `job-${archive}-${n}`,
      desc: 'd'.repeat(50),
    }));
    const Body = zip([{ name: 'jobs.json', data: JSON.stringify(jobs) }]);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'list/x.zip', Body }));
    await send(stack, 'POST', '/import', { zip_file: `${bucket}/list/x.zip` });
  }
  s3.destroy();
}

/** @returns milliseconds. */
async function send({ endpoint }: Stack, method: string, path: string, body?: object): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${endpoint}/v1.0/${DEMO.projectId}/streaming/jobs${path}`, {
    method,
    headers: { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!text.startsWith('{"is_success":"true"')) throw new Error(`a request failed: ${text.slice(0, 300)}`);
  return performance.now() - startedAt;
}
