import { uint, type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, exceed, join, pair, patch, refuse } from './case.ts';

const HEADER = 46 + 6;
const DIRECTORY_FROM_END = 22 + 2 * HEADER;
const two = () => zip([A, B]);
/** Two entries, with bytes changed in the directory's first header. */
const firstHeader = (at: number, ...values: number[]) => patch(two(), at - DIRECTORY_FROM_END, ...values);

/** The directory's headers and what they name. */
export const DIRECTORY: Case[] = [
  accept('a directory in another order than the entries', () => zip([A, B], { order: [1, 0] })),
  accept('comments of entries', () => {
    return zip([
      { ...A, central: { comment: join('of a') } },
      { ...B, central: { comment: join('of b') } },
    ]);
  }),
  accept('a comment of an entry with the signature of an end', () => {
    return zip([{ ...A, central: { comment: join('PK\x05\x06', Buffer.alloc(30)) } }, B]);
  }),
  accept('a comment of an entry of 65,535 bytes', () => zip([{ ...A, central: { comment: Buffer.alloc(65_535) } }, B])),
  accept('text marked in the internal attributes', () => firstHeader(36, 1)),

  refuse('archive.directory', 'a damaged signature of the first header', () => firstHeader(0, 0x51)),
  refuse('archive.directory', 'a damaged signature of the second header', () => firstHeader(HEADER, 0x51)),
  refuse('archive.directory', 'a local signature in the directory', () => firstHeader(2, 3, 4)),
  refuse('archive.directory', 'a name longer than it is', () => firstHeader(28, 7)),
  refuse('archive.directory', 'a name shorter than it is', () => firstHeader(28, 5)),
  refuse('archive.directory', 'an extra field that is not there', () => firstHeader(30, 4)),
  refuse('archive.directory', 'a comment that is not there', () => firstHeader(32, 1)),
  refuse('archive.directory', 'a comment that swallows the next header', () => firstHeader(32, HEADER)),
  refuse('archive.directory', 'a comment of the last that runs out of the file', () =>
    firstHeader(HEADER + 32, 0xff, 0xff),
  ),
  refuse('archive.directory', 'a digital signature in the directory', () => {
    const sign = join('PK\x05\x05\x04\x00sign');
    return zip([A, B], { behindDirectory: sign, end: { size: 2 * HEADER + sign.length } });
  }),
  refuse('archive.name-empty', 'a name of no bytes', () => firstHeader(28, 0)),

  ...pair('each entry named', 'archive.gap', (isMutant) => zip([B, A], { order: isMutant ? [0] : [0, 1] })),
  refuse('archive.gap', 'the first entry not named', () => zip([A, B], { order: [1] })),
  refuse('archive.gap', 'the middle entry not named', () => zip([A, B, { ...B, name: 'c.json' }], { order: [0, 2] })),
  refuse('archive.name-duplicate', 'one entry named twice', () => zip([A, B], { order: [0, 0] })),
  refuse('archive.gap', 'an entry named through the header of another', () => {
    return zip([A, { ...A, data: B.data }], { order: [1] });
  }),
];

/** Two entries, of which the first needs one version by its local header and another by the directory. */
const needing =
  (local: number, central: number, system = 0) =>
  () => {
    const bytes = patch(two(), 4, local, system);
    return patch(bytes, 6 - DIRECTORY_FROM_END, central, system);
  };

type Local = NonNullable<ZipFile['local']>;
const deflated = (local: Local) => () => zip([{ ...A, local }, B]);
const stored = (local: Local) => () => zip([{ ...B, local }, A]);
const OTHER_EXTRA = join(uint(2, 0x5455), uint(2, 5), '\x03', uint(4, 1_700_000_000));

/** Local headers that say something else than the directory. */
export const LOCAL_HEADER: Case[] = [
  accept('a time in a local extra field only', deflated({ extra: OTHER_EXTRA })),
  accept('a time in an extra field of the directory only', () => zip([{ ...A, central: { extra: OTHER_EXTRA } }, B])),
  accept('a longer time in the local extra field', () => {
    const longer = join(uint(2, 0x5455), uint(2, 9), '\x03', uint(4, 1_700_000_000), uint(4, 1_700_000_000));
    return zip([{ ...A, local: { extra: longer }, central: { extra: OTHER_EXTRA } }, B]);
  }),
  accept('another version needed', () => patch(two(), 4, 10)),
  ...[0, 10, 45, 46].map((version) => accept(`version ${version} needed in both headers`, needing(version, version))),
  accept('the system in the version needed', needing(20, 20, 3)),
  ...[47, 63, 99, 255].flatMap((version) => [
    refuse('archive.version', `version ${version} needed in the local header`, needing(version, 20)),
    refuse('archive.version', `version ${version} needed in the directory`, needing(20, version)),
  ]),
  accept('another date', () => patch(two(), 12, 0x21, 0x58)),
  accept(
    'a local extra field of 65,535 bytes',
    deflated({ extra: join(uint(2, 0x9999), uint(2, 65_531), Buffer.alloc(65_531)) }),
  ),

  ...[0, 1, 2, 3].map((at) =>
    refuse('archive.local-header', `byte ${at} of the signature damaged`, () => patch(two(), at, 0x7f)),
  ),
  ...Object.entries({
    'the level of compression': 0x0802,
    'the flag for a descriptor': 0x0808,
    'no flag for UTF-8': 0x0000,
    encryption: 0x0801,
    'strong encryption': 0x0841,
    'a patch': 0x0820,
    'masked headers': 0x2800,
  }).map(([what, flags]) =>
    refuse('archive.local-flags', `${what} only in the local header`, deflated({ flags: flags })),
  ),
  ...Object.entries({
    'the flag for a descriptor': 0x0808,
    'no flag for UTF-8': 0x0000,
  }).map(([what, flags]) => {
    return refuse('archive.local-flags', `${what} only in the directory`, () =>
      zip([{ ...A, central: { flags: flags } }]),
    );
  }),
  refuse('archive.local-method', 'stored in the local header', deflated({ method: 0 })),
  refuse('archive.local-method', 'deflated in the local header', stored({ method: 8 })),
  refuse('archive.local-method', 'an unknown method in the local header', deflated({ method: 99 })),
  refuse('archive.local-sizes', 'another checksum', deflated({ crc: 1 })),
  refuse('archive.local-sizes', 'no checksum', deflated({ crc: 0 })),
  refuse('archive.local-sizes', 'another checksum of stored data', stored({ crc: 1 })),
  refuse('archive.local-sizes', 'another compressed size', deflated({ compressedSize: 1 })),
  refuse('archive.local-sizes', 'no compressed size', deflated({ compressedSize: 0 })),
  refuse('archive.local-sizes', 'another size', deflated({ size: 1 })),
  refuse('archive.local-sizes', 'no size', deflated({ size: 0 })),
  refuse('archive.local-sizes', 'another size of stored data', stored({ size: 11 })),
  refuse('archive.local-sizes', 'no sizes and no checksum', deflated({ crc: 0, compressedSize: 0, size: 0 })),
  ...pair('the local name', 'archive.local-name', (isMutant) =>
    zip([A, { ...B, name: 'd/b.json', local: { name: join(isMutant ? 'd/c.json' : 'd/b.json') } }]),
  ),
  refuse('archive.local-name', 'a local name in capitals', deflated({ name: join('A.json') })),
  refuse('archive.local-name', 'a local name that leads out', deflated({ name: join('../../a.json') })),
  refuse('archive.local-name', 'a local name with NUL behind it', deflated({ name: join('a.json\0') })),
  refuse('archive.local-name', 'no local name', deflated({ name: join('') })),
  refuse('archive.local-name', 'a local name in another form', () => {
    return zip([{ name: 'é.json', data: '{"name":"a"}', local: { name: Buffer.from('e\u0301.json') } }]);
  }),
  refuse('archive.local-name', 'a local name shorter by its length', () => patch(two(), 26, 5)),
  refuse('archive.local-name', 'a local name longer by its length', () => patch(two(), 26, 7)),
  refuse('archive.extra-field', 'a local extra field that is data', () => patch(two(), 28, 1)),
  refuse('archive.data-range', 'a local extra field up to the directory', () => patch(two(), 28, 100)),
  ...[1, 4, 30].map((by) =>
    refuse('archive.local-header', `an offset ${by} behind the header`, () =>
      zip([{ ...A, central: { offset: by } }, B]),
    ),
  ),
  refuse('archive.local-header', 'an offset in the directory', () =>
    zip([A, { ...B, central: { offset: zip([A, B]).length - DIRECTORY_FROM_END } }]),
  ),
  refuse('archive.local-header', 'an offset behind the file', () =>
    zip([A, { ...B, central: { offset: 0xfffffffe } }]),
  ),
  refuse('archive.local-header', 'an offset whose header would run into the directory', () => {
    return zip([A, { ...B, central: { offset: zip([A, B]).length - DIRECTORY_FROM_END - 29 } }]);
  }),
  refuse('archive.local-name', 'the offset of another entry', () =>
    zip([A, { ...A, name: 'c.json', central: { offset: 0 } }]),
  ),
];

const extra = (id: number, size: number, content: Buffer | string = Buffer.alloc(size)) =>
  join(uint(2, id), uint(2, size), content);
const inLocal = (field: Buffer) => () => zip([{ ...A, local: { extra: field } }]);
const inDirectory = (field: Buffer) => () => zip([{ ...A, central: { extra: field } }]);
const ZIP64_OF_NOTHING = extra(1, 0);

/** Extra fields, which hold what does not fit a header. */
export const EXTRA_FIELDS: Case[] = [
  ...Object.entries({
    'Unix times and ids, as Info-ZIP writes them': join(extra(0x5455, 5), extra(0x7875, 11)),
    'NTFS times, as 7-Zip writes them': extra(0x000a, 32),
    'the mark of a jar': extra(0xcafe, 0),
    'an alignment with its length': extra(0xd935, 6),
    'an unknown field': extra(0x4a4b, 7, 'unknown'),
    'an empty unknown field': extra(0x4a4b, 0),
    'one unknown field twice': join(extra(0x4a4b, 1), extra(0x4a4b, 2)),
    'a comment in Unicode': extra(0x6375, 9),
  }).flatMap(([what, field]) => {
    return [
      accept(`${what}, in the local header`, inLocal(field)),
      accept(`${what}, in the directory`, inDirectory(field)),
    ];
  }),
  ...[1, 2, 3, 4, 11].map((zeros) => accept(`${zeros} zeros that align data`, inLocal(Buffer.alloc(zeros)))),
  accept('a zero behind a field', inLocal(join(extra(0x5455, 5), '\0'))),
  ...Object.entries({
    'a field longer than its header': extra(0x5455, 6, 'short'),
    'a field much longer than its header': extra(0x5455, 0xffff, 'short'),
    'a second field longer than its header': join(extra(0x5455, 5), extra(0x7875, 2, 'x')),
    'a byte that is no field': join(extra(0x5455, 5), 'x'),
    'three bytes that are no field': join('abc'),
    'ZIP64 twice': join(ZIP64_OF_NOTHING, ZIP64_OF_NOTHING),
    'ZIP64 twice around another field': join(ZIP64_OF_NOTHING, extra(0x5455, 5), ZIP64_OF_NOTHING),
  }).flatMap(([what, field]) => {
    return [
      refuse('archive.extra-field', `${what}, in the local header`, inLocal(field)),
      refuse('archive.extra-field', `${what}, in the directory`, inDirectory(field)),
    ];
  }),
];

const flagged =
  (flags: number, file = A) =>
  () =>
    zip([{ ...file, both: { flags: 0x0800 | flags } }]);
const METHODS = [1, 2, 3, 4, 5, 6, 7, 9, 10, 12, 14, 16, 18, 19, 20, 93, 94, 95, 96, 97, 98, 0xffff];

/** Flags and methods. */
export const METHODS_AND_FLAGS: Case[] = [
  ...[2, 4, 6].map((level) => accept(`compression level ${level} in the flags`, flagged(level))),
  ...[0x10, 0x80, 0x100, 0x200, 0x400, 0x1000, 0x4000, 0x8000].map((flag) =>
    refuse('archive.flags', `flag ${flag.toString(16)}, which stands for nothing`, flagged(flag)),
  ),
  refuse('archive.flags', 'a flag that stands for nothing, of noise', () =>
    zip([A, { name: '.DS_Store', data: 'x', both: { flags: 0x8000 } }]),
  ),
  accept('no flag for UTF-8 and a name in ASCII', () => zip([{ ...A, both: { flags: 0 } }])),
  accept('compression level 6 in the flags of stored data', flagged(6, B)),
  ...METHODS.map((method) =>
    refuse('archive.method', `method ${method}`, () => zip([A, { ...A, name: 'c.json', both: { method } }])),
  ),
  refuse('archive.method', 'method 99, AES, without its flag and its field', () =>
    zip([{ ...A, both: { method: 99 } }]),
  ),
  refuse('archive.encrypted', 'method 99, AES, with its field, without its flag', () =>
    zip([{ ...A, both: { method: 99, extra: extra(0x9901, 7) } }]),
  ),
  ...Object.entries({
    AES: extra(0x9901, 7, '\x02\0AE\x03\x08\0'),
    'strong encryption': extra(0x0017, 8),
    'recipients of encryption': extra(0x0019, 8),
  }).flatMap(([what, field]) => [
    refuse('archive.encrypted', `a field of ${what}, in the local header`, inLocal(field)),
    refuse('archive.encrypted', `a field of ${what}, in the directory`, inDirectory(field)),
  ]),
  refuse('archive.patch', 'a field of patches, in the local header', inLocal(extra(0x000f, 8))),
  refuse('archive.patch', 'a field of patches, in the directory', inDirectory(extra(0x000f, 8))),
  refuse('archive.method', 'deflate64 that all who inflate can read', () => zip([{ ...A, both: { method: 9 } }])),
  ...pair('plain data', 'archive.encrypted', (isMutant) => zip([A, { ...B, both: { flags: Number(isMutant) } }])),
  refuse('archive.encrypted', 'encryption with its header of 12 bytes', () => {
    return zip([{ ...B, compressed: join(Buffer.alloc(12), B.data), both: { flags: 0x0801, size: 12 } }]);
  }),
  refuse('archive.encrypted', 'method 99, AES', () =>
    zip([{ ...A, both: { flags: 0x0801, method: 99, extra: extra(0x9901, 7) } }]),
  ),
  refuse('archive.encrypted', 'strong encryption', flagged(0x41)),
  refuse('archive.encrypted', 'strong encryption without encryption', flagged(0x40)),
  refuse('archive.encrypted', 'masked headers', flagged(0x2000)),
  refuse('archive.encrypted', 'encryption of a file that is passed over', () =>
    zip([A, { name: '.DS_Store', data: 'x', both: { flags: 1 } }]),
  ),
  refuse('archive.encrypted', 'encryption of a folder', () =>
    zip([A, { name: 'd/', data: '', store: true, both: { flags: 1 } }]),
  ),
  ...pair('whole data', 'archive.patch', (isMutant) =>
    zip([A, { ...A, name: 'c.json', both: { flags: isMutant ? 0x0820 : 0x0804 } }]),
  ),
  refuse('archive.patch', 'a patch of stored data', flagged(0x20, B)),
  ...pair('data in this file', 'archive.multi-disk', (isMutant) =>
    zip([{ ...B, name: 'here.json', central: { disk: Number(isMutant) } }]),
  ),
  refuse('archive.multi-disk', 'the last entry on another disk', () => zip([A, { ...B, central: { disk: 65_534 } }])),
  refuse('archive.gap', 'the mark of a split archive', () => zip([{ ...A, before: join('PK\x07\x08') }])),
  refuse('archive.gap', 'the mark of a split archive that came to one part', () =>
    zip([{ ...A, before: join('PK00') }]),
  ),
  exceed('archive.entry-size', 'a size of 4 GB, stored', () =>
    zip([{ ...B, both: { size: 0xfffffffe, compressedSize: 0xfffffffe } }]),
  ),
];
