import { refusal } from '../refusals.ts';

/** The fields of a ZIP64 end record, and where it starts. Tools that stream write one for small archives, too. */
export type Zip64End = {
  start: number;
  disk: number;
  directoryDisk: number;
  entriesHere: number;
  entries: number;
  size: number;
  offset: number;
};

const LOCATOR_SIGNATURE = 0x07064b50;
const LOCATOR_BYTES = 20;
const RECORD_SIGNATURE = 0x06064b50;
const RECORD_BYTES = 56;
/** The length that a record states counts neither its signature nor itself. */
const UNCOUNTED_BYTES = 12;

/**
 * The ZIP64 end record of an archive; undefined if no locator stands before its plain end record.
 * Throws an `ApiError` unless the locator points at a record that ends where the locator starts and holds nothing else.
 */
export function readZip64End(bytes: Buffer, endRecord: number): Zip64End | undefined {
  const locator = endRecord - LOCATOR_BYTES;
  if (locator < 0 || bytes.readUInt32LE(locator) !== LOCATOR_SIGNATURE) return undefined;
  checkDisks(bytes.readUInt32LE(locator + 4), bytes.readUInt32LE(locator + 16));
  const start = readUInt64(bytes, locator + 8);
  if (start !== locator - RECORD_BYTES || bytes.readUInt32LE(start) !== RECORD_SIGNATURE) {
    throw refusal('archive.zip64', `Expected the ZIP64 end record in the ${RECORD_BYTES} bytes before its locator`);
  }
  const length = readUInt64(bytes, start + 4) + UNCOUNTED_BYTES;
  if (length !== RECORD_BYTES) {
    throw refusal('archive.zip64', `Expected a ZIP64 end record of ${RECORD_BYTES} bytes, found one of ${length}`);
  }
  return {
    start,
    disk: bytes.readUInt32LE(start + 16),
    directoryDisk: bytes.readUInt32LE(start + 20),
    entriesHere: readUInt64(bytes, start + 24),
    entries: readUInt64(bytes, start + 32),
    size: readUInt64(bytes, start + 40),
    offset: readUInt64(bytes, start + 48),
  };
}

function checkDisks(recordDisk: number, disks: number): void {
  if (recordDisk === 0 && disks === 1) return;
  throw refusal('archive.multi-disk', `Expected an archive on one disk, found ZIP64 fields that tell of ${disks}`);
}

/** Beyond 2^53 the number is not exact, but still far beyond any archive that is read. */
function readUInt64(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}
