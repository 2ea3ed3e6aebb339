import { DEMO, DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { startStack } from '../../local/stack.ts';
import { type CountingProxy, startProxy } from '../proxy.ts';
import { putArchives } from './archives.ts';
import { median } from './rounds.ts';
import { figure, type Table } from './section.ts';

const WARM_UPS = 3;

type Scenario = { title: string; archives: number; jobs: number; rounds: number };
const SCENARIOS: readonly Scenario[] = [
  { title: 'one archive of 100 jobs', archives: 1, jobs: 100, rounds: 11 },
  { title: 'a folder of 20 archives of 10 jobs', archives: 20, jobs: 10, rounds: 3 },
];

/** Where imports are sent, and the proxies before S3 and the table that count its calls. */
type Target = { endpoint: string; s3Endpoint: string; bucket: string; s3: CountingProxy; table: CountingProxy };

/** Warm imports over HTTP on the embedded stack: their time, and the requests that one makes. */
export async function measureOverHttp(tell: (progress: string) => void): Promise<Table[]> {
  const [storage, dynamodb] = [await startStorage(), await startDynamodb()];
  const [s3, table] = [await startProxy(storage.endpoint), await startProxy(dynamodb.endpoint)];
  const stack = await startStack({
    endpoints: { s3: s3.endpoint, dynamodb: table.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
  try {
    const locations = [{ bucket: stack.bucket }];
    await stack.invoke('manage-project', { action: 'add', project_id: DEMO.projectId, locations, keys: DEMO.keys });
    const target = { ...stack, s3Endpoint: storage.endpoint, s3, table };
    const times: string[][] = [];
    const requests: string[][] = [];
    for (const scenario of SCENARIOS) {
      tell(`over HTTP: ${scenario.title}`);
      const found = await measureOne(scenario, target);
      times.push(found.times);
      requests.push(...found.requests);
    }
    return [
      { head: TIMES, rows: times },
      { head: REQUESTS, rows: requests },
    ];
  } finally {
    await stack.close();
    await Promise.all([s3, table, storage, dynamodb].map((server) => server.close()));
  }
}

const TIMES = ['over HTTP', 'median, ms', 'fastest, ms', 'slowest, ms', 'jobs/s'];
const REQUESTS = ['requests', 'per import', 'per archive', 'per job'];

async function measureOne({ title, archives, jobs, rounds }: Scenario, target: Target) {
  const folder = `${archives}x${jobs}`;
  const [first = ''] = await putArchives(target, { folder, archives, jobs });
  const zipFile = archives === 1 ? first : `${target.bucket}/${folder}`;
  for (let round = 0; round < WARM_UPS; round++) await importOnce(target, zipFile);
  target.s3.reset();
  target.table.reset();
  const times = [await importOnce(target, zipFile)];
  const requests = [
    ...rowsOf(`${title}: S3`, target.s3, { archives, jobs }),
    ...rowsOf(`${title}: table`, target.table, { archives, jobs }),
  ];
  while (times.length < rounds) times.push(await importOnce(target, zipFile));
  const middle = median(times);
  const cells = [middle, Math.min(...times), Math.max(...times), (archives * jobs * 1_000) / middle].map(figure);
  return { times: [title, ...cells], requests };
}

function rowsOf(title: string, { calls }: CountingProxy, { archives, jobs }: Pick<Scenario, 'archives' | 'jobs'>) {
  return [...calls].map(([operation, count]) => {
    const each = [count / archives, count / (archives * jobs)].map((value) => value.toFixed(2));
    return [`${title} ${operation}`, String(count), ...each];
  });
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
