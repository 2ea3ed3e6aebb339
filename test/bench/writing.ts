import { JOB_WRITES } from '../../lib/limits.ts';
import { ContestantProcess } from './contestant-process.ts';
import { startNullEndpoint } from './null-endpoint.ts';
import { interleave, median } from './rounds.ts';
import { atLeast, figure, type Measure } from './section.ts';
import { WRITTEN_SQL_BYTES } from './writers.ts';

const JOBS = 3_000;
const ROUNDS = 5;
/** Jobs per CPU second, in those of the bare loop. */
const GOAL_OF_BARE = 0.8;

/** Share of their bytes by which calls may differ that are the same. */
const CALLS_DIFFER = 0.01;

const PLACES = [
  { title: 'answers at once', at: 'atOnce' },
  { title: 'answers after 5 ms', at: 'late' },
] as const;

/** Writing jobs to a table that does no work, beside the same calls by nothing but the SDK. */
export const measureWriting: Measure = async (tell) => {
  const endpoint = await startNullEndpoint();
  const processes: ContestantProcess[] = [];
  try {
    const rows: string[][] = [];
    const goals = [];
    for (const { title, at } of PLACES) {
      const found = { writer: newFound(), bare: newFound() };
      const start = async (name: keyof typeof found) => {
        const child = await ContestantProcess.start(name, endpoint[at]);
        processes.push(child);
        return async () => {
          await endpoint.take();
          const { wallMs, cpuMs } = await child.run({ jobs: JOBS });
          const { calls, bytes } = await endpoint.take();
          if (calls !== JOBS) throw new Error(`${JOBS} jobs: found ${calls} calls`);
          found[name].wall.push(wallMs);
          found[name].bytes = bytes / calls;
          return cpuMs;
        };
      };
      const contestants = { writer: await start('writer'), bare: await start('bare') };
      const cpu = await interleave(contestants, ROUNDS, (round) => tell(`${title}: round ${round} of ${ROUNDS}`));
      const more = Math.abs(found.writer.bytes / found.bare.bytes - 1);
      if (more > CALLS_DIFFER) throw new Error(`found calls of ${found.writer.bytes} and of ${found.bare.bytes} bytes`);
      const perCpuSecond = (name: keyof typeof found) => (JOBS * 1_000) / cpu[name];
      const rowOf = (what: string, name: keyof typeof found) => [
        `${what}, ${title}`,
        figure(perCpuSecond(name)),
        figure((JOBS * 1_000) / median(found[name].wall)),
        figure(found[name].bytes),
      ];
      rows.push(rowOf('ours', 'writer'), rowOf('bare loop', 'bare'));
      if (at !== 'atOnce') continue;
      const line = 'writing: jobs per CPU second, bare loop of the same calls';
      goals.push(atLeast(GOAL_OF_BARE, { line, ours: perCpuSecond('writer'), against: perCpuSecond('bare') }));
    }
    return { title: 'Writing', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
  } finally {
    await Promise.all(processes.map((child) => child.close()));
    await endpoint.close();
  }
};

const newFound = (): { wall: number[]; bytes: number } => ({ wall: [], bytes: 0 });

const HEAD = ['writing', 'jobs per CPU second', 'jobs/s', 'bytes per call'];

const ABOUT = `${figure(JOBS)} jobs of ${figure(WRITTEN_SQL_BYTES)} bytes of SQL, ${JOB_WRITES} at once, to a table in another process that keeps nothing. The bare loop sends the
same updates under the same conditions, by \`UpdateItemCommand\`, with expressions that were written once; the bytes of the
calls differ by no more than how names are written. The SDK's own logger, which copies each call for nobody, is left out of ours, and so is its SHA-256, which takes longer with the keys of signatures. Definitions are compressed before, on both sides: that is counted under documents. The
first round, which compiles, does not count.`;
