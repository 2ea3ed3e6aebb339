import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readWhole } from '../read-whole.ts';
import { uint, uint64, zip } from '../zip.ts';

const JOB = '{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}';
const COMPRESSED = deflateRawSync(JOB);

async function read(bytes: Buffer): Promise<[string, string][]> {
  const entries = await readWhole(bytes);
  return entries.map((entry) => [entry.name, entry.bytes.toString()]);
}

describe('a good archive', () => {
  test('gives its .json files in the order of its directory', async () => {
    const archive = zip([
      { name: 'z.json', data: JOB },
      { name: 'folder/', data: '', store: true },
      { name: 'folder/é.JSON', data: JOB, store: true },
      { name: 'a.Json', data: '' },
    ]);
    expect(await read(archive)).toEqual([
      ['z.json', JOB],
      ['folder/é.JSON', JOB],
      ['a.Json', ''],
    ]);
  });

  test('may hold stored data that looks like the end of an archive', async () => {
    const inner = ` ${zip([{ name: 'inner.json', data: '1' }]).toString('latin1')}`;
    expect(await read(zip([{ name: 'a.json', data: inner, store: true }]))).toEqual([['a.json', inner]]);
  });

  test('may carry a comment of any length', async () => {
    const archive = zip([{ name: 'a.json', data: JOB }], { comment: Buffer.alloc(0xffff, 'c') });
    expect(await read(archive)).toEqual([['a.json', JOB]]);
  });

  test('may defer the fields of its end to ZIP64', async () => {
    const end = { entriesHere: 0xffff, entries: 0xffff, size: 0xffffffff, offset: 0xffffffff };
    const files = [
      { name: 'a.json', data: JOB },
      { name: 'b.json', data: '[]' },
    ];
    expect(await read(zip(files, { zip64: true, end }))).toEqual([
      ['a.json', JOB],
      ['b.json', '[]'],
    ]);
    expect(await read(zip(files, { zip64: true }))).toHaveLength(2);
  });

  test.each([
    ['size', [BigInt(JOB.length)]],
    ['compressedSize', [BigInt(COMPRESSED.length)]],
    ['size, compressedSize', [BigInt(JOB.length), BigInt(COMPRESSED.length)]],
  ])('may defer fields of a local header to ZIP64: %s', async (fields, values) => {
    const deferred = Object.fromEntries(fields.split(', ').map((field) => [field, 0xffffffff]));
    const other = Buffer.concat([uint(2, 0x5455), uint(2, 1), Buffer.alloc(1)]);
    const extra = Buffer.concat([other, uint(2, 1), uint(2, 8 * values.length), ...values.map(uint64)]);
    expect(await read(zip([{ name: 'a.json', data: JOB, local: { ...deferred, extra } }]))).toEqual([['a.json', JOB]]);
  });

  test('keeps no more memory than its content takes', async () => {
    const files = Array.from({ length: 1_000 }, (_, at) => ({ name: `${at}.json`, data: JOB }));
    const entries = await readWhole(zip(files));
    const kept = new Set(entries.map(({ bytes }) => bytes.buffer));
    expect(kept.values().reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(1_000_000);
  });

  test.each([
    [
      'Info-ZIP, a folder and a comment',
      'UEsDBAoAAAAAAIBDeF1Go+h0CAAAAAgAAAAGAAAAYS5qc29ueyJhIjoxfQpQSwMECgAAAAAAgEN4XQAAAAAAAAAAAAAAAAIAAABkL1BLAwQKAAAAAACAQ3hdRqPodAgAAAAIAAAACAAAAGQvYi5qc29ueyJhIjoxfQpQSwECHgMKAAAAAACAQ3hdRqPodAgAAAAIAAAABgAAAAAAAAABAAAApIEAAAAAYS5qc29uUEsBAh4DCgAAAAAAgEN4XQAAAAAAAAAAAAAAAAIAAAAAAAAAAAAQAO1BLAAAAGQvUEsBAh4DCgAAAAAAgEN4XUaj6HQIAAAACAAAAAgAAAAAAAAAAQAAAKSBTAAAAGQvYi5qc29uUEsFBgAAAAADAAMAmgAAAHoAAAAJAGEgY29tbWVudA==',
      ['a.json', 'd/b.json'],
    ],
    [
      'Info-ZIP, ZIP64',
      'UEsDBC0AAAAAAGNCeF1Go+h0//////////8GADAAYS5qc29uVVQJAAN6SAVrekgFa3V4CwABBAAAAAAEAAAAAAEAEAAIAAAAAAAAAAgAAAAAAAAAeyJhIjoxfQpQSwECHgMtAAAAAABjQnhdRqPodAgAAAD/////BgAkAAAAAAABAAAApIEAAAAAYS5qc29uVVQFAAN6SAVrdXgLAAEEAAAAAAQAAAAAAQAIAAgAAAAAAAAAUEsGBiwAAAAAAAAAHgMtAAAAAAAAAAAAAQAAAAAAAAABAAAAAAAAAFgAAAAAAAAAXAAAAAAAAABQSwYHAAAAALQAAAAAAAAAAQAAAFBLBQYAAAAAAQABAFgAAAD/////AAA=',
      ['a.json'],
    ],
    [
      'Python, ZIP64 in a local header',
      'UEsDBC0AAAAAAAAAIQBDv6aj//////////8GABQAYS5qc29uAQAQAAIAAAAAAAAAAgAAAAAAAAB7fVBLAQItAy0AAAAAAAAAIQBDv6ajAgAAAAIAAAAGAAAAAAAAAAAAAACAAQAAAABhLmpzb25QSwUGAAAAAAEAAQA0AAAAOgAAAAAA',
      ['a.json'],
    ],
    [
      'Java, descriptors',
      'UEsDBAoAAAgAAH1DeF0AAAAAAAAAAAAAAAACAAQAZC/+ygAAUEsDBBQACAgIAH1DeF0AAAAAAAAAAAAAAAAIAAAAZC9iLmpzb26rVkpUsjKs5QIAUEsHCEaj6HQKAAAACAAAAFBLAwQUAAgICAB9Q3hdAAAAAAAAAAAAAAAABgAAAGEuanNvbqtWSlSyMqzlAgBQSwcIRqPodAoAAAAIAAAAUEsBAgoACgAACAAAfUN4XQAAAAAAAAAAAAAAAAIABAAAAAAAAAAAAAAAAAAAAGQv/soAAFBLAQIUABQACAgIAH1DeF1Go+h0CgAAAAgAAAAIAAAAAAAAAAAAAAAAACQAAABkL2IuanNvblBLAQIUABQACAgIAH1DeF1Go+h0CgAAAAgAAAAGAAAAAAAAAAAAAAAAAGQAAABhLmpzb25QSwUGAAAAAAMAAwCeAAAAogAAAAAA',
      ['d/b.json', 'a.json'],
    ],
  ])('may come from a common tool: %s', async (_, base64, names) => {
    const entries = await read(Buffer.from(base64, 'base64'));
    expect(entries.map(([name]) => name)).toEqual(names);
    for (const [, content] of entries) expect(JSON.parse(content)).toBeTypeOf('object');
  });
});

describe('what is no job', () => {
  const noise = { data: 'not read', store: true };

  test.each([
    '__MACOSX/._a.json',
    'b/__MACOSX/c/d.json',
    '.DS_Store',
    'b/.DS_Store',
    'Thumbs.db',
    'b/thumbs.DB',
    'desktop.ini',
    'b/Desktop.ini',
  ])('is checked and passed over: %s', async (name) => {
    const job = { name: 'a.json', data: JOB };
    expect(await read(zip([{ name, ...noise }, job]))).toEqual([['a.json', JOB]]);
    await expect(read(zip([{ name, ...noise, both: { crc: 0 } }, job]))).rejects.toMatchObject({
      reason: 'archive.crc',
    });
  });

  test('is given as what it is: the manifest of an export', async () => {
    const entries = await readWhole(
      zip([
        { name: 'manifest.json', data: '{}' },
        { name: 'a.json', data: JOB },
      ]),
    );
    expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
      ['manifest.json', 'manifest'],
      ['a.json', 'json'],
    ]);
  });

  test.each(['b/manifest.json', 'Manifest.json', '__macosx/a.json', 'a.DS_Store.json'])('is not %s', async (name) => {
    expect(await read(zip([{ name, data: JOB }]))).toEqual([[name, JOB]]);
  });
});

describe('the writer of archives for tests', () => {
  test('gives the same bytes on every run', () => {
    const files = [{ name: 'a.json', data: JOB }];
    expect(zip(files)).toEqual(zip(files));
    expect(zip(files).readUInt32LE(10)).toBe(0x00210000);
  });
});
