import { crc32, inflateRawSync } from 'node:zlib';
import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { endsAsArchive } from './end-record.ts';
import { STORED } from './entry-header.ts';
import { entryKind } from './entry-name.ts';
import { inEntry } from './in-entry.ts';
import { isArchive } from './nested-archive.ts';

/** Of zlib's output, in bytes. */
const SMALLEST_CHUNK = 64;

type Inflated = { buffer: Buffer; engine: { bytesWritten: number } };

/**
 * The content of an entry: of a stored one a view of the archive. Its size is bounded by what the directory declares,
 * which the caller has held against the limits. Throws an `ApiError` unless size and checksum are as declared,
 * or if the content is an archive again.
 */
export function readData(entry: CentralEntry, data: Buffer): Buffer {
  const content = entry.method === STORED ? data : inflate(entry, data);
  checkSize(entry, content.length);
  checkChecksum(entry, crc32(content));
  checkNotArchive(entry, content);
  return content;
}

function inflate(entry: CentralEntry, data: Buffer): Buffer {
  const { buffer, engine } = inflateWithin(entry, data);
  checkStreamEnd(entry, engine.bytesWritten);
  return buffer;
}

function inflateWithin(entry: CentralEntry, data: Buffer): Inflated {
  // One byte more than declared: a chunk that is full makes zlib allocate another, and by default one holds 16 KiB.
  const room = Math.max(SMALLEST_CHUNK, entry.size + 1);
  let result: unknown;
  try {
    result = inflateRawSync(data, { chunkSize: room, maxOutputLength: room, info: true });
  } catch (cause) {
    throw inflateRefusal(entry, cause);
  }
  if (isInflated(result)) return result;
  throw new TypeError('Expected zlib to tell how many bytes it consumed');
}

/** The types of Node do not know what `info` changes. */
function isInflated(result: unknown): result is Inflated {
  if (typeof result !== 'object' || result === null || !('buffer' in result && 'engine' in result)) return false;
  return Buffer.isBuffer(result.buffer) && result.engine instanceof Object && 'bytesWritten' in result.engine;
}

function inflateRefusal({ name, size }: CentralEntry, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return refusal('archive.length', inEntry(name, `${size} bytes as declared`, 'more'));
  if (code === 'Z_BUF_ERROR') return refusal('archive.deflate', inEntry(name, 'a whole deflate stream', 'a cut one'));
  if (code === 'Z_DATA_ERROR') return refusal('archive.deflate', inEntry(name, 'a deflate stream', 'damaged data'));
  return cause;
}

function checkStreamEnd({ name, compressedSize }: CentralEntry, consumed: number): void {
  if (consumed === compressedSize) return;
  throw refusal(
    'archive.deflate-end',
    inEntry(name, `a deflate stream of ${compressedSize} bytes`, `one of ${consumed}`),
  );
}

function checkSize({ name, size }: CentralEntry, found: number): void {
  if (found !== size) throw refusal('archive.length', inEntry(name, `${size} bytes as declared`, `${found}`));
}

function checkChecksum({ name, crc }: CentralEntry, found: number): void {
  if (found !== crc) throw refusal('archive.crc', inEntry(name, `checksum ${toHex(crc)}`, toHex(found)));
}

function checkNotArchive({ name }: CentralEntry, content: Buffer): void {
  // A document is held to its grammar; what is passed over could have one behind other bytes.
  const isHidden = entryKind(name) !== 'json' && endsAsArchive(content);
  if (isHidden || isArchive(content))
    throw refusal('archive.nested', inEntry(name, 'a file with jobs', 'another archive'));
}

function toHex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
