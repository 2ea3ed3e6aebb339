import { type File, Open } from 'unzipper';
import { refusal } from '../refusals.ts';
import type { DirectoryPlace } from './end-record.ts';
import { decodeName } from './entry-name.ts';
import { inEntry } from './in-entry.ts';

declare module 'unzipper' {
  namespace Open {
    // Its types do not know the option.
    function buffer(data: Buffer, options: { tailSize: number }): Promise<CentralDirectory>;
  }
}

/** What the directory says of an entry; sizes and offsets in bytes, ZIP64 resolved. */
export type CentralEntry = {
  name: string;
  rawName: Buffer;
  flags: number;
  method: number;
  crc: number;
  compressedSize: number;
  size: number;
  /** Of its local header, from the start of the archive. */
  offset: number;
  disk: number;
  /** The Unix file mode, 0 where the writer gave none. */
  mode: number;
};

const SIGNATURE = 0x02014b50;
const HEADER_BYTES = 46;

/** The entries of the directory in its order. Throws an `ApiError` unless they fill it exactly. */
export async function readDirectory(bytes: Buffer, place: DirectoryPlace): Promise<CentralEntry[]> {
  walkDirectory(bytes, place);
  // The exact tail: unzipper takes the first signature in it, which in a longer one may be an entry's data.
  const directory = await Open.buffer(bytes, { tailSize: bytes.length - place.endRecord });
  return directory.files.map(toCentralEntry);
}

/** Proves the lengths before they are trusted: past the end of its input unzipper waits or fails out of reach. */
function walkDirectory(bytes: Buffer, { offset, size, entries }: DirectoryPlace): void {
  const end = offset + size;
  let at = offset;
  for (let entry = 0; entry < entries; entry++) {
    if (at + HEADER_BYTES > end || bytes.readUInt32LE(at) !== SIGNATURE) {
      throw refusal('archive.directory', `Expected ${entries} entries in the archive's directory, found ${entry}`);
    }
    at += HEADER_BYTES + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  if (at !== end) {
    throw refusal(
      'archive.directory',
      `Expected the directory's ${entries} entries to take ${size} bytes, found ${at - offset}`,
    );
  }
}

function toCentralEntry(file: File): CentralEntry {
  const rawName = Buffer.from(file.pathBuffer);
  const entry = {
    name: decodeName(rawName),
    rawName,
    flags: file.flags,
    method: file.compressionMethod,
    crc: file.crc32,
    compressedSize: file.compressedSize,
    size: file.uncompressedSize,
    offset: file.offsetToLocalFileHeader,
    disk: file.diskNumber,
    mode: file.externalFileAttributes >>> 16,
  };
  checkZip64Extra(entry);
  return entry;
}

/** Fields that defer to a ZIP64 extra are undefined, null or inexact where it lacks them. */
function checkZip64Extra({ name, compressedSize, size, offset }: CentralEntry): void {
  if ([compressedSize, size, offset].every(Number.isSafeInteger)) return;
  throw refusal('archive.zip64', inEntry(name, 'ZIP64 sizes and offset', 'fields without them'));
}
