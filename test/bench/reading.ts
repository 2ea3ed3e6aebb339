import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import {
  type Reader,
  readBare,
  readFflate,
  readOurs,
  readUnzipper,
  readUnzipperDirectory,
  readYauzl,
} from './readers.ts';
import { cpuTime, interleave } from './rounds.ts';
import { atLeast, atMost, figure, type Goal, type Measure } from './section.ts';
import { sqlOf } from './sql.ts';

const ROUNDS = 5;

/** CPU per entry, in floors; entries per CPU second, in those of unzipper. */
const GOAL_OF_FLOOR = 3;
const GOAL_OF_UNZIPPER = 3;

/** An archive is read so many times in a turn: one read of few entries is shorter than what disturbs it. */
type Size = { title: string; entries: number; entryBytes: number; reads: number };
const SIZES: readonly [Size, ...Size[]] = [
  { title: '10,000 x 2 KB', entries: 10_000, entryBytes: 2_000, reads: 1 },
  { title: '100 x 200 KB', entries: 100, entryBytes: 200_000, reads: 2 },
  { title: '1 x 8 MB', entries: 1, entryBytes: 8_000_000, reads: 10 },
];
/** The goals are about this one: most jobs are small. */
const JUDGED = `${SIZES[0].title}, deflated`;

/** Bytes of SQL, of which each entry begins somewhere else. */
const TEXT_BYTES = 1_000_000;

/** Reading an archive whole, from its bytes in memory, beside what is the least and what others take. */
export const measureReading: Measure = async (tell) => {
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const size of SIZES) {
    for (const store of [true, false]) {
      const title = `${size.title}, ${store ? 'stored' : 'deflated'}`;
      const archive = archiveOf(size, store);
      const contestant = (reader: Reader) => async () => {
        const time = await cpuTime(async () => {
          for (let read = 0; read < size.reads; read++) await readAll(reader, archive, size);
        });
        return (time * 1_000) / (size.entries * size.reads);
      };
      const micros = await interleave(
        {
          floor: contestant(readBare),
          ours: contestant(readOurs),
          directory: contestant(readUnzipperDirectory),
          unzipper: contestant(readUnzipper),
          yauzl: contestant(readYauzl),
          fflate: contestant(readFflate),
        },
        ROUNDS,
        (round) => tell(`${title}: round ${round} of ${ROUNDS}`),
      );
      const { floor, ours, directory, unzipper, yauzl, fflate } = micros;
      rows.push([
        title,
        ...[floor, ours, directory, unzipper, yauzl, fflate].map(figure),
        (ours / floor).toFixed(2),
        (unzipper / ours).toFixed(2),
      ]);
      if (title !== JUDGED) continue;
      goals.push(
        atMost(GOAL_OF_FLOOR, { line: `reading ${title}: µs of CPU per entry, floor`, ours, against: floor }),
        atLeast(GOAL_OF_UNZIPPER, {
          line: `reading ${title}: entries per CPU second, unzipper`,
          ours: 1e6 / ours,
          against: 1e6 / unzipper,
        }),
      );
    }
  }
  return { title: 'Reading', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
};

const HEAD = [
  'µs of CPU per entry',
  'floor',
  'ours',
  "unzipper's directory",
  'unzipper',
  'yauzl',
  'fflate',
  'ours / floor',
  'unzipper / ours',
];

const ABOUT = `An archive in memory, read whole. The floor walks the directory by hand, trusts it, and calls \`inflateRawSync\` and \`crc32\`.
Ours checks all of the structure, of which unzipper's directory is a part (it reads that alone in its own column), each size
and each checksum. unzipper is its \`entry.buffer()\`, entry by entry, yauzl a stream for each entry, fflate \`unzipSync\`, which
takes no checksum and inflates in JavaScript, which for small entries is less than a call of zlib: it is below the floor there.
The goals are about ${JUDGED}. Of stored entries the floor does next to nothing: unzipper's directory alone takes as long
or several times as long, so that nothing that uses it can come near.`;

function archiveOf({ entries, entryBytes }: Size, store: boolean): Buffer {
  const random = new Random(2);
  // On one line it is the same in JSON.
  const text = sqlOf(random, entryBytes + TEXT_BYTES).replaceAll('\n', ' ');
  return zip(
    Array.from({ length: entries }, (_, at) => {
      const head = `{"name":"job_${at}","sql_body":"`;
      const start = random.below(TEXT_BYTES);
      const sql = text.slice(start, start + entryBytes - head.length - 2);
      return { name: `jobs/${at}.json`, data: `${head}${sql}"}`, store };
    }),
  );
}

async function readAll(reader: Reader, archive: Buffer, { entries, entryBytes }: Size): Promise<void> {
  const found = await reader(archive);
  const isRight = found.entries === entries && (found.bytes === 0 || found.bytes === entries * entryBytes);
  if (!isRight) throw new Error(`${entries} x ${entryBytes} bytes: found ${JSON.stringify(found)}`);
}
