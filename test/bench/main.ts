import { parseArgs } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEMO, DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import { type CountingProxy, startProxy } from '../proxy.ts';
import { zip } from '../zip.ts';
import { measureReading } from './archive.ts';
import { measureListing } from './list.ts';
import { measureVerifying } from './signature.ts';

const SQL_BYTES = 2_000;
const WARM_UPS = 3;

type Scenario = { title: string; archives: number; jobs: number; rounds: number; goalMs: number };
const SCENARIOS: Scenario[] = [
  { title: 'one archive of 100 jobs', archives: 1, jobs: 100, rounds: 21, goalMs: 1_000 },
  { title: 'a folder of 100 archives of 10 jobs', archives: 100, jobs: 10, rounds: 5, goalMs: 10_000 },
];

const HELP = `Measures imports on the embedded stack, over HTTP, through the shipped functions.

  npm run bench -- [--only archive|list|signature]

Prints the CPU time of verifying a signed request of 4 KB; with --only signature no more.
Prints the CPU time of reading an archive of 10,000 entries, beside the floor and unzipper's own; with --only archive no more.
Prints the time of pages of a list of 10,000 jobs, and the calls to the table that each takes; with --only list no more.
Prints the time of warm imports of jobs of 2 KB, and the calls to S3 and to the table that one import makes. Times are of
this machine, at this moment.`;

/** What is measured beside imports. */
const PARTS = { signature: measureVerifying, archive: measureReading, list: measureListing };

/** Where imports are sent, and the proxies before S3 and the table that count its calls. */
type Target = { endpoint: string; s3Endpoint: string; bucket: string; proxies: readonly CountingProxy[] };

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(HELP);
    return;
  }
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const parts = Object.entries(PARTS).filter(([name]) => values.only === undefined || values.only === name);
  if (parts.length === 0) throw new Error(`--only takes ${Object.keys(PARTS).join(', ')}; found "${values.only}"`);
  for (const [, measurePart] of parts) await measurePart();
  if (values.only === undefined) await measureImports();
}

async function measureImports(): Promise<void> {
  const [s3, dynamodb] = [await startStorage(), await startDynamodb()];
  const proxies = [await startProxy(s3.endpoint), await startProxy(dynamodb.endpoint)];
  const stack = await startStack({
    endpoints: { s3: proxies[0]?.endpoint, dynamodb: proxies[1]?.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
  try {
    const locations = [{ bucket: stack.bucket }];
    await stack.invoke('manage-project', { action: 'add', project_id: DEMO.projectId, locations, keys: DEMO.keys });
    for (const scenario of SCENARIOS) await measure(scenario, { ...stack, s3Endpoint: s3.endpoint, proxies });
  } finally {
    await stack.close();
    await Promise.all([...proxies, s3, dynamodb].map((server) => server.close()));
  }
}

async function measure({ title, archives, jobs, rounds, goalMs }: Scenario, target: Target): Promise<void> {
  const folder = `${archives}x${jobs}`;
  await upload(target, folder, archives, jobs);
  const zipFile = `${target.bucket}/${folder}${archives === 1 ? '/0.zip' : ''}`;
  for (let round = 0; round < WARM_UPS; round++) await importOnce(target, zipFile);
  for (const proxy of target.proxies) proxy.reset();
  const times = [await importOnce(target, zipFile)];
  const calls = target.proxies.flatMap((proxy) => [...proxy.calls]);
  while (times.length < rounds) times.push(await importOnce(target, zipFile));
  times.sort((a, b) => a - b);

  const median = times[Math.floor(rounds / 2)] ?? Number.NaN;
  const ms = (time = Number.NaN) => `${time.toFixed(0)} ms`;
  console.log(`${title}, of 2 KB each, is_cover true (${rounds} rounds)`);
  console.log(`  median ${ms(median)}, fastest ${ms(times[0])}, slowest ${ms(times.at(-1))}`);
  console.log(`  goal: under ${goalMs} ms: ${median < goalMs ? 'met' : 'not met'}`);
  console.log('  calls of one import, and per archive');
  for (const [operation, count] of calls) {
    console.log(
      `    ${operation.padEnd(12)} ${String(count).padStart(5)} ${(count / archives).toFixed(2).padStart(8)}`,
    );
  }
}

async function importOnce({ endpoint }: Target, zipFile: string): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${endpoint}/v1.0/${DEMO.projectId}/streaming/jobs/import`, {
    method: 'POST',
    headers: { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json' },
    body: JSON.stringify({ zip_file: zipFile, is_cover: true }),
  });
  const text = await response.text();
  if (!text.startsWith('{"is_success":"true"')) throw new Error(`an import failed: ${text.slice(0, 300)}`);
  return performance.now() - startedAt;
}

async function upload({ s3Endpoint, bucket }: Target, folder: string, archives: number, jobs: number): Promise<void> {
  const s3 = new S3Client({ endpoint: s3Endpoint, region: REGION, credentials: CREDENTIALS });
  for (let n = 0; n < archives; n++) {
    const Body = zip([{ name: 'jobs.json', data: JSON.stringify(jobsOf(`${folder}_${n}`, jobs)) }]);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${folder}/${n}.zip`, Body }));
  }
  s3.destroy();
}

function jobsOf(prefix: string, count: number) {
  const statement = 'INSERT INTO sink SELECT id, name, amount FROM source WHERE amount > 0;\n';
  return Array.from({ length: count }, (_, n) => ({
    name: `${prefix}_${n}`,
    job_id: n,
    sql_body: `-- ${prefix} ${n}\n${statement.repeat(SQL_BYTES / statement.length + 1)}`.slice(0, SQL_BYTES),
    job_config: { parallel_number: 2, checkpoint_enabled: true },
  }));
}

await main();
