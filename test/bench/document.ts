import { createHash, hash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { canonicalJson, packCanonical } from '../../lib/job/canonical-json.ts';
import { type Json, parseJson } from '../../lib/job/json.ts';
import { deflateText } from '../../lib/job/packed-text.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { readDocument } from '../../lib/job/read-document.ts';
import { JSON_VALUES } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { unpack } from '../unpack.ts';
import { jobOf } from './jobs.ts';
import { cpuTime, interleave } from './rounds.ts';
import { atMost, figure, type Goal, type Measure } from './section.ts';

const ROUNDS = 7;

/** CPU per job, in that of `JSON.parse`, and of the bare calls of hash and zlib. */
const GOAL_OF_PARSE = 6;
const GOAL_OF_CALLS = 1.2;

type Kind = { title: string; documents: number; jobs: number; sqlBytes: number };
const KINDS: readonly [Kind, ...Kind[]] = [
  { title: 'a job of 2 KB', documents: 5_000, jobs: 1, sqlBytes: 2_000 },
  { title: 'a job of 200 KB', documents: 100, jobs: 1, sqlBytes: 200_000 },
  { title: 'a list of 1,000 jobs of 2 KB', documents: 5, jobs: 1_000, sqlBytes: 2_000 },
];
/** The goals are about this one: most jobs are small, and an entry each. */
const JUDGED = KINDS[0].title;

/** What becomes of a document: read, checked, hashed and compressed, beside the bare calls. */
export const measureDocuments: Measure = async (tell) => {
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const kind of KINDS) {
    const { title } = kind;
    const documents = documentsOf(kind);
    const definitions = documents.flatMap((bytes) => definitionsOf(bytes));
    const texts = definitions.map((definition) => canonicalJson(definition));
    const perJob = (work: () => void) => async () => ((await cpuTime(work)) * 1_000) / definitions.length;
    const micros = await interleave(
      {
        parse: perJob(() => documents.forEach(parseBare)),
        whole: perJob(() => documents.forEach(readWhole)),
        packing: perJob(() => definitions.forEach(packOnly)),
        calls: perJob(() => texts.forEach(callBare)),
        sized: perJob(() => texts.forEach(callSized)),
        packed: perJob(() => definitions.forEach(packAndDeflate)),
      },
      ROUNDS,
      (round) => tell(`${title}: round ${round} of ${ROUNDS}`),
    );
    const { parse, calls, sized, packed } = micros;
    // The hash is taken while a job is read, and cannot be left out there.
    const read = micros.whole - micros.packing;
    const packing = [calls, sized, packed].map(figure);
    const ratios = [(packed / calls).toFixed(2), (packed / sized).toFixed(2)];
    rows.push([title, figure(parse), figure(read), (read / parse).toFixed(2), ...packing, ...ratios]);
    if (title !== JUDGED) continue;
    goals.push(
      atMost(GOAL_OF_PARSE, {
        line: `documents, ${title}: µs of CPU to read and check it, JSON.parse`,
        ours: read,
        against: parse,
      }),
      atMost(GOAL_OF_CALLS, {
        line: `documents, ${title}: µs of CPU to hash and compress it, bare calls`,
        ours: packed,
        against: calls,
      }),
    );
  }
  return { title: 'Documents', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
};

const HEAD = [
  'µs of CPU per job',
  'JSON.parse',
  'read and check',
  'ratio',
  'bare hash and zlib',
  'the same, sized',
  'hash and compress',
  'ratio to bare',
  'to sized',
];

const ABOUT = `Documents from their bytes: decoding them counts on both sides. \`JSON.parse\` takes a key twice, loses digits and checks nothing. Ours
reads strictly and without losing a digit, finds keys that are there twice, brings a job to its nested form and checks each
field. It takes the hash in the same run; what the same definitions take to be hashed alone is subtracted. Hash and
compression are the canonical text with its sorted keys, SHA-256 and raw deflate; the bare calls get that text as one string,
and nothing else. zlib takes 16 KiB for each result unless it is told how much: the same calls that tell it, as ours do, have a column of
their own. What ours takes beyond those is above all to write the canonical text. The goals are about ${JUDGED}, and the bare calls.`;

function documentsOf({ documents, jobs, sqlBytes }: Kind): Buffer[] {
  const random = new Random(4);
  return Array.from({ length: documents }, (_, document) => {
    const all = Array.from({ length: jobs }, (_, at) => jobOf(random, `job_${document}_${at}`, sqlBytes));
    return Buffer.from(JSON.stringify(jobs === 1 ? all[0] : all));
  });
}

/** What is kept of each job: without what belongs to the service. */
function definitionsOf(bytes: Buffer): Json[] {
  const found: Json[] = [];
  readDocument(bytes, { values: JSON_VALUES }, (job) => {
    const parsed = parseJob(job);
    if (!parsed.ok) throw new Error(parsed.message);
    found.push(parseJson(unpack(parsed.definition)));
  });
  return found;
}

function parseBare(bytes: Buffer): void {
  JSON.parse(bytes.toString('utf8'));
}

function readWhole(bytes: Buffer): void {
  readDocument(bytes, { values: JSON_VALUES }, (job) => {
    if (!parseJob(job).ok) throw new Error('a job of the bench is refused');
  });
}

function packOnly(definition: Json): void {
  packCanonical(definition);
}

function packAndDeflate(definition: Json): void {
  deflateText(packCanonical(definition).text);
}

function callBare(text: string): void {
  createHash('sha256').update(text).digest('hex');
  deflateRawSync(text);
}

/** The same for whoever knows that zlib takes 16 KiB for each result unless it is told how much to take. */
function callSized(text: string): void {
  const utf8 = Buffer.from(text);
  hash('sha256', utf8, 'hex');
  deflateRawSync(utf8, {
    chunkSize: Math.min(Math.max(utf8.length, constants.Z_MIN_CHUNK), constants.Z_DEFAULT_CHUNK),
  });
}
