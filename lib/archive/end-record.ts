import { ARCHIVE_ENTRIES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import { readZip64End, type Zip64End } from './zip64-end.ts';

/** Where the central directory of an archive is, in bytes from its start. */
export type DirectoryPlace = { offset: number; size: number; entries: number; endRecord: number };

const SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const END_RECORD_BYTES = 22;
const COMMENT_BYTES = 0xffff;

/**
 * Finds the central directory by the record at the end of an archive, plain or ZIP64.
 * Throws an `ApiError` unless there is exactly one end, on one disk, and the directory ends where its end begins.
 */
export function findDirectory(bytes: Buffer): DirectoryPlace {
  const endRecord = findEndRecord(bytes);
  const zip64 = readZip64End(bytes, endRecord);
  const field = (offset: number, width: 2 | 4, of64: keyof Zip64End) =>
    agreedValue(bytes.readUIntLE(endRecord + offset, width), width, zip64?.[of64]);
  const disk = field(4, 2, 'disk');
  const directoryDisk = field(6, 2, 'directoryDisk');
  const entriesHere = field(8, 2, 'entriesHere');
  const entries = field(10, 2, 'entries');
  const place = { entries, size: field(12, 4, 'size'), offset: field(16, 4, 'offset'), endRecord };
  checkDisks(disk, directoryDisk, entriesHere, entries);
  checkEntryCount(entries);
  checkDirectoryPlace(place, zip64?.start ?? endRecord);
  return place;
}

/** Offset of the one end record whose comment ends with the file. */
function findEndRecord(bytes: Buffer): number {
  const at = firstEnd(bytes);
  if (at < 0) {
    throw refusal(
      'archive.not-zip',
      `Expected a ZIP archive, found ${bytes.length} bytes without a record that ends one`,
    );
  }
  // Readers that take the last signature would read another archive, whether its comment fits or not.
  if (bytes.includes(SIGNATURE, at + 1)) {
    throw refusal('archive.two-ends', `Expected one end of the archive, found another behind the one at byte ${at}`);
  }
  return at;
}

/** Whether bytes end as an archive does, whatever they start with. */
export function endsAsArchive(bytes: Buffer): boolean {
  return firstEnd(bytes) >= 0;
}

/** Below zero if there is none. */
function firstEnd(bytes: Buffer): number {
  let at = bytes.indexOf(SIGNATURE, Math.max(0, bytes.length - END_RECORD_BYTES - COMMENT_BYTES));
  while (at >= 0 && !endsFile(bytes, at)) at = bytes.indexOf(SIGNATURE, at + 1);
  return at;
}

function endsFile(bytes: Buffer, at: number): boolean {
  const fixedEnd = at + END_RECORD_BYTES;
  return fixedEnd <= bytes.length && fixedEnd + bytes.readUInt16LE(at + 20) === bytes.length;
}

/** A field of the end record: all ones defer to ZIP64, where there is one; else both must tell the same. */
function agreedValue(value: number, width: 2 | 4, value64: number | undefined): number {
  if (value64 === undefined || value === value64) return value;
  if (value === 2 ** (8 * width) - 1) return value64;
  throw refusal('archive.zip64', `Expected both end records of the archive to agree, found ${value} and ${value64}`);
}

function checkDisks(disk: number, directoryDisk: number, entriesHere: number, entries: number): void {
  if (disk === 0 && directoryDisk === 0 && entriesHere === entries) return;
  throw refusal('archive.multi-disk', 'Expected an archive in one file, found a part of one that is split');
}

function checkEntryCount(entries: number): void {
  if (entries <= ARCHIVE_ENTRIES) return;
  throw refusal('archive.entries', `Expected at most ${ARCHIVE_ENTRIES} entries in an archive, found ${entries}`);
}

function checkDirectoryPlace({ offset, size }: DirectoryPlace, end: number): void {
  if (offset + size === end) return;
  const found = `${size} bytes at ${offset}`;
  throw refusal('archive.directory', `Expected the archive's directory to end at byte ${end}, found ${found}`);
}
