import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { checkEncryption } from './entry-header.ts';
import { inEntry } from './in-entry.ts';

/** The bytes that an entry takes: from its local header on, its data from `dataStart` to `end`, exclusive. */
export type EntryRange = { name: string; start: number; dataStart: number; end: number };

const SIGNATURE = 0x04034b50;
const HEADER_BYTES = 30;
/** Checksum and sizes follow the data, so that the header may have zeros. */
const DESCRIPTOR_FLAG = 0x0008;
const DEFERRED = 0xffffffff;
const ZIP64_EXTRA = 1;

/** Where the data of an entry is. Throws an `ApiError` unless its local header is there and says what the directory says. */
export function locateData(bytes: Buffer, entry: CentralEntry, directoryOffset: number): EntryRange {
  checkHeaderPlace(bytes, entry, directoryOffset);
  const nameStart = entry.offset + HEADER_BYTES;
  const nameEnd = nameStart + bytes.readUInt16LE(entry.offset + 26);
  const dataStart = nameEnd + bytes.readUInt16LE(entry.offset + 28);
  const range = { name: entry.name, start: entry.offset, dataStart, end: dataStart + entry.compressedSize };
  checkDataPlace(range, directoryOffset);
  checkLocalName(entry, bytes.subarray(nameStart, nameEnd));
  checkEncryption(entry.name, bytes.readUInt16LE(entry.offset + 6));
  checkLocalMethod(entry, bytes.readUInt16LE(entry.offset + 8));
  checkLocalSizes(entry, bytes.subarray(entry.offset, nameStart), bytes.subarray(nameEnd, dataStart));
  return range;
}

/** Throws an `ApiError` if two entries share a byte: one archive would hold its data many times over. */
export function checkOverlaps(ranges: readonly EntryRange[]): void {
  let end = 0;
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    if (range.start < end)
      throw refusal('archive.overlap', inEntry(range.name, 'bytes of its own', 'those of another entry'));
    end = range.end;
  }
}

function checkHeaderPlace(bytes: Buffer, { name, offset }: CentralEntry, directoryOffset: number): void {
  if (offset + HEADER_BYTES <= directoryOffset && bytes.readUInt32LE(offset) === SIGNATURE) return;
  throw refusal('archive.local-header', inEntry(name, `a local header at byte ${offset}`, 'none'));
}

function checkDataPlace({ name, end }: EntryRange, directoryOffset: number): void {
  if (end <= directoryOffset) return;
  throw refusal(
    'archive.data-range',
    inEntry(name, `data that ends before the directory at ${directoryOffset}`, `${end}`),
  );
}

function checkLocalName({ name, rawName }: CentralEntry, localName: Buffer): void {
  if (localName.equals(rawName)) return;
  throw refusal('archive.local-name', inEntry(name, 'the same name in its local header', 'another'));
}

function checkLocalMethod({ name, method }: CentralEntry, localMethod: number): void {
  if (localMethod === method) return;
  throw refusal(
    'archive.local-method',
    inEntry(name, `compression method ${method} in its local header`, `${localMethod}`),
  );
}

function checkLocalSizes(entry: CentralEntry, header: Buffer, extra: Buffer): void {
  const mayBeZero = (header.readUInt16LE(6) & DESCRIPTOR_FLAG) !== 0;
  const [compressedSize, size] = readLocalSizes(header, extra);
  const fields = [
    ['checksum', entry.crc, header.readUInt32LE(14)],
    ['compressed size', entry.compressedSize, compressedSize],
    ['size', entry.size, size],
  ] as const;
  for (const [field, central, local] of fields) {
    if (local === central || (mayBeZero && local === 0)) continue;
    throw refusal(
      'archive.local-sizes',
      inEntry(entry.name, `${field} ${central} in its local header`, `${local ?? 'none'}`),
    );
  }
}

/** Compressed and inflated size; undefined where the ZIP64 extra that they defer to lacks them. */
function readLocalSizes(header: Buffer, extra: Buffer): [number | undefined, number | undefined] {
  const compressedSize = header.readUInt32LE(18);
  const size = header.readUInt32LE(22);
  const zip64 = findExtra(extra, ZIP64_EXTRA);
  const at = (offset: number) => (zip64.length < offset + 8 ? undefined : Number(zip64.readBigUInt64LE(offset)));
  return [
    compressedSize === DEFERRED ? at(size === DEFERRED ? 8 : 0) : compressedSize,
    size === DEFERRED ? at(0) : size,
  ];
}

function findExtra(extra: Buffer, id: number): Buffer {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return Buffer.alloc(0);
}
