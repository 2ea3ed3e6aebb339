import { crc32, inflateRawSync } from 'node:zlib';
import { Open } from 'unzipper';
import { readArchive } from '../../lib/archive/read-archive.ts';
import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { cpuOf } from './cpu.ts';

const ENTRIES = 10_000;
const ENTRY_BYTES = 2_000;
const ROUNDS = 7;
/** Of the slowest reader by far. */
const FEW_ROUNDS = 2;

/** CPU time of reading: at most so many times the floor, and so many times less than unzipper's own. */
const GOAL_OF_FLOOR = 3;
const GOAL_OF_UNZIPPER = 3;

const DIRECTORY_HEADER = 0x02014b50;

/** Measures reading an archive of many small entries, whole, beside what is the least and what unzipper takes. */
export async function measureReading(): Promise<void> {
  const bytes = archiveOf(ENTRIES);
  const floor = await cpuOf(() => readBare(bytes), ROUNDS);
  const ours = await cpuOf(() => readOurs(bytes), ROUNDS);
  const directory = await cpuOf(() => Open.buffer(bytes, { tailSize: 22 }), ROUNDS);
  const theirs = await cpuOf(() => readTheirs(bytes), FEW_ROUNDS);
  const met = ours <= GOAL_OF_FLOOR * floor && ours * GOAL_OF_UNZIPPER <= theirs;

  const line = (what: string, ms: number) => console.log(`  ${what.padEnd(52)} ${ms.toFixed(0).padStart(6)} ms`);
  console.log(`an archive of ${ENTRIES} entries of ${ENTRY_BYTES} bytes, ${bytes.length} in all: CPU of reading it`);
  line('floor: directory by hand, inflateRawSync, crc32', floor);
  line('this reader, all checks', ours);
  line("of that unzipper's directory", directory);
  line("unzipper's own entry.buffer()", theirs);
  console.log(
    `  ${(ours / floor).toFixed(2)} times the floor, ${(theirs / ours).toFixed(1)} times less than unzipper's own`,
  );
  console.log(`  goal: at most ${GOAL_OF_FLOOR} times, and ${GOAL_OF_UNZIPPER} times less: ${met ? 'met' : 'not met'}`);
}

function archiveOf(entries: number): Buffer {
  const random = new Random(2);
  const line = () =>
    `INSERT INTO t${random.below(1e6)} SELECT id, c${random.below(1e6)} FROM s WHERE c > ${random.below(1e9)};`;
  const sql = Array.from({ length: 4_000 }, line).join(' ');
  return zip(
    Array.from({ length: entries }, (_, at) => {
      const head = `{"name":"job_${at}","sql_body":"`;
      const start = random.below(sql.length - ENTRY_BYTES);
      return { name: `jobs/${at}.json`, data: `${head}${sql.slice(start, start + ENTRY_BYTES - head.length - 2)}"}` };
    }),
  );
}

/** The least that can be done, trusting all that the directory says. */
function readBare(bytes: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  let at = bytes.readUInt32LE(bytes.length - 6);
  while (bytes.readUInt32LE(at) === DIRECTORY_HEADER) {
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = inflateRawSync(bytes.subarray(start, start + bytes.readUInt32LE(at + 20)));
    if (crc32(content) !== bytes.readUInt32LE(at + 16)) throw new Error('another checksum');
    contents.push(content);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return contents;
}

async function readOurs(bytes: Buffer): Promise<Buffer[]> {
  const contents: Buffer[] = [];
  for await (const entry of readArchive(bytes)) contents.push(entry.bytes);
  return contents;
}

async function readTheirs(bytes: Buffer): Promise<Buffer[]> {
  const contents: Buffer[] = [];
  const { files } = await Open.buffer(bytes, { tailSize: 22 });
  for (const file of files) contents.push(await file.buffer());
  return contents;
}
