import { crc32, deflateRawSync } from 'node:zlib';

/** Values that a header states in place of the true ones. */
type HeaderFields = {
  flags?: number;
  method?: number;
  crc?: number;
  compressedSize?: number;
  size?: number;
  name?: Buffer;
  extra?: Buffer;
};

export type ZipFile = {
  name: string;
  data: string | Buffer;
  /** Whether the data is kept as it is, not deflated. */
  store?: boolean;
  /** Bytes in place of the compressed data; the headers state their length, and the checksum and size of `data`. */
  compressed?: Buffer;
  /** What both headers state, then what only one of them does. */
  both?: HeaderFields;
  local?: HeaderFields;
  central?: CentralOnly;
  /** Bytes between the entry before, or the start, and this one. */
  before?: Buffer;
  /** Bytes behind the data. */
  descriptor?: Buffer;
};

type CentralOnly = HeaderFields & {
  versionMadeBy?: number;
  mode?: number;
  /** MS-DOS attributes. */
  attributes?: number;
  disk?: number;
  offset?: number;
  comment?: Buffer;
};

export type ZipOptions = {
  comment?: Buffer;
  /** Bytes between the last entry and the directory. */
  gap?: Buffer;
  /** Places of the files in the order in which the directory names them. */
  order?: readonly number[];
  /** Bytes between the directory and the end records. */
  behindDirectory?: Buffer;
  /** Whether a ZIP64 end record is written, as tools that stream do. */
  zip64?: boolean;
  end?: {
    disk?: number;
    directoryDisk?: number;
    entriesHere?: number;
    entries?: number;
    size?: number;
    offset?: number;
  };
  end64?: {
    disk?: number;
    directoryDisk?: number;
    entriesHere?: bigint;
    entries?: bigint;
    size?: bigint;
    offset?: bigint;
    length?: bigint;
    /** Bytes behind the fields. */
    beyond?: Buffer;
    start?: bigint;
    /** What the locator says of disks. */
    startDisk?: number;
    disks?: number;
  };
};

const VERSION = 20;
const UTF8_FLAG = 0x0800;
/** 1 January 1980, 00:00: the first date that a ZIP can hold. */
const DOS_DATE = 0x0021;
const UNIX = 3 << 8;
const NOTHING = Buffer.alloc(0);

type Fields = Required<HeaderFields>;
type CentralFields = Fields & CentralOnly & { offset: number };

/** A ZIP archive of the files in their order: the same bytes on every run. */
export function zip(files: readonly ZipFile[], options: ZipOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const headers: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const { before = NOTHING, descriptor = NOTHING } = file;
    const { compressed, ...fields } = trueFields(file);
    offset += before.length;
    const local = Buffer.concat([localHeader({ ...fields, ...file.both, ...file.local }), compressed, descriptor]);
    headers.push(centralHeader({ ...fields, offset, ...file.both, ...file.central }));
    parts.push(before, local);
    offset += local.length;
  }
  parts.push(options.gap ?? NOTHING);
  offset += options.gap?.length ?? 0;
  const directory = Buffer.concat(options.order?.map((place) => headers[place] ?? NOTHING) ?? headers);
  return Buffer.concat([
    ...parts,
    directory,
    options.behindDirectory ?? NOTHING,
    endRecords({ offset, size: directory.length, entries: options.order?.length ?? files.length }, options),
  ]);
}

function trueFields({ name, data, store, compressed }: ZipFile): Fields & { compressed: Buffer } {
  const bytes = Buffer.from(data);
  const packed = compressed ?? (store ? bytes : deflateRawSync(bytes));
  return {
    flags: UTF8_FLAG,
    method: store ? 0 : 8,
    crc: crc32(bytes),
    compressedSize: packed.length,
    size: bytes.length,
    name: Buffer.from(name),
    extra: NOTHING,
    compressed: packed,
  };
}

function localHeader(fields: Fields): Buffer {
  const head = [uint(4, 0x04034b50), ...commonFields(fields)];
  return Buffer.concat([...head, fields.name, fields.extra]);
}

function centralHeader(fields: CentralFields): Buffer {
  const {
    versionMadeBy = UNIX | VERSION,
    disk = 0,
    mode = 0o100644,
    attributes = 0,
    offset,
    comment = NOTHING,
  } = fields;
  return Buffer.concat([
    uint(4, 0x02014b50),
    uint(2, versionMadeBy),
    ...commonFields(fields),
    uint(2, comment.length),
    uint(2, disk),
    uint(2, 0),
    uint(4, mode * 0x10000 + attributes),
    uint(4, offset),
    fields.name,
    fields.extra,
    comment,
  ]);
}

function commonFields({ flags, method, crc, compressedSize, size, name, extra }: Fields): Buffer[] {
  return [
    uint(2, VERSION),
    uint(2, flags),
    uint(2, method),
    uint(2, 0),
    uint(2, DOS_DATE),
    uint(4, crc),
    uint(4, compressedSize),
    uint(4, size),
    uint(2, name.length),
    uint(2, extra.length),
  ];
}

function endRecords(place: { offset: number; size: number; entries: number }, options: ZipOptions): Buffer {
  const { comment = NOTHING } = options;
  const { entries, size, offset, disk = 0, directoryDisk = 0, ...rest } = { ...place, ...options.end };
  const end = [
    uint(4, 0x06054b50),
    uint(2, disk),
    uint(2, directoryDisk),
    uint(2, rest.entriesHere ?? entries),
    uint(2, entries),
    uint(4, size),
    uint(4, offset),
    uint(2, comment.length),
    comment,
  ];
  return Buffer.concat(options.zip64 ? [...zip64Records(place, options), ...end] : end);
}

function zip64Records(place: { offset: number; size: number; entries: number }, options: ZipOptions): Buffer[] {
  const fields = {
    entries: BigInt(place.entries),
    size: BigInt(place.size),
    offset: BigInt(place.offset),
    beyond: NOTHING,
    start: BigInt(place.offset + place.size + (options.behindDirectory?.length ?? 0)),
    ...options.end64,
  };
  const { entries, entriesHere = entries, size, offset, beyond, start } = fields;
  return [
    uint(4, 0x06064b50),
    uint64(fields.length ?? BigInt(44 + beyond.length)),
    uint(2, UNIX | 45),
    uint(2, 45),
    uint(4, fields.disk ?? 0),
    uint(4, fields.directoryDisk ?? 0),
    ...[entriesHere, entries, size, offset].map(uint64),
    beyond,
    uint(4, 0x07064b50),
    uint(4, fields.startDisk ?? 0),
    uint64(start),
    uint(4, fields.disks ?? 1),
  ];
}

/** An unsigned number, little-endian. */
export function uint(width: 2 | 4, value: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntLE(value, 0, width);
  return bytes;
}

/** An unsigned number of 8 bytes, little-endian. */
export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
