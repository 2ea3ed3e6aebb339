import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { checkVersion } from './entry-header.ts';
import { checkExtraClaims } from './extra-claims.ts';
import { readExtraFields, UNICODE_PATH, ZIP64 } from './extra-fields.ts';
import { inEntry } from './in-entry.ts';
import { decodeName } from './name-encoding.ts';
import { readZip64Fields } from './zip64-fields.ts';

/** The bytes that an entry takes: from its local header on, its data from `dataStart` to `end`, exclusive. */
export type LocatedEntry = CentralEntry & {
  dataStart: number;
  end: number;
  /** Whether checksum and sizes follow the data once more. */
  hasDescriptor: boolean;
};

const SIGNATURE = 0x04034b50;
const HEADER_BYTES = 30;
/** Checksum and sizes follow the data, so that the header may have zeros. */
const DESCRIPTOR_FLAG = 0x0008;

/** Finds the data of an entry. Throws an `ApiError` unless its local header is there and says what the directory says. */
export function locateData(bytes: Buffer, entry: CentralEntry, directoryOffset: number): LocatedEntry {
  checkHeaderPlace(bytes, entry, directoryOffset);
  const nameStart = entry.offset + HEADER_BYTES;
  const header = bytes.subarray(entry.offset, nameStart);
  const nameEnd = nameStart + header.readUInt16LE(26);
  const dataStart = nameEnd + header.readUInt16LE(28);
  const end = dataStart + entry.compressedSize;
  checkDataPlace(entry, end, directoryOffset);
  checkLocalFields(entry, header);
  const extraFields = readExtraFields(entry.place, bytes.subarray(nameEnd, dataStart));
  checkLocalName(entry, bytes.subarray(nameStart, nameEnd), extraFields.get(UNICODE_PATH));
  checkExtraClaims(entry.name, extraFields);
  const hasDescriptor = (entry.flags & DESCRIPTOR_FLAG) !== 0;
  checkLocalSizes(entry, header, { zip64: extraFields.get(ZIP64), hasDescriptor });
  return { ...entry, dataStart, end, hasDescriptor };
}

function checkHeaderPlace(bytes: Buffer, { name, offset }: CentralEntry, directoryOffset: number): void {
  if (offset + HEADER_BYTES <= directoryOffset && bytes.readUInt32LE(offset) === SIGNATURE) return;
  throw refusal('archive.local-header', inEntry(name, `a local header at byte ${offset}`, 'none'));
}

function checkDataPlace({ name }: CentralEntry, end: number, directoryOffset: number): void {
  if (end <= directoryOffset) return;
  const expected = `data that ends before the directory at ${directoryOffset}`;
  throw refusal('archive.data-range', inEntry(name, expected, `${end}`));
}

function checkLocalFields({ name, flags, method }: CentralEntry, header: Buffer): void {
  checkVersion(name, header.readUInt16LE(4));
  const localFlags = header.readUInt16LE(6);
  const localMethod = header.readUInt16LE(8);
  if (localFlags !== flags) {
    throw refusal('archive.local-flags', inEntry(name, `flags ${flags} in its local header`, `${localFlags}`));
  }
  if (localMethod !== method) {
    const expected = `compression method ${method} in its local header`;
    throw refusal('archive.local-method', inEntry(name, expected, `${localMethod}`));
  }
}

function checkLocalName(
  { place, name, rawName, flags, unicodePath: centralPath }: CentralEntry,
  raw: Buffer,
  unicodePath: Buffer | undefined,
): void {
  const isSamePath = centralPath === unicodePath || (unicodePath !== undefined && centralPath?.equals(unicodePath));
  // A path in the directory alone is not known to who reads this header, nor the other way round.
  if (raw.equals(rawName) && (isSamePath || decodeName({ place, raw, flags, unicodePath }) === name)) return;
  throw refusal('archive.local-name', inEntry(name, 'the same name in its local header', 'another'));
}

/** Where a descriptor follows, each field of the header may be zero. */
function checkLocalSizes(
  entry: CentralEntry,
  header: Buffer,
  { zip64, hasDescriptor }: { zip64: Buffer | undefined; hasDescriptor: boolean },
): void {
  const [size, compressedSize] = readZip64Fields(
    entry.place,
    [
      { value: header.readUInt32LE(22), width: 4 },
      { value: header.readUInt32LE(18), width: 4 },
    ],
    zip64,
  );
  const fields = [
    ['checksum', entry.crc, header.readUInt32LE(14)],
    ['compressed size', entry.compressedSize, compressedSize],
    ['size', entry.size, size],
  ] as const;
  for (const [field, central, local] of fields) {
    if (local === central || (local === 0 && hasDescriptor)) continue;
    throw refusal('archive.local-sizes', inEntry(entry.name, `${field} ${central} in its local header`, `${local}`));
  }
}
