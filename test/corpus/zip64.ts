import { deflateRawSync } from 'node:zlib';
import { uint, uint64, type ZipFile, type ZipOptions, zip } from '../zip.ts';
import { A, accept, B, type Case, exceed, JOB, join, patch, refuse } from './case.ts';

type End64 = NonNullable<ZipOptions['end64']>;

const ONES = { entriesHere: 0xffff, entries: 0xffff, size: 0xffffffff, offset: 0xffffffff };
const withEnd64 = (end64: End64, options: ZipOptions = {}) => zip([A, B], { zip64: true, end64, ...options });
const RECORD_FROM_END = 22 + 20 + 56;
const LOCATOR_FROM_END = 22 + 20;

const endMutants: [string, string, End64][] = [
  ['archive.zip64', 'other entries', { entries: 1n, entriesHere: 2n }],
  ['archive.zip64', 'other entries on this disk', { entriesHere: 1n }],
  ['archive.zip64', 'another size', { size: 1n }],
  ['archive.zip64', 'another offset', { offset: 1n }],
  ['archive.zip64', 'an offset that is the same in 32 bits', { offset: 2n ** 32n }],
  ['archive.zip64', 'another disk', { disk: 1 }],
  ['archive.zip64', 'another disk of the directory', { directoryDisk: 1 }],
  ['archive.zip64', 'a locator that points before the record', { start: 0n }],
  ['archive.zip64', 'a locator that points behind the file', { start: 2n ** 40n }],
  ['archive.zip64', 'a locator that points beyond 2^63', { start: 2n ** 64n - 1n }],
  ['archive.zip64', 'a record shorter than its fields', { length: 43n }],
  ['archive.zip64', 'a record longer than its fields', { length: 45n }],
  ['archive.zip64', 'a record without a length', { length: 0n }],
  ['archive.zip64', 'a record of 2^63 bytes', { length: 2n ** 63n }],
  ['archive.zip64', 'bytes beyond its fields', { beyond: Buffer.alloc(8) }],
  ['archive.zip64', 'bytes beyond its fields that it hides', { beyond: Buffer.alloc(8), length: 44n }],
  ['archive.multi-disk', 'a record on another disk', { startDisk: 1 }],
  ['archive.multi-disk', 'two disks', { disks: 2 }],
  ['archive.multi-disk', 'no disk', { disks: 0 }],
];

/** The ZIP64 records at the end. */
export const ZIP64_END: Case[] = [
  accept('ZIP64 that says all once more', () => withEnd64({})),
  accept('ZIP64 that all is deferred to', () => withEnd64({}, { end: ONES })),
  accept('ZIP64 that disks are deferred to', () => withEnd64({}, { end: { disk: 0xffff, directoryDisk: 0xffff } })),
  accept('ZIP64 and a comment', () => withEnd64({}, { end: ONES, comment: join('a comment') })),
  ...Object.entries(ONES).map(([field, ones]) => {
    return accept(`ZIP64 that ${field} is deferred to`, () => withEnd64({}, { end: { [field]: ones } }));
  }),
  ...endMutants.map(([reason, what, end64]) => refuse(reason, `ZIP64 with ${what}`, () => withEnd64(end64))),
  ...endMutants
    .filter(([, what]) => /^(?:other|another) (?:entries|size|offset)/.test(what))
    .map(([, what, end64]) => {
      const reason = what.startsWith('other entries') ? 'archive.multi-disk' : 'archive.directory';
      return refuse(reason, `ZIP64, deferred to, with ${what}`, () => withEnd64(end64, { end: ONES }));
    }),
  refuse('archive.zip64', 'ZIP64 without its record', () => {
    const bytes = withEnd64({});
    return join(bytes.subarray(0, -RECORD_FROM_END), bytes.subarray(-LOCATOR_FROM_END));
  }),
  refuse('archive.zip64', 'ZIP64 with a damaged record', () => {
    const bytes = withEnd64({});
    return patch(bytes, -RECORD_FROM_END, 0x51);
  }),
  refuse('archive.directory', 'ZIP64 without its locator', () => {
    const bytes = withEnd64({});
    return join(bytes.subarray(0, -LOCATOR_FROM_END), bytes.subarray(-22));
  }),
  refuse('archive.directory', 'ZIP64 with a damaged locator', () => patch(withEnd64({}), -LOCATOR_FROM_END, 0x51)),
  refuse('archive.directory', 'ZIP64 behind bytes that belong to nobody', () => {
    return withEnd64({}, { behindDirectory: join('nobody') });
  }),
  exceed('archive.entries', 'ZIP64 that counts 10,001 entries', () => {
    return withEnd64({ entries: 10_001n }, { end: { entries: 0xffff, entriesHere: 0xffff } });
  }),
  exceed('archive.entries', 'ZIP64 that counts 2^62 entries', () => {
    return withEnd64({ entries: 2n ** 62n }, { end: { entries: 0xffff, entriesHere: 0xffff } });
  }),
];

const SIZE = BigInt(Buffer.byteLength(JOB));
const COMPRESSED = BigInt(deflateRawSync(JOB).length);
const ALL_ONES = 0xffffffff;

function field64(...values: bigint[]): Buffer {
  return join(uint(2, 1), uint(2, 8 * values.length), ...values.map(uint64));
}

/** An extra field of all that a directory can defer, with or without the disk. */
function fullField(values: bigint[], disk: number): Buffer {
  return join(uint(2, 1), uint(2, 28), ...values.map(uint64), uint(4, disk));
}

const local = (fields: NonNullable<ZipFile['local']>) => () => zip([{ ...A, local: fields }]);
const central = (fields: NonNullable<ZipFile['central']>) => () => zip([{ ...A, central: fields }]);
const both = (fields: NonNullable<ZipFile['both']>) => () => zip([{ ...A, both: fields }]);

/** ZIP64 fields of one entry. */
export const ZIP64_FIELDS: Case[] = [
  accept('a local size in ZIP64', local({ size: ALL_ONES, extra: field64(SIZE) })),
  accept('a local compressed size in ZIP64', local({ compressedSize: ALL_ONES, extra: field64(COMPRESSED) })),
  accept(
    'both local sizes in ZIP64',
    local({ size: ALL_ONES, compressedSize: ALL_ONES, extra: field64(SIZE, COMPRESSED) }),
  ),
  accept('local sizes once more in ZIP64', local({ extra: field64(SIZE, COMPRESSED) })),
  accept('a local ZIP64 field without a value', local({ extra: field64() })),
  accept('a size in ZIP64', central({ size: ALL_ONES, extra: field64(SIZE) })),
  accept('a compressed size in ZIP64', central({ compressedSize: ALL_ONES, extra: field64(COMPRESSED) })),
  accept('an offset in ZIP64', central({ offset: ALL_ONES, extra: field64(0n) })),
  accept('a disk in ZIP64', central({ disk: 0xffff, extra: join(uint(2, 1), uint(2, 4), uint(4, 0)) })),
  accept(
    'all fields in ZIP64',
    central({
      size: ALL_ONES,
      compressedSize: ALL_ONES,
      offset: ALL_ONES,
      disk: 0xffff,
      extra: fullField([SIZE, COMPRESSED, 0n], 0),
    }),
  ),
  accept('all fields once more in ZIP64', central({ extra: fullField([SIZE, COMPRESSED, 0n], 0) })),
  accept('sizes once more in ZIP64', central({ extra: field64(SIZE, COMPRESSED) })),
  accept(
    'a size in ZIP64, and its other fields once more',
    central({ size: ALL_ONES, extra: field64(SIZE, COMPRESSED, 0n) }),
  ),
  accept(
    'sizes in ZIP64 on both sides',
    both({ size: ALL_ONES, compressedSize: ALL_ONES, extra: field64(SIZE, COMPRESSED) }),
  ),
  accept(
    'a ZIP64 field behind another one',
    both({ size: ALL_ONES, extra: join(uint(2, 0x5455), uint(2, 1), '\0', field64(SIZE)) }),
  ),

  refuse('archive.zip64', 'a deferred size without ZIP64', central({ size: ALL_ONES })),
  refuse('archive.zip64', 'a deferred compressed size without ZIP64', central({ compressedSize: ALL_ONES })),
  refuse('archive.zip64', 'a deferred offset without ZIP64', central({ offset: ALL_ONES })),
  refuse('archive.zip64', 'a deferred disk without ZIP64', central({ disk: 0xffff })),
  refuse('archive.zip64', 'a deferred local size without ZIP64', local({ size: ALL_ONES })),
  refuse('archive.zip64', 'a deferred local compressed size without ZIP64', local({ compressedSize: ALL_ONES })),
  refuse(
    'archive.zip64',
    'two deferred sizes with one value',
    central({ size: ALL_ONES, compressedSize: ALL_ONES, extra: field64(SIZE) }),
  ),
  refuse(
    'archive.zip64',
    'a value of 7 bytes',
    central({ size: ALL_ONES, extra: join(uint(2, 1), uint(2, 7), Buffer.alloc(7)) }),
  ),
  refuse(
    'archive.zip64',
    'a value and a byte',
    central({ size: ALL_ONES, extra: join(uint(2, 1), uint(2, 9), uint64(SIZE), '\0') }),
  ),
  refuse('archive.zip64', 'another size once more', central({ extra: field64(SIZE + 1n, COMPRESSED) })),
  refuse('archive.zip64', 'another compressed size once more', central({ extra: field64(SIZE, COMPRESSED + 1n) })),
  refuse('archive.zip64', 'another offset once more', central({ extra: fullField([SIZE, COMPRESSED, 1n], 0) })),
  refuse('archive.zip64', 'another disk once more', central({ extra: fullField([SIZE, COMPRESSED, 0n], 1) })),
  refuse('archive.zip64', 'another local size once more', local({ extra: field64(0n, COMPRESSED) })),
  refuse(
    'archive.zip64',
    'values whose place is not clear',
    central({ compressedSize: ALL_ONES, extra: field64(SIZE, COMPRESSED) }),
  ),
  refuse(
    'archive.zip64',
    'more values than there are fields',
    central({ extra: join(uint(2, 1), uint(2, 36), Buffer.alloc(36)) }),
  ),
  refuse(
    'archive.local-sizes',
    'a size in ZIP64 that is not the local one',
    central({ size: ALL_ONES, extra: field64(SIZE - 1n) }),
  ),
  refuse(
    'archive.local-sizes',
    'a local size in ZIP64 that is not the other',
    local({ size: ALL_ONES, extra: field64(SIZE + 1n) }),
  ),
  refuse(
    'archive.local-sizes',
    'a size that is the same in 32 bits',
    local({ size: ALL_ONES, extra: field64(SIZE + 2n ** 32n) }),
  ),
  refuse(
    'archive.data-range',
    'a compressed size of 2^60',
    central({ compressedSize: ALL_ONES, extra: field64(2n ** 60n) }),
  ),
  refuse(
    'archive.data-range',
    'a compressed size of 2^64 - 1',
    central({ compressedSize: ALL_ONES, extra: field64(2n ** 64n - 1n) }),
  ),
  refuse('archive.local-header', 'an offset of 2^60', central({ offset: ALL_ONES, extra: field64(2n ** 60n) })),
  refuse(
    'archive.multi-disk',
    'a disk in ZIP64 that is another',
    central({ disk: 0xffff, extra: join(uint(2, 1), uint(2, 4), uint(4, 1)) }),
  ),
  exceed('archive.entry-size', 'a size of 2^60', central({ size: ALL_ONES, extra: field64(2n ** 60n) })),
];
