import { ARCHIVE_JOBS } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { ContestantProcess } from './contestant-process.ts';
import { shippedWorker } from './import.ts';
import { archiveOfJobs } from './jobs.ts';
import { startNullEndpoint } from './null-endpoint.ts';
import { atMost, figure, type Measure } from './section.ts';
import type { Archive } from './task.ts';

const SIZES = [100, 1_000, 10_000, 100_000] as const;
const SQL_BYTES = 2_000;
/** Jobs of a turn of small imports: one of a hundred jobs is over too soon to be measured once. */
const JOBS_OF_TURN = 2_000;
/** Jobs of an import that comes first and does not count: it compiles. */
const WARM_UP = 2_000;

/** Time per job of the largest import, in that of one of a thousand jobs. */
const GOAL = 1.2;
const [LARGEST, SMALL] = [100_000, 1_000] as const;
/** An archive of the largest import in each. */
const TURNS = LARGEST / ARCHIVE_JOBS;

const MB = 1e6;

/** Whether an import of more jobs takes more for each of them. */
export const measureGrowth: Measure = async (tell) => {
  const endpoint = await startNullEndpoint();
  const importers: Importer[] = [];
  try {
    const shipped = await shippedWorker();
    const archives = new Map<number, Archive>();
    for (const jobs of new Set([...SIZES.map(jobsOfArchive), WARM_UP])) {
      const archive = archiveOfJobs(new Random(8), { jobs, sqlBytes: SQL_BYTES });
      archives.set(jobs, { key: await endpoint.put(`growth-${jobs}.zip`, archive), size: archive.length });
    }
    const start = async () => {
      const child = await ContestantProcess.start('worker', endpoint.atOnce, shipped);
      await child.run(taskOf(WARM_UP, archives), { isCollected: false });
      return child;
    };
    for (const size of SIZES) importers.push({ size, child: await start(), jobs: 0, wallMs: 0, peakBytes: 0 });
    await endpoint.take();
    for (let turn = 1; turn <= TURNS; turn++) {
      tell(`turn ${turn} of ${TURNS}`);
      for (const importer of importers) {
        await takeTurn(importer, archives);
        if (importer.size !== ARCHIVE_JOBS || turn === TURNS) continue;
        await importer.child.close();
        importer.child = await start();
      }
    }
    const [{ calls }, jobs] = [await endpoint.take(), importers.reduce((sum, importer) => sum + importer.jobs, 0)];
    if (calls < jobs) throw new Error(`${jobs} jobs: found ${calls} calls`);

    const microsOf = (wanted: number) => {
      const importer = importers.find(({ size }) => size === wanted);
      return importer === undefined ? Number.NaN : (importer.wallMs * 1_000) / importer.jobs;
    };
    const rows = importers.map(({ size, peakBytes }) => [
      `${figure(size)} in ${figure(Math.ceil(size / ARCHIVE_JOBS))}`,
      figure(microsOf(size)),
      (microsOf(size) / microsOf(SMALL)).toFixed(2),
      figure(peakBytes / MB),
    ]);
    const line = 'growth: µs per job of 100,000, of 1,000';
    const goals = [atMost(GOAL, { line, ours: microsOf(LARGEST), against: microsOf(SMALL) })];
    return { title: 'Growth', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
  } finally {
    await Promise.all(importers.map(({ child }) => child.close()));
    await endpoint.close();
  }
};

/** A process that does imports of one size, and what all of them took so far. */
type Importer = { size: number; child: ContestantProcess; jobs: number; wallMs: number; peakBytes: number };

/** As many small imports as make a turn, or one archive of a large one. */
async function takeTurn(importer: Importer, archives: ReadonlyMap<number, Archive>): Promise<void> {
  const jobs = jobsOfArchive(importer.size);
  for (let done = 0; done < Math.max(jobs, JOBS_OF_TURN); done += jobs) {
    const { wallMs, peakBytes } = await importer.child.run(taskOf(jobs, archives), { isCollected: false });
    importer.jobs += jobs;
    importer.wallMs += wallMs;
    importer.peakBytes = Math.max(importer.peakBytes, peakBytes);
  }
}

const jobsOfArchive = (size: number): number => Math.min(size, ARCHIVE_JOBS);

function taskOf(jobs: number, archives: ReadonlyMap<number, Archive>) {
  const archive = archives.get(jobs);
  if (archive === undefined) throw new Error(`there is no archive of ${jobs} jobs`);
  return { jobs, archive };
}

const HEAD = ['jobs, in archives', 'µs per job', 'times that of 1,000', 'peak memory, MB'];

const ABOUT = `Imports of jobs of ${figure(SQL_BYTES)} bytes of SQL by workers on the null endpoint, a process for each size, after one of
${figure(WARM_UP)} jobs that does not count. An archive holds up to ${figure(ARCHIVE_JOBS)} jobs, so more come in several, as in an import of that
size, one after another in one process; each import of ${figure(ARCHIVE_JOBS)} has a new one. The sizes take turns: after each archive of the
largest import come one of the next, and small imports. A figure is the mean of all turns. What a request, or the queue, adds to
imports of many archives is measured by \`npm run bench -- scale\`.`;
