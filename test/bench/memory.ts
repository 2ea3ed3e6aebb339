import { randomBytes } from 'node:crypto';
import { ARCHIVE_BYTES } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { ContestantProcess } from './contestant-process.ts';
import { shippedWorker } from './import.ts';
import { jobOf } from './jobs.ts';
import { startNullEndpoint } from './null-endpoint.ts';
import { atMost, figure, type Goal, type Measure } from './section.ts';

const MB = 1e6;
/** Of one archive, one after another: a worker of AWS is kept for the next. */
const IMPORTS = 3;
/** MB above an idle worker, beside twice the archive. */
const GOAL_MB = 128;

type Kind = { title: string; jobs: number; sqlBytes: number; store: boolean; isNoise: boolean; isList?: true };
/** Each as near to the largest archive as an archive of its kind comes: of its inflated bytes there is a limit, too. */
const KINDS: readonly Kind[] = [
  { title: '8,800 jobs of 5 KB, stored', jobs: 8_800, sqlBytes: 4_700, store: true, isNoise: false },
  { title: '47 jobs of 1 MB, stored', jobs: 47, sqlBytes: 1_020_000, store: true, isNoise: false },
  {
    title: '9,900 jobs of 6 KB that hardly compress, deflated',
    jobs: 9_900,
    sqlBytes: 5_600,
    store: false,
    isNoise: true,
  },
  {
    title: '8 lists of 1,050 such jobs of 7 KB',
    jobs: 8_400,
    sqlBytes: 6_800,
    store: false,
    isNoise: true,
    isList: true,
  },
];
/** Jobs of a list, which stays within the largest document. */
const LIST_JOBS = 1_050;

/** What a worker holds at its peak with an archive as large as may be. */
export const measureMemory: Measure = async (tell) => {
  const endpoint = await startNullEndpoint();
  try {
    const shipped = await shippedWorker();
    const rows: string[][] = [];
    const found: Goal[] = [];
    for (const kind of KINDS) {
      const { title } = kind;
      tell(title);
      const archive = archiveOf(kind);
      if (archive.length > ARCHIVE_BYTES)
        throw new Error(`${title}: an archive of ${archive.length} bytes is too large`);
      const key = await endpoint.put('memory.zip', archive);
      const child = await ContestantProcess.start('worker', endpoint.atOnce, shipped);
      try {
        await endpoint.take();
        const task = { jobs: kind.jobs, archive: { key, size: archive.length } };
        let peakBytes = 0;
        for (let count = 0; count < IMPORTS; count++) ({ peakBytes } = await child.run(task, { isCollected: false }));
        // Each job is written, or nothing was measured.
        const { calls } = await endpoint.take();
        if (calls < IMPORTS * kind.jobs) throw new Error(`${title}: found ${calls} calls for ${kind.jobs} jobs`);
        const limit = child.idleBytes + 2 * archive.length + GOAL_MB * MB;
        const line = `memory, ${title}: MB at the peak, limit`;
        found.push(atMost(1, { line, ours: peakBytes / MB, against: limit / MB }));
        rows.push([title, ...[archive.length, child.idleBytes, peakBytes, limit].map((bytes) => figure(bytes / MB))]);
      } finally {
        await child.close();
      }
    }
    const worst = found.sort((a, b) => b.ratio - a.ratio).slice(0, 1);
    return { title: 'Memory', about: ABOUT, tables: [{ head: HEAD, rows }], goals: worst };
  } finally {
    await endpoint.close();
  }
};

const HEAD = ['MB', 'archive', 'idle worker', 'peak', 'limit'];

const ABOUT = `The shipped worker, from its bundle, in a process of its own with the heap that its function has, imports one archive three
times on the null endpoint, once for each kind. Idle is what it holds once it is loaded, before its first request. The limit is that, twice the archive and
${GOAL_MB} MB. The goal is about the worst of these.

The last kind is at its limit: three runs of the bench came to 314, 320 and 323 MB. What held most at 309 MB of a warm worker,
as \`process.memoryUsage()\` told every tenth of a second, in MB: the process as it is when idle 108; array buffers 107, of which
the archive is 43 and the deflated definitions are nearly all of the rest; what compiled code takes, and what was freed and the allocator
keeps, 56; V8's heap, above its idle 27, 23; the text of a document, two bytes a character, 15. Two attempts lowered it. A small young
generation (bc8418a): 350, 218 and 365 before, 238, 211 and 271 after, of the three kinds of then, one import each. Definitions in few
buffers, and each archive collected once its jobs are written (c46a526): 348 before, 314 to 323 after, of the last kind.`;

function archiveOf({ jobs, sqlBytes, store, isNoise, isList }: Kind): Buffer {
  const random = new Random(7);
  const texts = Array.from({ length: jobs }, (_, at) => {
    const job = jobOf(random, `job_${at}`, isNoise ? 0 : sqlBytes);
    const sql = isNoise ? randomBytes((sqlBytes * 3) / 4).toString('base64') : job.sql_body;
    // One character beyond Latin-1 makes V8 keep two bytes for each of a document.
    return JSON.stringify({ ...job, sql_body: isList ? `${sql}日` : sql });
  });
  const each = isList ? LIST_JOBS : 1;
  return zip(
    Array.from({ length: jobs / each }, (_, at) => {
      const own = texts.slice(at * each, (at + 1) * each);
      return { name: `jobs/job_${at}.json`, data: isList ? `[${own.join()}]` : own.join(), store };
    }),
  );
}
