import { crc32, deflateRawSync } from 'node:zlib';
import { uint, type ZipFile, zip } from '../zip.ts';
import { A, accept, type Case, exceed, join, refuse } from './case.ts';

const MIB = 1024 * 1024;
const ZEROS = Buffer.alloc(MIB);

/** A deflate stream of so many MiB of zeros, put together from equal blocks, so that it costs nothing to make. */
function zerosOf(mebibytes: number): Buffer {
  const block = deflateRawSync(ZEROS, { finishFlush: 3 });
  return join(...Array.from({ length: mebibytes }, () => block), '\x03\x00');
}

const bomb = (mebibytes: number, fields: NonNullable<ZipFile['both']>): ZipFile => {
  return { name: 'a.json', data: '', compressed: zerosOf(mebibytes), both: fields };
};

/** A directory of so many headers that all name one local entry, and an end that counts as told. */
function crowd(count: number, counted: number, zip64: boolean): Buffer {
  const one = zip([{ name: 'a', data: '', store: true }]);
  const local = one.subarray(0, 31);
  const header = one.subarray(31, -22);
  const directory = Buffer.alloc(count * header.length, header);
  const end = zip([], {
    zip64,
    end: zip64
      ? { entries: 0xffff, entriesHere: 0xffff, size: 0xffffffff, offset: 0xffffffff }
      : { entries: counted, size: directory.length, offset: local.length },
    end64: {
      entries: BigInt(counted),
      size: BigInt(directory.length),
      offset: BigInt(local.length),
      start: BigInt(local.length + directory.length),
    },
  });
  return join(local, directory, end);
}

/** Marks that no two neighbours of are in the order of normal forms. */
const MARKS = ['\u0345', '\u0301', '\u0327', '\u0334'].join('').repeat(125);
/** 10,000 entries by their names, one of them a job. */
const names = (name: (at: number) => string): ZipFile[] =>
  Array.from({ length: 10_000 }, (_, at) => ({ name: name(at), data: at === 0 ? '{"name":"a"}' : '[]', store: true }));

const document = (text: () => string) => () => zip([{ name: 'a.json', data: text() }]);
const fill = (value: string, bytes = 8 * MIB) => value.repeat(Math.floor((bytes - 50) / value.length));
const list = (value: string) => document(() => `{"name":"a","x":[${fill(`${value},`)}0]}`);

/** What takes much memory for its bytes, as many as an archive may have. */
const CROWDED: Record<string, { count: number; item: (at: number) => string }> = {
  objects: { count: 294_000, item: () => '{}' },
  'objects with a key of their own': { count: 198_000, item: (at) => `{"${at.toString(36)}":0}` },
  'objects with two keys of their own': {
    count: 138_000,
    item: (at) => `{"k${at.toString(36)}":1.0,"j${at.toString(36)}":2.0}`,
  },
  'numbers that keep their text': { count: 594_000, item: () => '1.0' },
  'short texts beyond Latin-1': { count: 594_000, item: () => '"日"' },
  'lists, 29 deep': { count: 19_800, item: () => `${'['.repeat(29)}${']'.repeat(29)}` },
  'objects of 9,900 keys of their own': { count: 54, item: wideObject },
};

function wideObject(at: number): string {
  return `{${Array.from({ length: 9_900 }, (_, key) => `"${at}_${key.toString(36)}":1.0`).join(',')}}`;
}

function crowdedJob(count: number, item: (at: number) => string, place: number): string {
  const items = Array.from({ length: count }, (_, at) => item(place * count + at));
  return `{"name":"j${place}","x":[${items.join(',')}]}`;
}

/** Small archives that would take much memory or time, and large ones. */
export const BOMBS: Case[] = [
  exceed('archive.entry-size', '500 MiB in 500 KB', () => zip([bomb(500, { size: 500 * MIB })])),
  refuse('archive.length', '500 MiB in 500 KB, declared as 12 bytes', () => zip([bomb(500, { size: 12 })])),
  refuse('archive.length', '500 MiB in 500 KB, declared as none', () => zip([bomb(500, { size: 0 })])),
  refuse('archive.length', '500 MiB in 500 KB, declared as 8 MiB', () => zip([bomb(500, { size: 8 * MIB })])),
  refuse('archive.length', '500 MiB of noise, declared as 8 MiB', () =>
    zip([A, { ...bomb(500, { size: 8 * MIB }), name: '.DS_Store' }]),
  ),
  refuse('archive.length', '8 MiB and a byte, declared as 8 MiB', () => {
    return zip([
      { name: 'a.json', data: Buffer.alloc(8 * MIB), compressed: deflateRawSync(Buffer.alloc(8 * MIB + 1)) },
    ]);
  }),
  refuse('archive.length', '100 entries of 8 MiB, declared as 600 KB each', () => {
    const compressed = zerosOf(8);
    return zip(
      Array.from({ length: 100 }, (_, at) => ({ name: `${at}.json`, data: '', compressed, both: { size: 600_000 } })),
    );
  }),
  refuse('archive.crc', '8 MiB of zeros that are none', () => zip([bomb(8, { size: 8 * MIB, crc: 1 })])),
  refuse('document.syntax', '8 MiB of zeros', () =>
    zip([bomb(8, { size: 8 * MIB, crc: crc32(Buffer.alloc(8 * MIB)) })]),
  ),
  refuse('archive.directory', '65,537 entries counted as 1', () => crowd(65_537, 1, false)),
  refuse('archive.directory', '65,537 entries counted as 1 by ZIP64', () => crowd(65_537, 1, true)),
  exceed('archive.entries', '65,537 entries counted as they are', () => crowd(65_537, 65_537, true)),
  exceed('archive.entries', 'a million entries', () => crowd(1_000_000, 1_000_000, true)),
  refuse('archive.directory', 'a million entries counted as 1', () => crowd(1_000_000, 1, false)),
  exceed('archive.entries', 'a million entries counted in 16 bits', () => crowd(1_000_000, 1_000_000 % 65_536, false)),
  refuse('archive.name-duplicate', '10,000 names of one entry', () => crowdOfJobs(10_000)),
  exceed('archive.name-length', '350 names of 65,535 bytes', () => {
    const long = 'x'.repeat(65_530);
    return zip(
      Array.from({ length: 350 }, (_, at) => ({
        name: `${long}${String(at).padStart(5, '0')}`,
        data: '',
        store: true,
      })),
    );
  }),
  accept('extra fields and comments of 30 MB', () => {
    const extra = join(uint(2, 0x4a4b), uint(2, 60_000), Buffer.alloc(60_000));
    return zip(
      Array.from({ length: 165 }, (_, at) => ({
        ...A,
        name: `${at}.json`,
        both: { extra },
        central: { comment: Buffer.alloc(60_000) },
      })),
    );
  }),
  accept('a thousand Unicode paths in code pages', () => {
    const files = Array.from({ length: 1_000 }, (_, at) => {
      const name = join(`\xa8\xac\xef${at}.json`);
      const path = Buffer.from(`имя${at}.json`);
      const extra = join(uint(2, 0x7075), uint(2, 5 + path.length), '\x01', uint(4, crc32(name)), path);
      return { name: '', data: '{"name":"a"}', both: { name, flags: 0, extra } };
    });
    return zip(files);
  }),
  ...Object.entries({ 'windows-1257': '\xe9\xbb', 'iso-8859-16': '\xe9\xaa', 'euc-jp': '\xc6\xfc' }).map(
    ([page, letters]) =>
      accept(`10,000 Unicode paths of 600 letters in ${page}`, () =>
        zip(
          names((at) => String(at)).map((file) => {
            const raw = join(`${file.name}${letters.repeat(300)}.json`);
            const path = Buffer.from(new TextDecoder(page).decode(raw));
            const extra = join(uint(2, 0x7075), uint(2, 5 + path.length), '\x01', uint(4, crc32(raw)), path);
            return { ...file, name: '', both: { name: raw, flags: 0, extra } };
          }),
        ),
      ),
  ),
  accept('10,000 names of 1,024 bytes', () => {
    const long = 'é'.repeat(507);
    return zip(
      Array.from({ length: 10_000 }, (_, at) => ({
        name: `${long}${10_000 + at}.json`,
        data: '[{"name":"a"}]',
        store: true,
      })),
    );
  }),
  exceed('archive.name-marks', '10,000 names of 500 combining marks', () => zip(names((at) => `${at}a${MARKS}.json`))),
  accept('10,000 names of as many combining marks as may be', () => {
    const marks = `${MARKS.slice(0, 29)}a`.repeat(12);
    return zip(names((at) => `${at}a${marks}.json`));
  }),
  accept('10,000 names that grow in capitals', () => zip(names((at) => `${at}${'\u0390'.repeat(500)}.json`))),
  accept('10,000 names of 500 folders', () => zip(names((at) => `${'a/'.repeat(500)}${at}.json`))),
  accept('an extra field of 16,383 empty fields', () => zip([{ ...A, local: { extra: Buffer.alloc(65_532) } }])),

  exceed(
    'document.depth',
    '8 MiB of opening brackets',
    document(() => '['.repeat(8 * MIB - 10)),
  ),
  exceed(
    'document.depth',
    '8 MiB of opening braces',
    document(() => fill('{"a":')),
  ),
  exceed('document.values', '8 MiB of objects', list('{}')),
  exceed('document.values', '8 MiB of lists', list('[]')),
  exceed('document.values', '8 MiB of lists, 29 deep', list('['.repeat(29).concat(']'.repeat(29)))),
  exceed('document.values', '8 MiB of objects, 29 deep', list('{"":'.repeat(29).concat('0', '}'.repeat(29)))),
  exceed('document.values', '8 MiB of digits', list('0')),
  exceed('document.values', '8 MiB of numbers that keep their text', list('-0')),
  exceed('document.values', '8 MiB of short strings', list('"ab"')),
  exceed('document.values', '8 MiB of escaped strings', list('"\\n"')),
  exceed(
    'archive.jobs',
    '8 MiB of jobs without a field',
    document(() => `[${fill('{},')}0]`),
  ),
  exceed('document.values', '64 MiB of objects', () => {
    const data = `{"name":"a","x":[${fill('{},')}0]}`;
    const compressed = deflateRawSync(data);
    return zip(Array.from({ length: 8 }, (_, at) => ({ name: `${at}.json`, data, compressed })));
  }),
  exceed(
    'archive.jobs',
    '290,000 jobs without a field',
    document(() => `[${'{},'.repeat(290_000)}0]`),
  ),
  exceed(
    'document.number',
    'a number of 8 MiB',
    document(() => `{"name":"a","x":${'1'.repeat(8 * MIB - 20)}}`),
  ),
  exceed(
    'document.number',
    'a fraction of 8 MiB',
    document(() => `{"name":"a","x":0.${'1'.repeat(8 * MIB - 20)}}`),
  ),
  exceed(
    'document.keys',
    'an object of 600,000 keys',
    document(() => `{${Array.from({ length: 600_000 }, (_, at) => `"${at.toString(36)}":0`).join(',')}}`),
  ),
  refuse(
    'document.syntax',
    'a string of 8 MiB that is never closed',
    document(() => `{"name":"${'x'.repeat(8 * MIB - 20)}`),
  ),
  refuse(
    'document.syntax',
    'a string of 4 million escapes and a bad one',
    document(() => `{"name":"${'\\n'.repeat(4 * MIB - 20)}\\q"}`),
  ),
  refuse(
    'document.syntax',
    '4 million line breaks and no value',
    document(() => '\n'.repeat(4 * MIB)),
  ),
  refuse(
    'document.syntax',
    'a string of 4 million backslashes',
    document(() => `{"name":"${'\\\\'.repeat(4 * MIB - 20)}\\"}`),
  ),
  accept(
    'a string of 4 million escapes',
    document(() => `{"name":"a","x":"${'\\n'.repeat(4 * MIB - 20)}"}`),
  ),
  accept(
    'a string of 8 MiB',
    document(() => `{"name":"a","x":"${'x'.repeat(8 * MIB - 30)}"}`),
  ),
  ...Object.entries(CROWDED).flatMap(([what, { count, item }]) => [
    accept(
      `${count} ${what}, in six jobs`,
      document(() => `[${Array.from({ length: 6 }, (_, at) => crowdedJob(count / 6, item, at)).join(',')}]`),
    ),
    exceed(
      'document.values',
      `${count} ${what}, in one job`,
      document(() => crowdedJob(count, item, 0)),
    ),
  ]),
];

/** Entries of one name and one place. */
function crowdOfJobs(count: number): Buffer {
  return zip([A], { order: Array.from({ length: count }, () => 0) });
}
