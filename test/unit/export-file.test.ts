import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { toEntry } from '../../lib/export/export-entry.ts';
import { packFile } from '../../lib/export/pack-file.ts';
import { readJobs } from '../../lib/import/read-jobs.ts';
import { parseJson } from '../../lib/job/json.ts';
import { deflateText } from '../../lib/job/packed-text.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { ENTRY_BYTES, JOB_NAME_CHARACTERS, JSON_DEPTH, JSON_JOB_VALUES } from '../../lib/limits.ts';
import { Random } from '../random.ts';
import { readWhole } from '../read-whole.ts';

/** A job as it is stored. */
function stored(document: string, jobId: number) {
  const job = parseJob(parseJson(document, { values: Number.POSITIVE_INFINITY }));
  if (!job.ok) throw new Error(job.message);
  return { jobId, name: job.name, contentHash: job.contentHash, definition: deflateText(job.definition) };
}

const entriesOf = (documents: string[], firstId = 1) =>
  documents.map((text, at) => toEntry(stored(text, firstId + at)));
const pack = (documents: string[], firstId?: number) => packFile(entriesOf(documents, firstId));
const namesOf = async (bytes: Buffer) => (await readWhole(bytes)).map(({ name }) => name);
const textOf = (document: string, jobId = 7) => toEntry(stored(document, jobId)).bytes.toString();

const TWO = ['{"name":"b","desc":"é"}', '{"name":"a","cu_number":3}'];

describe('an entry', () => {
  test('is the definition as it is stored, with the id of its job', () => {
    const document =
      '{"name":"a","job_id":5,"x":{"n":9007199254740993,"f":1.10,"e":1E5},"cu_number":3,"status":"job_running"}';
    expect(textOf(document)).toBe(
      '{"job_config":{"cu_number":3},"job_id":7,"name":"a","x":{"e":1E5,"f":1.10,"n":9007199254740993}}',
    );
  });

  test('counts its values as an import does', () => {
    const document = '{"name":"a","x":[1,{"y":null}],"cu_number":3}';
    const { bytes, values } = toEntry(stored(document, 7));
    expect(() => parseJson(bytes.toString(), { values })).not.toThrow();
    expect(() => parseJson(bytes.toString(), { values: values - 1 })).toThrow('values');
  });

  test('takes no more of a file than it says, whatever its name and content', async () => {
    const random = new Random(1);
    const noise = () => Array.from({ length: 600 }, () => String.fromCodePoint(0x4e00 + random.below(20_000))).join('');
    const names = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(JOB_NAME_CHARACTERS, 'y'));
    const documents = [...names, ...names.map((name) => name.toUpperCase())].map((name) =>
      JSON.stringify({ name, desc: noise() }),
    );
    // The largest ids have the longest names of entries.
    const entries = entriesOf(documents, Number.MAX_SAFE_INTEGER - documents.length);
    const bytes = await packFile(entries);
    expect(bytes.length).toBeLessThanOrEqual(entries.reduce((sum, { fileBytes }) => sum + fileBytes, 0));
  });

  /** Documents as large as an import takes them with their id, and larger by some. */
  const LARGEST: [string, (more: number) => string][] = [
    [
      'bytes',
      (more) => `{"name":"a","x":"${'x'.repeat(ENTRY_BYTES - '{"job_id":7,"name":"a","x":""}'.length + more)}"}`,
    ],
    ['values', (more) => `{"name":"a","x":[${'0,'.repeat(JSON_JOB_VALUES - 6 + more)}0]}`],
    ['levels', (more) => `{"name":"a","x":${'['.repeat(JSON_DEPTH - 1 + more)}${']'.repeat(JSON_DEPTH - 1 + more)}}`],
  ];

  test.each(LARGEST)('has as many %s as an import takes', async (_, document) => {
    const bytes = await packFile([toEntry(stored(document(0), 7))]);
    await expect(readJobs(bytes)).resolves.toHaveLength(1);
  });

  test.each(LARGEST)('is refused for %s beyond that, naming its job', (what, document) => {
    const act = () => toEntry({ ...stored('{"name":"a"}', 7), definition: deflateRawSync(document(1)) });
    expect(act).toThrow(expect.objectContaining({ code: 'DLI.0009' }));
    expect(act).toThrow(new RegExp(`^The job 7 could not be imported again: .*${what}.*job_selected\\.$`));
  });
});

describe('a file', () => {
  test('holds one entry a job, in their order, behind its manifest', async () => {
    expect(await namesOf(await pack(TWO))).toEqual(['manifest.json', 'b.json', 'a.json']);
  });

  test('is read by an import, with the old ids', async () => {
    expect(await readJobs(await pack(TWO, 41))).toMatchObject([
      { ok: true, name: 'b', oldJobId: '41', entry: 'b.json' },
      { ok: true, name: 'a', oldJobId: '42', entry: 'a.json' },
    ]);
  });

  test('names jobs that are alike, or are called as the manifest, so that they stay apart', async () => {
    const names = ['a', 'A', 'aa', 'manifest', 'Manifest', 'MANIFEST', 'b'];
    const bytes = await pack(
      names.map((name) => JSON.stringify({ name })),
      10,
    );
    expect(await namesOf(bytes)).toEqual([
      'manifest.json',
      'a.json',
      'A.11.json',
      'aa.json',
      'manifest.13.json',
      'Manifest.14.json',
      'MANIFEST.15.json',
      'b.json',
    ]);
    expect((await readJobs(bytes)).map(({ name }) => name)).toEqual(names);
  });

  test('is the same bytes for the same jobs', async () => {
    expect((await pack(TWO)).equals(await pack(TWO))).toBe(true);
    expect((await pack(TWO)).equals(await pack(TWO, 2))).toBe(false);
  });

  test.each(['UTC', 'Asia/Tokyo', 'America/St_Johns'])('is the same bytes in the time of %s', async (zone) => {
    const script = `
      import { packFile } from './lib/export/pack-file.ts';
      const entry = { jobId: 1, name: 'a', contentHash: 'h', bytes: Buffer.from('{"name":"a"}') };
      process.stdout.write((await packFile([entry])).toString('base64'));`;
    const run = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env: { TZ: zone } });
    const bytes = Buffer.from(run.toString(), 'base64');
    const own = await packFile([
      { jobId: 1, name: 'a', contentHash: 'h', bytes: Buffer.from('{"name":"a"}'), fileBytes: 0, values: 0 },
    ]);
    expect(bytes.equals(own)).toBe(true);
    // 1 January 1980, 00:00.
    expect(bytes.readUInt32LE(10)).toBe(0x00210000);
  });

  test('says in its headers what there is to say: UTF-8, deflate, sizes, and no extra fields', async () => {
    const bytes = await pack(TWO);
    expect(bytes.readUInt16LE(6)).toBe(0x0800);
    expect(bytes.readUInt16LE(8)).toBe(8);
    expect(bytes.readUInt32LE(18)).toBeGreaterThan(0);
    expect(bytes.readUInt32LE(22)).toBeGreaterThan(0);
    expect(bytes.readUInt16LE(28)).toBe(0);
  });
});

describe('a file is read by', () => {
  const folder = mkdtempSync(join(tmpdir(), 'export-'));
  const path = join(folder, 'x.zip');
  afterAll(() => rmSync(folder, { recursive: true }));
  const has = (tool: string) => spawnSync(tool, ['-h']).error === undefined;

  test.skipIf(!has('unzip'))('unzip', async () => {
    writeFileSync(path, await pack(TWO));
    expect(execFileSync('unzip', ['-t', path]).toString()).toContain('No errors detected');
    expect(execFileSync('unzip', ['-p', path, 'a.json']).toString()).toContain('"name":"a"');
  });

  test.skipIf(!has('python3'))("Python's zipfile", async () => {
    writeFileSync(path, await pack(TWO));
    const script = 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())';
    const found = execFileSync('python3', ['-c', script, path]).toString().trim();
    expect(found).toBe("None ['manifest.json', 'b.json', 'a.json']");
  });
});
