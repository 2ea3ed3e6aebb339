import { parseArgs } from 'node:util';
import { DEMO, DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { startStack } from '../../local/stack.ts';
import { type CountingProxy, startProxy } from '../proxy.ts';
import { measureReading } from './archive.ts';
import { putArchives } from './archives.ts';
import { measureListing } from './list.ts';
import { ARCHIVES, measureScale } from './scale.ts';
import { measureVerifying } from './signature.ts';

const WARM_UPS = 3;

type Scenario = { title: string; archives: number; jobs: number; rounds: number; goalMs: number };
const SCENARIOS: Scenario[] = [
  { title: 'one archive of 100 jobs', archives: 1, jobs: 100, rounds: 21, goalMs: 1_000 },
  { title: 'a folder of 100 archives of 10 jobs', archives: 100, jobs: 10, rounds: 5, goalMs: 10_000 },
];

const HELP = `Measures the functions, most of it on the embedded stack, over HTTP. Times are of this machine, at this moment.

  npm run bench                                        all but scale
  npm run bench -- signature|archive|list|imports      one of them
  npm run bench -- scale [--archives N] [--write]

  signature      the CPU time of verifying a signed request of 4 KB
  archive        the CPU time of reading an archive of 10,000 entries, beside the floor and unzipper's own
  list           the time of pages of a list of 10,000 jobs, and the calls to the table that each takes
  imports        the time of warm imports of jobs of 2 KB, and the calls to S3 and to the table that one import makes
  scale          imports of 1,000 and of 10,000 archives of 10 jobs, and of one archive of 10,000 jobs: times, calls per
                 archive, memory. It takes a quarter of an hour on two free cores, and more on a busy machine.
  --archives N   of the larger folder, in place of 10,000
  --write        put the figures into docs/scale.md, too`;

/** What is measured where no part is named. */
const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  signature: measureVerifying,
  archive: measureReading,
  list: measureListing,
  imports: measureImports,
};

/** Where imports are sent, and the proxies before S3 and the table that count its calls. */
type Target = { endpoint: string; s3Endpoint: string; bucket: string; proxies: readonly CountingProxy[] };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      archives: { type: 'string', default: String(ARCHIVES) },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [wanted, ...others] = positionals;
  if (wanted === 'scale') return measureScale({ archives: archivesOf(values.archives), isWritten: values.write });
  const parts = Object.entries(PARTS).filter(([name]) => wanted === undefined || wanted === name);
  if (parts.length === 0 || others.length > 0) throw new Error(`found "${positionals.join(' ')}". See --help.`);
  for (const [, measurePart] of parts) await measurePart();
}

/** A tenth of them is a folder of its own that goes by the queue. */
function archivesOf(text: string): number {
  const archives = Number(text);
  const isFit = Number.isInteger(archives / 10) && archives > 0 && archives <= ARCHIVES;
  if (!isFit) throw new Error(`--archives takes a multiple of 10 up to ${ARCHIVES}; found "${text}"`);
  return archives;
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
  const [first = ''] = await putArchives(target, { folder, archives, jobs });
  const zipFile = archives === 1 ? first : `${target.bucket}/${folder}`;
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

await main();
