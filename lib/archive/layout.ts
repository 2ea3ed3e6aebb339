import { refusal } from '../refusals.ts';
import { STORED } from './entry-header.ts';
import { inEntry } from './in-entry.ts';
import type { LocatedEntry } from './local-header.ts';

const DESCRIPTOR_SIGNATURE = 0x08074b50;
const SIGNATURE_BYTES = 4;
const CRC_BYTES = 4;
/** Of a descriptor, a local header, a header of the directory and the end: what readers of a stream look for. */
const RECORD_STARTS = ['PK\x07\x08', 'PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06'];

/**
 * Throws an `ApiError` unless the entries, with their data descriptors, fill the archive up to its directory: bytes of
 * two would hold data many times over, and bytes of none could hold an entry that other readers find.
 */
export function checkLayout(bytes: Buffer, entries: readonly LocatedEntry[], directoryOffset: number): void {
  const inOrder = entries.toSorted((a, b) => a.offset - b.offset);
  let end = 0;
  for (const [at, entry] of inOrder.entries()) {
    if (entry.offset < end) {
      throw refusal('archive.overlap', inEntry(entry.name, 'bytes of its own', 'those of another entry'));
    }
    checkNoGap(end, entry.offset);
    const next = inOrder[at + 1]?.offset ?? directoryOffset;
    checkStreamedEnd(bytes, entry);
    end = entry.hasDescriptor ? checkDescriptor(bytes, entry, next) : entry.end;
  }
  checkNoGap(end, directoryOffset);
}

function checkNoGap(end: number, next: number): void {
  if (end === next) return;
  const found = `${next - end} bytes at byte ${end} that belong to none`;
  throw refusal('archive.gap', `Expected the archive's entries to follow each other, found ${found}`);
}

/**
 * Where the data descriptor of an entry ends: a checksum and two sizes, after a signature or without. Sizes take 8 bytes
 * where ZIP64 is used, but not all tools say so in the header; which form it is follows from the bytes that are there.
 */
function checkDescriptor(bytes: Buffer, { name, end, crc, compressedSize, size }: LocatedEntry, next: number): number {
  const length = next - end;
  if (length < 0) return end;
  const width = length < 20 ? 4 : 8;
  const isSigned = length === SIGNATURE_BYTES + CRC_BYTES + 2 * width;
  if (!isSigned && length !== CRC_BYTES + 2 * width) throw noDescriptor(name, `${length} bytes that are none`);
  const start = isSigned ? end + SIGNATURE_BYTES : end;
  const sizeAt = (at: number) => (width === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at));
  const isTrue =
    (!isSigned || bytes.readUInt32LE(end) === DESCRIPTOR_SIGNATURE) &&
    bytes.readUInt32LE(start) === crc &&
    sizeAt(start + CRC_BYTES) === compressedSize &&
    sizeAt(start + CRC_BYTES + width) === size;
  if (isTrue) return next;
  throw noDescriptor(name, 'one with others');
}

/**
 * Stored data whose length follows it ends, to who reads a stream, at the first descriptor or header that is in it: with
 * a descriptor of its own there, what comes behind is an archive that no directory names. Text never holds one.
 */
function checkStreamedEnd(bytes: Buffer, { name, method, hasDescriptor, dataStart, end }: LocatedEntry): void {
  if (method !== STORED || !hasDescriptor) return;
  const data = bytes.subarray(dataStart, end);
  if (!RECORD_STARTS.some((start) => data.includes(start, 0, 'latin1'))) return;
  const expected = 'stored data without the start of a record before its data descriptor';
  throw refusal('archive.stored-descriptor', inEntry(name, expected, 'one'));
}

function noDescriptor(name: string, found: string) {
  return refusal('archive.descriptor', inEntry(name, 'a data descriptor with its checksum and sizes', found));
}
