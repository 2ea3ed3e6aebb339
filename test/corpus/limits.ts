import { deflateRawSync } from 'node:zlib';
import {
  ARCHIVE_BYTES,
  ARCHIVE_ENTRIES,
  ARCHIVE_INFLATED_BYTES,
  ARCHIVE_JOBS,
  ENTRY_BYTES,
  ENTRY_NAME_BYTES,
  JSON_DEPTH,
  JSON_JOB_VALUES,
  JSON_NUMBER_CHARACTERS,
  JSON_OBJECT_KEYS,
  JSON_VALUES,
} from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { uint, uint64, type ZipFile, zip } from '../zip.ts';
import { A, accept, type Case, exceed, join } from './case.ts';
import { documentLimits } from './documents.ts';

const EMPTY_LIST = '[]';

/** A job of so many bytes, most of them white space. */
function wide(bytes: number): Buffer {
  const document = Buffer.alloc(bytes, ' ');
  document.write('{"name":"a"');
  document.write('}', bytes - 1);
  return document;
}

function lists(count: number): ZipFile[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${at}.json`, data: EMPTY_LIST, store: true }));
}

/** A job and empty lists, so many entries in all. */
const entries = (count: number) => [A, ...lists(count - 1)];

/** Files of the largest size, packed once for all of them. */
function fullFiles(count: number, content: Buffer): ZipFile[] {
  const compressed = deflateRawSync(content);
  return Array.from({ length: count }, (_, at) => ({ name: `${at}.json`, data: content, compressed }));
}

/** An archive of so many bytes, its data stored. */
function archiveOf(bytes: number): Buffer {
  const names = Array.from({ length: Math.ceil(bytes / ENTRY_BYTES) }, (_, at) => `${at}.json`);
  let left = bytes - zip(names.map((name) => ({ name, data: '', store: true }))).length;
  return zip(
    names.map((name) => {
      const data = wide(Math.min(ENTRY_BYTES, left));
      left -= data.length;
      return { name, data, store: true };
    }),
  );
}

/** Jobs of SQL that no two lines are alike of, up to a size. */
function sqlJobs(bytes: number): Buffer {
  const random = new Random(6);
  const line = () =>
    `INSERT INTO t${random.below(1e6)} SELECT c${random.below(1e6)}, c${random.below(1e6)} FROM s WHERE c > ${random.below(1e9)};\\n`;
  const sql = Array.from({ length: 12_000 }, line).join('');
  const count = Math.floor((bytes - 2) / (sql.length + 40));
  const jobs = Array.from({ length: count }, (_, at) => `{"name":"job_${at}","sql_body":"${sql}"}`).join(',');
  return Buffer.concat([Buffer.from(`[${jobs}`), Buffer.alloc(bytes - 2 - jobs.length, ' '), Buffer.from(']')]);
}

/** Jobs of an equal text that starts with a character beyond Latin-1, together almost as large as an entry may be. */
function textJobs(count: number, unit: string): string {
  const room = Math.floor(ENTRY_BYTES / count) - 40;
  const text = `日${unit.repeat(Math.floor((room - 3) / unit.length))}`;
  return `[${Array.from({ length: count }, (_, at) => `{"name":"j${at}","x":"${text}"}`).join(',')}]`;
}

/** A document with white space up to the size of an entry. */
const filled = (document: string) =>
  Buffer.concat([Buffer.from(document), Buffer.alloc(ENTRY_BYTES - Buffer.byteLength(document), ' ')]);

const jobs = (count: number, from = 0) =>
  JSON.stringify(Array.from({ length: count }, (_, at) => ({ name: `j${from + at}` })));
/** A job of so many values: itself, counted twice, its name, its list, and what is in it. */
const jobOf = (count: number) => `{"name":"a","x":[${'0,'.repeat(count - 5)}0]}`;
/** A list of jobs, so many values in all. */
function values(count: number): string {
  const full = Math.ceil((count - 1) / JSON_JOB_VALUES) - 1;
  const jobs = Array.from({ length: full }, () => jobOf(JSON_JOB_VALUES));
  return `[${[...jobs, jobOf(count - 1 - full * JSON_JOB_VALUES)].join(',')}]`;
}
/** Objects of no key, counted twice, in as many jobs as it takes. */
const objects = (jobs: number, each: number, more = '') =>
  `[${Array.from({ length: jobs }, () => `{"name":"a","x":[${'{},'.repeat(each)}0]}`).join(',')}${more}]`;
const name = (bytes: number) => `${'é'.repeat((bytes - 6) / 2)}a.json`;
const full = wide(ENTRY_BYTES);

/** Every limit, at it and one past it. */
export const LIMITS: Case[] = [
  accept(`an archive of ${ARCHIVE_BYTES} bytes`, () => archiveOf(ARCHIVE_BYTES)),
  exceed('archive.size', `an archive of ${ARCHIVE_BYTES + 1} bytes`, () => archiveOf(ARCHIVE_BYTES + 1)),
  exceed('archive.size', 'bytes that are no archive, one too many', () => Buffer.alloc(ARCHIVE_BYTES + 1)),
  accept(`${ARCHIVE_ENTRIES} entries`, () => zip(entries(ARCHIVE_ENTRIES))),
  accept(`${ARCHIVE_ENTRIES} entries, counted by ZIP64`, () => {
    return zip(entries(ARCHIVE_ENTRIES), { zip64: true, end: { entries: 0xffff, entriesHere: 0xffff } });
  }),
  exceed('archive.entries', `${ARCHIVE_ENTRIES + 1} entries`, () => zip(entries(ARCHIVE_ENTRIES + 1))),
  exceed('archive.entries', `${ARCHIVE_ENTRIES + 1} folders`, () => {
    return zip([A, ...Array.from({ length: ARCHIVE_ENTRIES }, (_, at) => ({ name: `${at}/`, data: '', store: true }))]);
  }),
  accept(`a name of ${ENTRY_NAME_BYTES} bytes`, () => zip([{ ...A, name: name(ENTRY_NAME_BYTES) }])),
  exceed('archive.name-length', `a name of ${ENTRY_NAME_BYTES + 1} bytes`, () =>
    zip([{ ...A, name: `a${name(ENTRY_NAME_BYTES)}` }]),
  ),
  accept(`an entry of ${ENTRY_BYTES} bytes, deflated`, () => zip([{ name: 'a.json', data: full }])),
  accept(`an entry of ${ENTRY_BYTES} bytes, stored`, () => zip([{ name: 'a.json', data: full, store: true }])),
  exceed('archive.entry-size', `an entry of ${ENTRY_BYTES + 1} bytes, deflated`, () =>
    zip([{ name: 'a.json', data: wide(ENTRY_BYTES + 1) }]),
  ),
  exceed('archive.entry-size', `an entry of ${ENTRY_BYTES + 1} bytes, stored`, () => {
    return zip([{ name: 'a.json', data: wide(ENTRY_BYTES + 1), store: true }]);
  }),
  exceed('archive.entry-size', 'noise of a byte too many', () =>
    zip([A, { name: '.DS_Store', data: wide(ENTRY_BYTES + 1) }]),
  ),
  exceed('archive.entry-size', 'a size of a byte too many in ZIP64', () => {
    const extra = join(uint(2, 1), uint(2, 8), uint64(BigInt(ENTRY_BYTES + 1)));
    return zip([{ ...A, both: { size: 0xffffffff, extra } }]);
  }),
  accept(`entries of ${ARCHIVE_INFLATED_BYTES} bytes`, () =>
    zip(fullFiles(ARCHIVE_INFLATED_BYTES / ENTRY_BYTES, full)),
  ),
  accept(`entries of ${ARCHIVE_INFLATED_BYTES} bytes, of SQL`, () => {
    return zip(fullFiles(ARCHIVE_INFLATED_BYTES / ENTRY_BYTES, sqlJobs(ENTRY_BYTES)));
  }),
  ...Object.entries({
    '700 jobs of SQL': () => textJobs(700, 'select a from b;\\n'),
    '7 jobs of SQL': () => textJobs(7, 'select a from b;\\n'),
    'a job of one text': () => textJobs(1, 'x'),
    'a job of one text of escapes': () => textJobs(1, '\\n'),
    'a job of one key': () => textJobs(1, 'x').replace(/"x":(".*")/, '$1:1'),
  }).map(([what, document]) =>
    accept(`entries of ${ARCHIVE_INFLATED_BYTES} bytes, each ${what}, each with a character beyond Latin-1`, () =>
      zip(fullFiles(ARCHIVE_INFLATED_BYTES / ENTRY_BYTES, filled(document()))),
    ),
  ),
  exceed('archive.inflated-size', `entries of ${ARCHIVE_INFLATED_BYTES + 1} bytes`, () => {
    return zip([
      ...fullFiles(ARCHIVE_INFLATED_BYTES / ENTRY_BYTES, full),
      { name: '.DS_Store', data: '0', store: true },
    ]);
  }),
  exceed('archive.inflated-size', 'entries that only declare too many bytes', () => {
    return zip(
      fullFiles(1 + ARCHIVE_INFLATED_BYTES / ENTRY_BYTES, full).map((file) => ({ ...file, compressed: join('\xff') })),
    );
  }),
  accept(`${ARCHIVE_JOBS} jobs of two entries`, () => {
    return zip([
      { name: 'a.json', data: jobs(ARCHIVE_JOBS - 1) },
      { name: 'b.json', data: jobs(1, ARCHIVE_JOBS) },
    ]);
  }),
  exceed('archive.jobs', `${ARCHIVE_JOBS + 1} jobs of one entry`, () =>
    zip([{ name: 'a.json', data: jobs(ARCHIVE_JOBS + 1) }]),
  ),
  exceed('archive.jobs', `${ARCHIVE_JOBS + 1} jobs of two entries`, () => {
    return zip([
      { name: 'a.json', data: jobs(ARCHIVE_JOBS) },
      { name: 'b.json', data: jobs(1, ARCHIVE_JOBS) },
    ]);
  }),
  accept(`${JSON_VALUES} values of one document`, () => zip([{ name: 'a.json', data: values(JSON_VALUES) }])),
  accept(`${JSON_VALUES} values of two documents`, () => {
    const data = values(JSON_VALUES / 2);
    return zip([
      { name: 'a.json', data },
      { name: 'b.json', data },
    ]);
  }),
  exceed('document.values', `${JSON_VALUES + 1} values of one document`, () =>
    zip([{ name: 'a.json', data: values(JSON_VALUES + 1) }]),
  ),
  exceed('document.values', `${JSON_VALUES + 1} values of two documents`, () => {
    return zip([
      { name: 'a.json', data: values(JSON_VALUES / 2) },
      { name: 'b.json', data: values(JSON_VALUES / 2 + 1) },
    ]);
  }),
  accept(`${JSON_VALUES} values, most of them objects counted twice`, () => {
    // A list of eight jobs, each of 2 * 37,497 objects, itself twice, its name, its list and a number.
    return zip([{ name: 'a.json', data: objects(8, JSON_VALUES / 16 - 3, ',0'.repeat(7)) }]);
  }),
  exceed('document.values', `${JSON_VALUES} values and an object more`, () => {
    return zip([{ name: 'a.json', data: objects(8, JSON_VALUES / 16 - 3, `${',0'.repeat(6)},{}`) }]);
  }),
  accept(`${JSON_JOB_VALUES} values of a job`, () => zip([{ name: 'a.json', data: jobOf(JSON_JOB_VALUES) }])),
  accept(`${JSON_JOB_VALUES} values of each job of a list`, () =>
    zip([{ name: 'a.json', data: `{"jobs":[${jobOf(JSON_JOB_VALUES)},${jobOf(JSON_JOB_VALUES)}]}` }]),
  ),
  exceed('document.values', `${JSON_JOB_VALUES + 1} values of a job`, () =>
    zip([{ name: 'a.json', data: jobOf(JSON_JOB_VALUES + 1) }]),
  ),
  exceed('document.values', `${JSON_JOB_VALUES + 1} values of the last job of a list`, () =>
    zip([{ name: 'a.json', data: `{"jobs":[${jobOf(10)},${jobOf(JSON_JOB_VALUES + 1)}]}` }]),
  ),
  ...documentLimits(JSON_DEPTH, JSON_OBJECT_KEYS, JSON_NUMBER_CHARACTERS),
];
