import { Random } from '../random.ts';
import { bundleAsDeployed, filesOf, readBenchDeployment } from './bundles.ts';
import { ContestantProcess, type Shipped } from './contestant-process.ts';
import { measureOverHttp } from './import-over-http.ts';
import { archiveOfJobs } from './jobs.ts';
import { startNullEndpoint } from './null-endpoint.ts';
import { interleave } from './rounds.ts';
import { atLeast, figure, type Measure, type Table } from './section.ts';

const JOBS = 1_000;
const SQL_BYTES = 2_000;
/** What else a machine does moves a single one by a tenth. */
const ROUNDS = 9;
/** Jobs a second, in those of the naive import. */
const GOAL_OF_NAIVE = 6;

/** A whole import of one archive: by the shipped worker, and by what a user would write instead; then over HTTP. */
export const measureImports: Measure = async (tell) => {
  const { table, ours, naive } = await measureOnNullEndpoint(tell);
  const overHttp = await measureOverHttp(tell);
  const line = `import of ${figure(JOBS)} jobs, 5 ms latency: jobs/s, the naive import`;
  const goals = [atLeast(GOAL_OF_NAIVE, { line, ours, against: naive })];
  return { title: 'Whole import', about: ABOUT, tables: [table, ...overHttp], goals };
};

async function measureOnNullEndpoint(tell: (progress: string) => void) {
  const endpoint = await startNullEndpoint();
  const processes: ContestantProcess[] = [];
  try {
    const archive = archiveOfJobs(new Random(6), { jobs: JOBS, sqlBytes: SQL_BYTES });
    const task = { jobs: JOBS, archive: { key: await endpoint.put('import.zip', archive), size: archive.length } };
    const traffic = new Map<string, number>();
    const start = async (name: 'worker' | 'naive' | 'naiveMany') => {
      const shipped = name === 'worker' ? await shippedWorker() : undefined;
      const child = await ContestantProcess.start(name, endpoint.late, shipped);
      processes.push(child);
      return async () => {
        await endpoint.take();
        const { wallMs } = await child.run(task);
        traffic.set(name, (await endpoint.take()).calls);
        return wallMs;
      };
    };
    const contestants = {
      worker: await start('worker'),
      naive: await start('naive'),
      naiveMany: await start('naiveMany'),
    };
    const ms = await interleave(contestants, ROUNDS, (round) => tell(`null endpoint: round ${round} of ${ROUNDS}`));
    const perSecond = (name: keyof typeof ms) => (JOBS * 1_000) / ms[name];
    const rowOf = (title: string, name: keyof typeof ms) => [
      title,
      figure(ms[name]),
      figure(perSecond(name)),
      figure(perSecond(name) / perSecond('naive')),
      figure((traffic.get(name) ?? Number.NaN) / JOBS),
    ];
    const rows = [
      rowOf('ours, the shipped worker', 'worker'),
      rowOf('naive, one put after another', 'naive'),
      rowOf('naive, 64 puts at once', 'naiveMany'),
    ];
    return { table: { head: HEAD, rows } satisfies Table, ours: perSecond('worker'), naive: perSecond('naive') };
  } finally {
    await Promise.all(processes.map((child) => child.close()));
    await endpoint.close();
  }
}

/** The function that imports one archive, as it is deployed. */
export async function shippedWorker(): Promise<Shipped> {
  const deployment = await readBenchDeployment();
  const workers = deployment.functions.filter(({ key }) => key === 'import-archive');
  const [bundle] = await bundleAsDeployed(deployment, filesOf(workers));
  const nodeOptions = workers[0]?.environment['NODE_OPTIONS'];
  if (bundle === undefined || nodeOptions === undefined) throw new Error('the worker is not deployed');
  return { bundle: bundle.file, nodeOptions };
}

const HEAD = ['5 ms latency', 'ms', 'jobs/s', 'times the naive', 'requests per job'];

const ABOUT = `An archive of ${figure(JOBS)} jobs of ${figure(SQL_BYTES)} bytes of SQL, an entry each. First on the null endpoint, where each call to S3 and to the table
takes 5 ms: the shipped worker alone, from its bundle, with all that it checks and stores, beside what a user would write instead:
unzipper's \`entry.buffer()\`, \`JSON.parse\`, a \`PutItem\` for each job, one after another or 64 at once, without a condition or
an outcome. ${ROUNDS} rounds, after one that does not count. Ours is bound by the processor and the naive one waits: on a busy machine the ratio is
smaller. With 64 puts at once it waits no longer, and takes about as long as ours. Then over HTTP on the embedded stack, whose S3 and table share the cores with the functions, with the requests
that one import makes; the archives there have 2 KB jobs too, and replace what the import before them wrote.`;
