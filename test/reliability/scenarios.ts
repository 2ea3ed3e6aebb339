import { JOB_WRITES } from '../../lib/limits.ts';
import { Random } from '../random.ts';

export type JobDocument = { name: string; job_id: number; desc?: string; sql_body: string; job_config?: object };
/** Jobs by the name of their archive. */
export type Archives = Record<string, JobDocument[]>;

/** What is imported, over what, and what must come of it: told by hand, not by the code under test. */
export type Scenario = {
  name: string;
  /** Imported before, one after the other. */
  before: JobDocument[][];
  archives: Archives;
  /** Below the project's folder: an archive, or a folder of them. */
  zipFile: string;
  isCover: boolean;
  /** A call that makes a first request under the same key fail. */
  interruptedAt?: string;
  /** Rows of the answer: name and action. */
  rows: [string, string][];
  /** The document that each name holds in the end. */
  after: JobDocument[];
};

const job = (name: string, of: string, more: Partial<JobDocument> = {}): JobDocument => ({
  name,
  job_id: 100,
  sql_body: `SELECT '${name}' FROM ${of}`,
  ...more,
});
const jobs = (names: string, of: string, more: Partial<JobDocument> = {}): JobDocument[] =>
  [...names].map((name) => job(name, of, more));
const rows = (names: string, action: string) => [...names].map((name): [string, string] => [name, action]);
/** Fields that a definition without them must not keep. */
const RICH = { desc: 'of the former definition', job_config: { smn_topic: 'former', cu_number: 4, tm_cus: 2 } };
const INVALID = job('invalid', 'x', { job_config: { parallel_number: 0 } });

/** More than an item holds, compressed or not. */
const LARGE_CHARACTERS = 600_000;
const large = (name: string, seed: number) => {
  const random = new Random(seed);
  let text = '';
  while (text.length < LARGE_CHARACTERS) text += random.next().toString(36).slice(2);
  return job(name, 'large', { sql_body: `-- ${text.slice(0, LARGE_CHARACTERS)}` });
};
const LARGE = { first: large('a', 1), second: large('a', 2), other: large('b', 3) };

/** More than a worker writes at once: when one fails, others are not begun. */
const MANY = Array.from({ length: JOB_WRITES + 8 }, (_, place) => `m${place}`);

/** One for each way in which jobs are written. */
export const SCENARIOS: Scenario[] = [
  {
    name: 'create',
    before: [],
    archives: { 'x.zip': jobs('abcd', 'x') },
    zipFile: 'x.zip',
    isCover: false,
    rows: rows('abcd', 'created'),
    after: jobs('abcd', 'x'),
  },
  {
    name: 'cover',
    before: [jobs('abcd', 'former', RICH)],
    archives: { 'x.zip': jobs('abcd', 'x') },
    zipFile: 'x.zip',
    isCover: true,
    rows: rows('abcd', 'overwritten'),
    after: jobs('abcd', 'x'),
  },
  {
    name: 'skip',
    before: [jobs('abcd', 'former', RICH)],
    archives: { 'x.zip': jobs('abcd', 'x') },
    zipFile: 'x.zip',
    isCover: false,
    rows: rows('abcd', 'skipped'),
    after: jobs('abcd', 'former', RICH),
  },
  {
    name: 'mixed',
    before: [jobs('ab', 'former', RICH)],
    archives: { 'x.zip': [...jobs('bc', 'x'), INVALID, job('c', 'y'), job('d', 'x')] },
    zipFile: 'x.zip',
    isCover: true,
    rows: [
      ['b', 'overwritten'],
      ['c', 'duplicate'],
      ['invalid', 'failed'],
      ['c', 'created'],
      ['d', 'created'],
    ],
    after: [job('a', 'former', RICH), job('b', 'x'), job('c', 'y'), job('d', 'x')],
  },
  {
    name: 'folder of three',
    before: [jobs('ac', 'former', RICH)],
    archives: { 'f/1.zip': jobs('ab', '1'), 'f/2.zip': jobs('cd', '2'), 'f/3.zip': jobs('ef', '3') },
    zipFile: 'f',
    isCover: true,
    rows: [
      ['a', 'overwritten'],
      ['b', 'created'],
      ['c', 'overwritten'],
      ['d', 'created'],
      ['e', 'created'],
      ['f', 'created'],
    ],
    after: [...jobs('ab', '1'), ...jobs('cd', '2'), ...jobs('ef', '3')],
  },
  {
    name: 'same names across archives',
    before: [],
    archives: { 'f/1.zip': jobs('ab', '1'), 'f/2.zip': jobs('bc', '2'), 'f/3.zip': [job('a', '3'), job('c', '2')] },
    zipFile: 'f',
    isCover: false,
    rows: [
      ['a', 'created'],
      ['b', 'created'],
      ['b', 'duplicate'],
      ['c', 'created'],
      ['a', 'duplicate'],
      ['c', 'duplicate'],
    ],
    after: [...jobs('ab', '1'), job('c', '2')],
  },
  {
    name: 'retry with a key',
    before: [MANY.slice(0, 2).map((name) => job(name, 'former', RICH))],
    archives: { 'x.zip': MANY.map((name) => job(name, 'x')) },
    zipFile: 'x.zip',
    isCover: true,
    interruptedAt: `UpdateItem job#P#${MANY[8]} job`,
    rows: MANY.map((name, place) => [name, place < 2 ? 'overwritten' : 'created']),
    after: MANY.map((name) => job(name, 'x')),
  },
  {
    name: 'definition to S3',
    before: [[LARGE.first, LARGE.other]],
    archives: { 'x.zip': [LARGE.second, job('b', 'x'), job('c', 'x')] },
    zipFile: 'x.zip',
    isCover: true,
    rows: [...rows('ab', 'overwritten'), ['c', 'created']],
    after: [LARGE.second, job('b', 'x'), job('c', 'x')],
  },
];
