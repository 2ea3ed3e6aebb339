import { ARCHIVE_JOBS } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { ContestantProcess, type Shipped } from './contestant-process.ts';
import { shippedWorker } from './import.ts';
import { archiveOfJobs } from './jobs.ts';
import { type NullEndpoint, startNullEndpoint } from './null-endpoint.ts';
import { median } from './rounds.ts';
import { atMost, figure, type Measure } from './section.ts';
import type { Archive } from './task.ts';

const SIZES = [100, 1_000, 10_000, 100_000] as const;
const SQL_BYTES = 2_000;
const ROUNDS = 2;
/** Jobs that a small import is repeated for in each round: one of a hundred jobs is over too soon to be measured once. */
const JOBS_OF_ROUND = 5_000;
/** Jobs of an import that comes first and does not count: it compiles. */
const WARM_UP = 2_000;

/** Time per job of the largest import, in that of one of a thousand jobs. */
const GOAL = 1.2;
const [LARGEST, SMALL] = [100_000, 1_000] as const;

const MB = 1e6;

/** Whether an import of more jobs takes more for each of them. */
export const measureGrowth: Measure = async (tell) => {
  const endpoint = await startNullEndpoint();
  try {
    const shipped = await shippedWorker();
    const archives = new Map<number, Archive>();
    for (const jobs of [...SIZES.filter((size) => size <= ARCHIVE_JOBS), WARM_UP]) {
      const archive = archiveOfJobs(new Random(8), { jobs, sqlBytes: SQL_BYTES });
      archives.set(jobs, { key: await endpoint.put(`growth-${jobs}.zip`, archive), size: archive.length });
    }
    const found = new Map<number, Found>(SIZES.map((jobs) => [jobs, { micros: noNumbers(), peaks: noNumbers() }]));
    for (let round = 1; round <= ROUNDS; round++) {
      for (const [jobs, { micros, peaks }] of found) {
        tell(`${figure(jobs)} jobs: round ${round} of ${ROUNDS}`);
        const one = await importSome(jobs, { endpoint, shipped, archives });
        micros.push(...one.micros);
        peaks.push(one.peakBytes);
      }
    }
    const microsOf = (jobs: number) => median(found.get(jobs)?.micros ?? []);
    const rows = [...found].map(([jobs, { peaks }]) => [
      `${figure(jobs)} in ${figure(Math.ceil(jobs / ARCHIVE_JOBS))}`,
      figure(microsOf(jobs)),
      (microsOf(jobs) / microsOf(SMALL)).toFixed(2),
      figure(Math.max(...peaks) / MB),
    ]);
    const line = 'growth: µs per job of 100,000, of 1,000';
    const goals = [atMost(GOAL, { line, ours: microsOf(LARGEST), against: microsOf(SMALL) })];
    return { title: 'Growth', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
  } finally {
    await endpoint.close();
  }
};

type Found = { micros: number[]; peaks: number[] };
const noNumbers = (): number[] => [];

type Rig = { endpoint: NullEndpoint; shipped: Shipped; archives: ReadonlyMap<number, Archive> };

/** Imports of so many jobs, one after another in one process. @returns microseconds per job of each. */
async function importSome(jobs: number, { endpoint, shipped, archives }: Rig) {
  const child = await ContestantProcess.start('worker', endpoint.atOnce, shipped);
  try {
    const runOne = (size: number) => {
      const archive = archives.get(size);
      if (archive === undefined) throw new Error(`there is no archive of ${size} jobs`);
      return child.run({ jobs: size, archive }, { isCollected: false });
    };
    await runOne(WARM_UP);
    await endpoint.take();
    const each = Math.min(jobs, ARCHIVE_JOBS);
    const imports = Math.max(1, JOBS_OF_ROUND / jobs);
    const micros: number[] = [];
    let peakBytes = 0;
    for (let count = 0; count < imports; count++) {
      let wallMs = 0;
      for (let done = 0; done < jobs; done += each) {
        const took = await runOne(each);
        wallMs += took.wallMs;
        peakBytes = took.peakBytes;
      }
      micros.push((wallMs * 1_000) / jobs);
    }
    const { calls } = await endpoint.take();
    if (calls < jobs * imports) throw new Error(`${jobs * imports} jobs: found ${calls} calls`);
    return { micros, peakBytes };
  } finally {
    await child.close();
  }
}

const HEAD = ['jobs, in archives', 'µs per job', 'times that of 1,000', 'peak memory, MB'];

const ABOUT = `Imports of jobs of ${figure(SQL_BYTES)} bytes of SQL by one worker on the null endpoint, archive after archive, after one of
${figure(WARM_UP)} jobs that does not count; a process of its own for each size and round. An archive holds up to ${figure(ARCHIVE_JOBS)} jobs,
so more come in several, as in an import of that size.`;
