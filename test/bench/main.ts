import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startS3 } from '../../local/emulators.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import { type CountingProxy, startProxy } from '../proxy.ts';
import { zip } from '../zip.ts';

const JOBS = 100;
const SQL_BYTES = 2_000;
const WARM_UPS = 5;
const ROUNDS = 21;
const GOAL_MS = 1_000;

const HELP = `Measures imports on the embedded stack, over HTTP, through the shipped functions.

  npm run bench

Prints the time of a warm import of one archive of ${JOBS} jobs of 2 KB, and the calls to S3 and to the table that one
import makes. Times are of this machine, at this moment.`;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    console.log(HELP);
    return;
  }
  const [s3, dynamodb] = [await startS3(), await startDynamodb()];
  const proxies = [await startProxy(s3.endpoint), await startProxy(dynamodb.endpoint)] as const;
  const [objects, table] = proxies;
  const stack = await startStack({
    endpoints: { s3: objects.endpoint, dynamodb: table.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
  try {
    const client = new S3Client({ endpoint: s3.endpoint, region: REGION, credentials: CREDENTIALS });
    await client.send(new PutObjectCommand({ Bucket: stack.bucket, Key: 'bench.zip', Body: archive() }));
    client.destroy();
    const { result } = await stack.invoke('manage-project', {
      action: 'add',
      project_id: 'bench',
      locations: [{ bucket: stack.bucket }],
    });
    await measure(stack.endpoint, tokenOf(result), `${stack.bucket}/bench.zip`, proxies);
  } finally {
    await stack.close();
    await Promise.all([...proxies, s3, dynamodb].map((server) => server.close()));
  }
}

async function measure(
  endpoint: string,
  token: string,
  zipFile: string,
  proxies: readonly CountingProxy[],
): Promise<void> {
  const importOnce = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${endpoint}/v1.0/bench/streaming/jobs/import`, {
      method: 'POST',
      headers: { 'x-auth-token': token, 'content-type': 'application/json' },
      body: JSON.stringify({ zip_file: zipFile, is_cover: true }),
    });
    const text = await response.text();
    if (!text.startsWith('{"is_success":"true"')) throw new Error(`an import failed: ${text.slice(0, 300)}`);
    return performance.now() - startedAt;
  };
  for (let round = 0; round < WARM_UPS; round++) await importOnce();
  for (const proxy of proxies) proxy.reset();
  const times = [await importOnce()];
  const calls = proxies.flatMap((proxy) => [...proxy.calls]);
  while (times.length < ROUNDS) times.push(await importOnce());
  times.sort((a, b) => a - b);

  const ms = (index: number) => `${times[index]?.toFixed(0)} ms`;
  const median = Math.floor(ROUNDS / 2);
  console.log(`warm import of one archive, ${JOBS} jobs of 2 KB, over HTTP (${ROUNDS} rounds)`);
  console.log(`  median ${ms(median)}, fastest ${ms(0)}, slowest ${ms(ROUNDS - 1)}`);
  console.log(`  goal: under ${GOAL_MS} ms: ${(times[median] ?? Infinity) < GOAL_MS ? 'met' : 'not met'}`);
  console.log('calls of one import');
  for (const [operation, count] of calls) console.log(`  ${operation.padEnd(14)} ${String(count).padStart(4)}`);
}

function archive(): Buffer {
  const jobs = Array.from({ length: JOBS }, (_, n) => ({
    name: `bench_${n}`,
    job_id: n,
    sql_body: `-- ${n}\n${'INSERT INTO sink SELECT id, name, amount FROM source WHERE amount > 0;\n'.repeat(40)}`.slice(
      0,
      SQL_BYTES,
    ),
    job_config: { parallel_number: 2, checkpoint_enabled: true },
  }));
  return zip([{ name: 'jobs.json', data: JSON.stringify(jobs) }]);
}

function tokenOf(result: unknown): string {
  const { keys }: { keys?: { token?: string } } = JSON.parse(JSON.stringify(result));
  if (keys?.token === undefined) throw new Error('the project was not registered');
  return keys.token;
}

await main();
