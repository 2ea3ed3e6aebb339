import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { readWhole } from '../read-whole.ts';
import { uint, uint64, type ZipFile, type ZipOptions, zip } from '../zip.ts';

const DATA = '{"name":"a"}';
const A: ZipFile = { name: 'a.json', data: DATA };
const B: ZipFile = { name: 'b.json', data: DATA };
const ZIP64_EXTRA = Buffer.concat([uint(2, 1), uint(2, 8), uint64(2n ** 60n)]);

async function refusalOf(bytes: Buffer): Promise<ApiError> {
  const error: unknown = await readWhole(bytes).catch((cause: unknown) => cause);
  if (error instanceof ApiError) return error;
  throw new Error('Expected a refusal', { cause: error });
}

function refuses(reason: string, files: ZipFile[], options: ZipOptions = {}) {
  return { reason, bytes: zip(files, options) };
}

describe('the frame of an archive', () => {
  const good = zip([A]);
  const endAt = good.length - 22;
  /** A second end, in the comment of the first. */
  const twoEnds = zip([A], { comment: good.subarray(endAt) });

  test.each([
    { what: 'no bytes', reason: 'not-zip', bytes: Buffer.alloc(0) },
    { what: 'another file', reason: 'not-zip', bytes: Buffer.from('PK\x05\x06 is how it starts, and then it goes on') },
    { what: 'bytes behind its end', reason: 'not-zip', bytes: Buffer.concat([good, Buffer.from('x')]) },
    { what: 'a cut comment', reason: 'not-zip', bytes: zip([A], { comment: Buffer.alloc(9) }).subarray(0, -1) },
    { what: 'a signature without a record', reason: 'not-zip', bytes: good.subarray(0, endAt + 4) },
    { what: 'two ends that fit', reason: 'two-ends', bytes: twoEnds },
    { what: 'no entry', reason: 'empty', bytes: zip([]) },
    { what: 'no .json file', reason: 'empty', bytes: zip([{ name: 'x/', data: '', store: true }]) },
    { what: 'a disk number', ...refuses('multi-disk', [A], { end: { disk: 1 } }) },
    { what: 'a directory on another disk', ...refuses('multi-disk', [A], { end: { directoryDisk: 1 } }) },
    { what: 'fewer entries on this disk', ...refuses('multi-disk', [A, B], { end: { entriesHere: 1 } }) },
    { what: 'an entry on another disk', ...refuses('multi-disk', [{ ...A, central: { disk: 1 } }]) },
    { what: 'one entry too few', ...refuses('directory', [A, B], { end: { entries: 1 } }) },
    { what: 'one entry too many', ...refuses('directory', [A], { end: { entries: 2 } }) },
    { what: 'a directory beyond the file', ...refuses('directory', [A], { end: { offset: 0xfffffffe } }) },
    { what: 'a directory that ends early', ...refuses('directory', [A], { end: { size: 51 } }) },
    { what: 'a prefix that shifts all', reason: 'directory', bytes: Buffer.concat([Buffer.from('#!'), good]) },
    { what: 'a wrong signature in the directory', reason: 'directory', bytes: withByte(good, endAt - 52, 0x51) },
  ])('is refused for $what', async ({ reason, bytes }) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: 'DLI.0018', reason: `archive.${reason}` });
  });

  test.each([
    { what: 'a locator that points nowhere', end64: { start: 2n ** 60n } },
    { what: 'a locator that points elsewhere', end64: { start: 0n } },
    { what: 'a record of another length', end64: { length: 45n } },
    { what: 'ends that disagree on the entries', end64: { entries: 2n } },
    { what: 'ends that disagree on the offset', end64: { offset: 1n } },
    { what: 'ends that disagree on the size', end64: { size: 1n } },
  ])('is refused for ZIP64 with $what', async ({ end64 }) => {
    const refusal = await refusalOf(zip([A], { zip64: true, end64 }));
    expect(refusal).toMatchObject({ code: 'DLI.0018', reason: 'archive.zip64' });
  });

  test('is refused at every length that it may be cut to', async () => {
    const archive = zip([A, { ...B, store: true }]);
    for (let length = 0; length < archive.length; length++) {
      expect(await refusalOf(archive.subarray(0, length))).toMatchObject({ code: 'DLI.0018' });
    }
  });
});

function withByte(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}

describe('the headers of an entry', () => {
  const extra64 = { compressedSize: 0xffffffff, extra: ZIP64_EXTRA };

  test.each([
    { what: 'encryption', ...refuses('encrypted', [{ ...A, both: { flags: 0x0801 } }]) },
    { what: 'strong encryption', ...refuses('encrypted', [{ ...A, both: { flags: 0x0840 } }]) },
    { what: 'masked headers', ...refuses('encrypted', [{ ...A, both: { flags: 0x2800 } }]) },
    { what: 'encryption in the local header', ...refuses('local-flags', [{ ...A, local: { flags: 0x0801 } }]) },
    { what: 'method 1', ...refuses('method', [{ ...A, both: { method: 1 } }]) },
    { what: 'method 9, deflate64', ...refuses('method', [{ ...A, both: { method: 9 } }]) },
    { what: 'method 93, zstd', ...refuses('method', [{ ...A, both: { method: 93 } }]) },
    { what: 'a symbolic link', ...refuses('link', [{ ...A, central: { mode: 0o120777 } }]) },
    { what: 'a device', ...refuses('link', [{ ...A, central: { mode: 0o020644 } }]) },
    { what: 'a folder with data', ...refuses('folder-data', [A, { name: 'b.json/', data: DATA }]) },
    { what: 'stored data of another size', ...refuses('stored-size', [{ ...A, store: true, both: { size: 11 } }]) },
    { what: 'ZIP64 without its extra', ...refuses('zip64', [{ ...A, central: { compressedSize: 0xffffffff } }]) },
    { what: 'ZIP64 beyond every file', ...refuses('data-range', [{ ...A, central: extra64 }]) },
    { what: 'no local header', ...refuses('local-header', [A, { ...B, central: { offset: 1 } }]) },
    { what: 'a local header beyond the entries', ...refuses('local-header', [{ ...A, central: { offset: 9_999 } }]) },
    { what: 'another name', ...refuses('local-name', [{ ...A, local: { name: Buffer.from('b.json') } }]) },
    { what: 'another method', ...refuses('local-method', [{ ...A, local: { method: 0 } }]) },
    { what: 'another checksum', ...refuses('local-sizes', [{ ...A, local: { crc: 1 } }]) },
    { what: 'another compressed size', ...refuses('local-sizes', [{ ...A, local: { compressedSize: 1 } }]) },
    { what: 'another size', ...refuses('local-sizes', [{ ...A, local: { size: 1 } }]) },
    { what: 'no size and no descriptor', ...refuses('local-sizes', [{ ...A, local: { size: 0 } }]) },
    {
      what: 'a size before a descriptor',
      ...refuses('local-sizes', [{ ...A, both: { flags: 0x0808 }, local: { size: 1 } }]),
    },
    { what: 'a local ZIP64 without its extra', ...refuses('zip64', [{ ...A, local: { size: 0xffffffff } }]) },
    { what: 'data that runs into the directory', ...refuses('data-range', [{ ...A, both: { compressedSize: 99 } }]) },
    { what: 'a whole entry in another', ...refuses('overlap', [entryWithin(), { ...A, central: { offset: 36 } }]) },
  ])('are refused for $what', async ({ reason, bytes }) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: 'DLI.0018', reason: `archive.${reason}` });
  });
});

/** A stored entry whose data is the entry A, from byte 36 of the archive on. */
function entryWithin(): ZipFile {
  const archive = zip([A]);
  return { name: 'b.json', data: archive.subarray(0, archive.length - 22 - 52), store: true };
}

describe('the data of an entry', () => {
  const deflated = deflateRawSync(DATA);
  const longer = deflateRawSync(`${DATA} ${'x'.repeat(100)}`);

  test.each([
    { what: 'another checksum', ...refuses('crc', [{ ...A, both: { crc: 0x12345678 } }]) },
    { what: 'another checksum of stored data', ...refuses('crc', [{ ...A, store: true, both: { crc: 1 } }]) },
    { what: 'no deflate stream', ...refuses('deflate', [{ ...A, compressed: Buffer.from([0xff, 0xff, 0xff]) }]) },
    { what: 'a cut stream', ...refuses('deflate', [{ ...A, compressed: deflated.subarray(0, -2) }]) },
    { what: 'no data', ...refuses('deflate', [{ ...A, compressed: Buffer.alloc(0) }]) },
    {
      what: 'bytes behind a stream',
      ...refuses('deflate-end', [{ ...A, compressed: Buffer.concat([deflated, uint(2, 0)]) }]),
    },
    { what: 'one byte less than declared', ...refuses('length', [{ ...A, both: { size: 13 } }]) },
    { what: 'one byte more than declared', ...refuses('length', [{ ...A, both: { size: 11 } }]) },
    { what: 'much more than declared', ...refuses('length', [{ ...A, compressed: longer }]) },
  ])('is refused for $what', async ({ reason, bytes }) => {
    expect(await refusalOf(bytes)).toMatchObject({ code: 'DLI.0018', reason: `archive.${reason}` });
  });

  test('that damages one entry refuses the archive and names the entry', async () => {
    const refusal = await refusalOf(zip([A, { ...B, both: { crc: 1 } }]));
    expect(refusal.message).toMatch(/^Entry "b\.json": expected checksum 00000001, found [0-9a-f]{8}$/);
  });

  test('is never part of a message', async () => {
    const secret = 'hunter2secret';
    for (const both of [{ crc: 1 }, { size: 1 }, { method: 9 }]) {
      const { message, cause } = await refusalOf(zip([{ name: 'a.json', data: secret, both }]));
      expect(message).toContain('"a.json"');
      expect(`${message} ${cause}`).not.toContain(secret);
    }
  });
});
