import { type File, Open } from 'unzipper';
import { refusal } from '../refusals.ts';
import type { DirectoryPlace } from './end-record.ts';
import { checkName, checkNameLength } from './entry-name.ts';
import { checkExtraClaims } from './extra-claims.ts';
import { readExtraFields, UNICODE_PATH, ZIP64 } from './extra-fields.ts';
import { decodeName, otherReadings } from './name-encoding.ts';
import { readZip64Fields } from './zip64-fields.ts';

declare module 'unzipper' {
  namespace Open {
    // Its types do not know the option.
    function buffer(data: Buffer, options: { tailSize: number }): Promise<CentralDirectory>;
  }
}

/** What the directory says of an entry; sizes and offsets in bytes, ZIP64 resolved. */
export type CentralEntry = {
  /** Its place in the directory, from 1. */
  place: number;
  name: string;
  /** What other readers may take the name for. */
  otherReadings: readonly string[];
  rawName: Buffer;
  unicodePath: Buffer | undefined;
  versionNeeded: number;
  flags: number;
  method: number;
  crc: number;
  compressedSize: number;
  size: number;
  /** Of its local header, from the start of the archive. */
  offset: number;
  disk: number;
  /** MS-DOS attributes below, the Unix file mode above; each 0 where the writer gave none. */
  attributes: number;
};

/** A header of the directory as its bytes are. */
type RawHeader = { place: number; fixed: Buffer; name: Buffer; extra: Buffer };

const SIGNATURE = 0x02014b50;
const HEADER_BYTES = 46;

/** The entries of the directory in its order. Throws an `ApiError` unless they fill it exactly. */
export async function readDirectory(bytes: Buffer, place: DirectoryPlace): Promise<CentralEntry[]> {
  const headers = walkDirectory(bytes, place);
  // The exact tail: unzipper takes the first signature in it, which in a longer one may be an entry's data.
  const { files } = await Open.buffer(bytes, { tailSize: bytes.length - place.endRecord });
  return headers.map((header) => toCentralEntry(header, files[header.place - 1]));
}

/** Proves the lengths before they are trusted: past the end of its input unzipper waits or fails out of reach. */
function walkDirectory(bytes: Buffer, { offset, size, entries }: DirectoryPlace): RawHeader[] {
  const headers: RawHeader[] = [];
  const end = offset + size;
  let at = offset;
  for (let place = 1; place <= entries; place++) {
    if (at + HEADER_BYTES > end || bytes.readUInt32LE(at) !== SIGNATURE) {
      const found = `${headers.length}`;
      throw refusal('archive.directory', `Expected ${entries} entries in the archive's directory, found ${found}`);
    }
    const fixed = bytes.subarray(at, at + HEADER_BYTES);
    const nameEnd = at + HEADER_BYTES + fixed.readUInt16LE(28);
    const extraEnd = nameEnd + fixed.readUInt16LE(30);
    checkNameLength(place, fixed.readUInt16LE(28));
    headers.push({
      place,
      fixed,
      name: bytes.subarray(at + HEADER_BYTES, nameEnd),
      extra: bytes.subarray(nameEnd, extraEnd),
    });
    at = extraEnd + fixed.readUInt16LE(32);
  }
  if (at === end) return headers;
  const found = `${at - offset}`;
  throw refusal(
    'archive.directory',
    `Expected the directory's ${entries} entries to take ${size} bytes, found ${found}`,
  );
}

function toCentralEntry({ place, fixed, name: raw, extra }: RawHeader, file: File | undefined): CentralEntry {
  const extraFields = readExtraFields(place, extra);
  const [size, compressedSize, offset, disk] = readZip64Fields(
    place,
    [
      { value: fixed.readUInt32LE(24), width: 4 },
      { value: fixed.readUInt32LE(20), width: 4 },
      { value: fixed.readUInt32LE(42), width: 4 },
      { value: fixed.readUInt16LE(34), width: 2 },
    ],
    extraFields.get(ZIP64),
  );
  const isAgreed =
    file?.pathBuffer.equals(raw) &&
    file.uncompressedSize === size &&
    file.compressedSize === compressedSize &&
    file.offsetToLocalFileHeader === offset;
  if (file === undefined || disk === undefined || !isAgreed) {
    throw refusal('archive.directory', `Expected two readings of entry ${place} to agree, found that they do not`);
  }
  const unicodePath = extraFields.get(UNICODE_PATH);
  const headerName = { place, raw, flags: file.flags, unicodePath };
  const name = decodeName(headerName);
  checkName(place, name);
  checkExtraClaims(name, extraFields);
  return {
    place,
    name,
    otherReadings: otherReadings(headerName, name),
    rawName: raw,
    unicodePath,
    versionNeeded: fixed.readUInt16LE(6),
    flags: file.flags,
    method: file.compressionMethod,
    crc: file.crc32,
    compressedSize: file.compressedSize,
    size: file.uncompressedSize,
    offset: file.offsetToLocalFileHeader,
    disk,
    attributes: file.externalFileAttributes,
  };
}
