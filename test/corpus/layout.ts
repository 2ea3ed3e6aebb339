import { crc32, deflateRawSync } from 'node:zlib';
import { uint, uint64, type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, JOB, join, pair, patch, refuse } from './case.ts';

type Form = { isSigned?: boolean; width?: 4 | 8; crc?: number; compressedSize?: number; size?: number };

const STREAMED = 0x0808;
const DEFERRED = { flags: STREAMED, crc: 0, compressedSize: 0, size: 0 };
const ZIP64_OF_NOTHING = join(uint(2, 1), uint(2, 16), Buffer.alloc(16));

function descriptor({ data, store }: ZipFile, form: Form = {}): Buffer {
  const { isSigned = true, width = 4, ...fields } = form;
  const compressed = store ? data.length : deflateRawSync(data).length;
  const { crc, compressedSize, size } = { crc: crc32(data), compressedSize: compressed, size: data.length, ...fields };
  const sizes = [compressedSize, size].map((value) => (width === 4 ? uint(4, value) : uint64(BigInt(value))));
  return join(isSigned ? 'PK\x07\x08' : '', uint(4, crc), ...sizes);
}

/** A file whose checksum and sizes come behind its data only. */
function streamed(file: ZipFile, form?: Form): ZipFile {
  return { ...file, local: DEFERRED, central: { flags: STREAMED }, descriptor: descriptor(file, form) };
}

const FORMS: Record<string, Form> = {
  'a signed descriptor': {},
  'a descriptor without a signature': { isSigned: false },
  'a signed descriptor of 8-byte sizes': { width: 8 },
  'a descriptor of 8-byte sizes without a signature': { isSigned: false, width: 8 },
};
const KINDS: Record<string, ZipFile> = { deflated: A, stored: B };
const forms = Object.entries(FORMS).flatMap(([what, form]) =>
  Object.entries(KINDS).map(([kind, file]) => ({ what: `${what}, ${kind}`, form, file })),
);
const other = (file: ZipFile) => (file === A ? B : A);

/** Data descriptors, which repeat checksum and sizes behind the data. */
export const DESCRIPTORS: Case[] = [
  ...forms.flatMap(({ what, form, file }) => [
    accept(`${what}, header of zeros`, () => zip([streamed(file, form), other(file)])),
    accept(`${what}, at the end`, () => zip([other(file), streamed(file, form)])),
    accept(`${what}, header with all`, () => {
      return zip([{ ...file, both: { flags: STREAMED }, descriptor: descriptor(file, form) }, other(file)]);
    }),
    accept(`${what}, header with ZIP64`, () => {
      const local = { ...DEFERRED, compressedSize: 0xffffffff, size: 0xffffffff, extra: ZIP64_OF_NOTHING };
      return zip([{ ...streamed(file, form), local }, other(file)]);
    }),
    refuse('archive.descriptor', `${what}, another checksum`, () =>
      zip([streamed(file, { ...form, crc: 1 }), other(file)]),
    ),
    refuse('archive.descriptor', `${what}, another compressed size`, () => {
      return zip([streamed(file, { ...form, compressedSize: 1 }), other(file)]);
    }),
    refuse('archive.descriptor', `${what}, another size`, () =>
      zip([streamed(file, { ...form, size: 1 }), other(file)]),
    ),
    refuse('archive.descriptor', `${what}, a byte behind it`, () => {
      return zip([{ ...streamed(file, form), descriptor: join(descriptor(file, form), 'x') }, other(file)]);
    }),
    refuse('archive.descriptor', `${what}, cut`, () => {
      return zip([other(file), { ...streamed(file, form), descriptor: descriptor(file, form).subarray(0, -1) }]);
    }),
    refuse('archive.gap', `${what}, without its flag`, () =>
      zip([{ ...file, descriptor: descriptor(file, form) }, other(file)]),
    ),
  ]),
  accept('a folder with a descriptor, as jar writes it', () => {
    return zip([streamed({ name: 'd/', data: '' }), streamed(A)]);
  }),
  ...Object.entries({
    'a descriptor and an entry behind it': () => join(ofPrefix('x'), localEntry()),
    'a descriptor of its first byte': () => join(ofPrefix('x'), 'y'),
    'a descriptor of nothing': () => ofPrefix(''),
    'a descriptor that is not true': () => join('x', descriptor(B, { crc: 1 })),
    'the start of an entry': () => join('x', localEntry()),
    'the start of a directory': () => join('xPK\x01\x02y'),
    'the end of an archive': () => join('xPK\x05\x06y'),
  }).flatMap(([what, data]) =>
    ['.DS_Store', 'manifest.json'].map((name) => {
      return refuse('archive.stored-descriptor', `stored data of ${name} that holds ${what}, before a descriptor`, () =>
        zip([A, streamed({ name, data: data(), store: true })]),
      );
    }),
  ),
  refuse('archive.stored-descriptor', 'stored data that holds a descriptor, before one, sizes in the header', () => {
    const file = { name: '.DS_Store', data: ofPrefix('x'), store: true };
    return zip([A, { ...file, both: { flags: STREAMED }, descriptor: descriptor(file) }]);
  }),
  accept('stored noise that holds a descriptor, its size in the header', () =>
    zip([A, { name: '.DS_Store', data: ofPrefix('x'), store: true }]),
  ),
  accept('deflated noise that holds a descriptor, before one', () =>
    zip([A, streamed({ name: '.DS_Store', data: ofPrefix('x') })]),
  ),
  accept('stored data with the letters of a signature, before a descriptor', () =>
    zip([streamed({ name: 'c.json', data: '{"name":"c","desc":"PK\\u0007\\u0008 PK"}', store: true })]),
  ),
  accept('a file without data with a descriptor', () =>
    zip([A, streamed({ name: '.DS_Store', data: '', store: true })]),
  ),
  ...pair('a descriptor there', 'archive.descriptor', (isMutant) => {
    const { descriptor: there, ...file } = streamed(A);
    return zip([B, isMutant || there === undefined ? file : { ...file, descriptor: there }, { ...B, name: 'c.json' }]);
  }),
  refuse('archive.descriptor', 'a flag for a descriptor that is not there, header with all', () => {
    return zip([{ ...A, both: { flags: STREAMED } }, B]);
  }),
  refuse('archive.descriptor', 'no descriptor of the last entry', () => {
    return zip([B, { ...A, local: DEFERRED, central: { flags: STREAMED } }]);
  }),
  refuse('archive.descriptor', 'a damaged signature', () => {
    return zip([{ ...streamed(A), descriptor: patch(descriptor(A), 0, 0x51) }]);
  }),
  refuse('archive.descriptor', 'a descriptor with the data of another entry', () => {
    return zip([{ ...streamed(A), descriptor: descriptor(B) }, B]);
  }),
  refuse('archive.descriptor', 'an entry hidden behind a descriptor', () => {
    return zip([{ ...streamed(A), descriptor: join(descriptor(A), localEntry()) }, B]);
  }),
  ...(['crc', 'compressedSize', 'size'] as const).map((field) => {
    return refuse('archive.local-sizes', `a header with another ${field} before a descriptor`, () => {
      return zip([{ ...streamed(A), local: { ...DEFERRED, [field]: 1 } }]);
    });
  }),
  refuse('archive.crc', 'a descriptor and headers that agree on a wrong checksum', () => {
    return zip([{ ...A, both: { flags: STREAMED, crc: 1 }, descriptor: descriptor(A, { crc: 1 }) }]);
  }),
];

/** Data that a reader without a directory takes for a shorter one with its descriptor. */
function ofPrefix(data: string): Buffer {
  return join(data, descriptor({ name: '', data, store: true }));
}

/** A whole local entry, that no directory names. */
function localEntry(): Buffer {
  const bytes = zip([{ name: 'x.json', data: '{"name":"hidden"}' }]);
  return bytes.subarray(0, bytes.readUInt32LE(bytes.length - 6));
}

const STRAYS: Record<string, () => Buffer> = {
  'a byte': () => join('x'),
  'a byte of zero': () => join('\0'),
  'zeros up to a page': () => Buffer.alloc(4_000),
  'an entry that the directory does not name': localEntry,
  'an archive': () => zip([B]),
  'a data descriptor of nothing': () => join('PK\x07\x08', Buffer.alloc(12)),
  'a record of extra data': () => join('PK\x06\x08', uint(4, 4), 'data'),
};

/** Bytes that belong to nobody. */
export const GAPS: Case[] = [
  ...Object.entries(STRAYS).flatMap(([what, stray]) => [
    refuse('archive.gap', `${what} before the first entry`, () => zip([{ ...A, before: stray() }, B])),
    refuse('archive.gap', `${what} between entries`, () => zip([A, { ...B, before: stray() }])),
    refuse('archive.gap', `${what} before the directory`, () => zip([A, B], { gap: stray() })),
    refuse('archive.directory', `${what} behind the directory`, () => zip([A, B], { behindDirectory: stray() })),
  ]),
  refuse('archive.gap', 'a signature of packages before the directory', () => {
    return zip([A], { gap: join(uint64(24n), uint64(24n), 'APK Sig Block 42') });
  }),
  refuse('archive.gap', 'bytes between entries in another order', () => {
    return zip([A, { ...B, before: join('x') }], { order: [1, 0] });
  }),
];

/** A stored entry whose data is the local entry of another, and where that starts. */
function around(inner: ZipFile): { outer: ZipFile; offset: number } {
  const bytes = zip([inner]);
  const data = bytes.subarray(0, bytes.readUInt32LE(bytes.length - 6));
  return { outer: { name: 'o.json', data, store: true }, offset: 30 + 'o.json'.length };
}

/** Entries that share bytes. */
export const OVERLAPS: Case[] = [
  ...pair('an entry of its own', 'archive.overlap', (isMutant) => {
    const { outer, offset } = around(A);
    const text = { ...outer, data: `["${'x'.repeat(outer.data.length - 4)}"]` };
    return isMutant ? zip([outer, { ...A, central: { offset } }], { order: [1, 0] }) : zip([text, A]);
  }),
  refuse('archive.overlap', 'an entry in the data of another, the directory in their order', () => {
    const { outer, offset } = around(B);
    return zip([outer, { ...B, central: { offset } }]);
  }),
  refuse('archive.overlap', 'data that runs into the next header', () => {
    const next = { name: 'c.json', data: '{"name":"c"}', store: true };
    const shared = join('{"name":"b"}', zip([next]).subarray(0, 10));
    return zip([{ ...B, both: { size: 22, compressedSize: 22, crc: crc32(shared) } }, next]);
  }),
  refuse('archive.overlap', 'data that takes all of the next entry', () => {
    const length = 12 + zip([B]).length - 22 - 52;
    return zip([{ ...B, name: 'c.json', both: { size: length, compressedSize: length } }, B]);
  }),
  refuse('archive.overlap', 'deflated data that quotes the next header', () => quoting(2)),
  refuse('archive.overlap', 'deflated data that quotes 250 headers', () => quoting(250)),
  refuse('archive.overlap', 'a descriptor in the next entry', () => {
    const file = streamed(A);
    return zip([{ ...file, descriptor: join(''), both: { compressedSize: deflateRawSync(JOB).length + 8 } }, B]);
  }),
  refuse('archive.data-range', 'data that runs into the directory', () =>
    zip([A, { ...B, both: { size: 40, compressedSize: 40 } }]),
  ),
  refuse('archive.data-range', 'data that runs out of the file', () =>
    zip([{ ...A, both: { compressedSize: 0xfffffffe } }]),
  ),
];

/** Entries that each hold, as a stored block of deflate, the headers of those behind it, and all one kernel. */
function quoting(count: number): Buffer {
  const files: ZipFile[] = [];
  let content: Buffer = Buffer.alloc(1_000, ' ');
  let tail: Buffer = deflateRawSync(content);
  for (let n = count; n > 0; n--) {
    const file = { name: `${n}.json`, data: content, compressed: tail };
    files.unshift(file);
    const bytes = zip([file]);
    const entry = bytes.subarray(0, bytes.readUInt32LE(bytes.length - 6));
    const header = entry.subarray(0, entry.length - tail.length);
    tail = join('\0', uint(2, header.length), uint(2, 0xffff - header.length), entry);
    content = join(header, content);
  }
  return withSharedData(files);
}

/** An archive of files each of whose local entries ends with that of the next. */
function withSharedData(files: ZipFile[]): Buffer {
  const [first] = files;
  if (first === undefined) throw new Error('no files');
  const whole = zip([first]);
  const entries = whole.subarray(0, whole.readUInt32LE(whole.length - 6));
  const offsets = files.map((file) => {
    const alone = zip([file]);
    return entries.length - alone.readUInt32LE(alone.length - 6);
  });
  const directory = files.map((file, at) => {
    const alone = zip([{ ...file, central: { offset: offsets[at] ?? 0 } }]);
    return alone.subarray(alone.readUInt32LE(alone.length - 6), -22);
  });
  const size = directory.reduce((sum, header) => sum + header.length, 0);
  const end = zip([], { end: { entries: files.length, size, offset: entries.length } });
  return join(entries, ...directory, end);
}
