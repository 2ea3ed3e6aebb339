import { constants, crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, JOB, join, pair, patch, refuse } from './case.ts';

const LONG = `{"name":"a","sql_body":"${Array.from({ length: 2_000 }, (_, at) => `select ${at * at};`).join('')}"}`;
const deflated = deflateRawSync(JOB);
const packed =
  (compressed: Buffer, data: string | Buffer = JOB) =>
  () =>
    zip([B, { name: 'c.json', data, compressed }]);
const claims = (file: ZipFile, both: ZipFile['both'] & object) => () => zip([A, { ...file, name: 'c.json', both }]);
const storedBlock = (data: string, isLast = true) =>
  join(isLast ? '\x01' : '\0', le(data.length), le(0xffff - data.length), data);
/** A stream that goes on. */
const FLUSHED = { finishFlush: constants.Z_SYNC_FLUSH };
const le = (value: number) => Buffer.from([value & 0xff, value >> 8]);

/** Content: its checksum, its size, its stream. */
export const DATA: Case[] = [
  accept('deflate without compression', packed(deflateRawSync(JOB, { level: 0 }))),
  accept('deflate with fixed codes', packed(deflateRawSync(JOB, { strategy: constants.Z_FIXED }))),
  accept('deflate with codes only', packed(deflateRawSync(LONG, { strategy: constants.Z_HUFFMAN_ONLY }), LONG)),
  accept('deflate at its best', packed(deflateRawSync(LONG, { level: 9, memLevel: 9 }), LONG)),
  accept('deflate with a small window', packed(deflateRawSync(LONG, { windowBits: 9 }), LONG)),
  accept('deflate in two stored blocks', packed(join(storedBlock(JOB.slice(0, 9), false), storedBlock(JOB.slice(9))))),
  accept(
    'deflate in several blocks',
    packed(join(deflateRawSync('{"name":', FLUSHED), deflateRawSync('"c"}')), '{"name":"c"}'),
  ),
  accept('deflate with an empty block at the end', packed(join(deflateRawSync(JOB, FLUSHED), '\x03\x00'))),
  accept('stored data that looks like a header', () => {
    return zip([A, { name: 'c.json', data: '{"name":"c","desc":"PK\\u0003\\u0004 PK"}', store: true }]);
  }),
  accept(
    'a document of one job in 8,000 lines',
    packed(deflateRawSync(`${'\n'.repeat(8_000)}${JOB}`), `${'\n'.repeat(8_000)}${JOB}`),
  ),

  ...pair('the checksum of deflated data', 'archive.crc', (isMutant) => {
    return zip([A, { ...A, name: 'c.json', ...(isMutant && { both: { crc: crc32(JOB) - 1 } }) }]);
  }),
  ...pair('the checksum of stored data', 'archive.crc', (isMutant) => {
    return zip([B, { ...B, name: 'c.json', ...(isMutant && { both: { crc: crc32(B.data) - 1 } }) }]);
  }),
  refuse('archive.crc', 'a checksum of zero', claims(A, { crc: 0 })),
  refuse('archive.crc', 'a bit of stored data flipped', () => {
    const bytes = zip([B]);
    return patch(bytes, 40, (bytes[40] ?? 0) ^ 1);
  }),
  refuse('archive.crc', 'two bytes of stored data swapped', () => {
    const bytes = zip([B]);
    return patch(bytes, 38, bytes[39] ?? 0, bytes[38] ?? 0);
  }),
  refuse('archive.crc', 'data of the same size in place of the true', packed(deflateRawSync(JOB.replace('a', 'b')))),
  refuse('archive.length', 'one byte more declared', claims(A, { size: JOB.length + 1 })),
  refuse('archive.length', 'one byte less declared', claims(A, { size: JOB.length - 1 })),
  refuse('archive.length', 'no byte declared', claims(A, { size: 0 })),
  refuse('archive.length', 'one byte declared of 18,000', packed(deflateRawSync(LONG), 'x')),
  refuse('archive.length', 'as much as an entry may have declared', claims(A, { size: 8 * 1024 * 1024 })),
  refuse('archive.stored-size', 'one byte more declared of stored data', claims(B, { size: 13 })),
  refuse('archive.stored-size', 'one byte less declared of stored data', claims(B, { size: 11 })),
  refuse('archive.stored-size', 'deflated data that is called stored', claims(A, { method: 0 })),
  refuse('archive.data-range', 'stored data that is longer in both sizes', claims(B, { size: 13, compressedSize: 13 })),
  refuse('archive.gap', 'stored data that is shorter in both sizes', claims(B, { size: 11, compressedSize: 11 })),
  refuse('archive.deflate', 'stored data that is called deflated', () => zip([A, { ...B, both: { method: 8 } }])),
  refuse('archive.deflate', 'no data', packed(join(''))),
  refuse('archive.deflate', 'zeros', packed(Buffer.alloc(20))),
  refuse('archive.deflate', 'a block of a kind that is none', packed(join('\x07', deflated.subarray(1)))),
  refuse('archive.deflate', 'a stream without its last byte', packed(deflated.subarray(0, -1))),
  refuse('archive.deflate', 'half a stream', packed(deflated.subarray(0, deflated.length / 2))),
  refuse('archive.deflate', 'a stream that is never ended', packed(deflateRawSync(JOB, FLUSHED))),
  refuse('archive.deflate', 'a copy from before the start', packed(Buffer.from([0x4b, 0x04, 0x61, 0x00]), 'aaaa')),
  refuse('archive.deflate', 'a stored block whose lengths do not agree', packed(patch(storedBlock(JOB), 3, 0))),
  refuse('archive.deflate', 'a zlib stream', packed(deflateSync(JOB))),
  refuse('archive.deflate', 'a gzip stream', packed(gzipSync(JOB))),
  refuse('archive.deflate-end', 'a byte behind the stream', packed(join(deflated, '\0'))),
  refuse('archive.deflate-end', 'a second stream behind the stream', packed(join(deflated, deflated))),
  refuse('archive.deflate-end', 'a hidden entry behind the stream', packed(join(deflated, zip([B])))),
  refuse('archive.folder-data', 'a folder with data', () => zip([A, { name: 'd/', data: JOB, store: true }])),
  refuse('archive.folder-data', 'a folder with deflated data', () => zip([A, { name: 'd/', data: JOB }])),
  refuse('archive.stored-size', 'a folder with data that it does not tell of', () => {
    return zip([A, { name: 'd/', data: '', store: true, compressed: join('hidden') }]);
  }),
  refuse('archive.deflate-end', 'a folder with data behind an empty stream', () => {
    return zip([A, { name: 'd/', data: '', compressed: join('\x03\x00hidden') }]);
  }),
];
