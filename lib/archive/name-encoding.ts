import { isAscii, isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { refusal } from '../refusals.ts';
import { decode437, isInCodePage } from './code-pages.ts';
import { inEntryAt } from './in-entry.ts';

/** A name as a header has it, and the entry's place in the directory for messages. */
export type HeaderName = { place: number; raw: Buffer; flags: number; unicodePath: Buffer | undefined };

const UTF8_FLAG = 0x0800;
/** Of a Unicode path field: its version and the checksum of the name in the header. */
const PATH_HEAD_BYTES = 5;

/**
 * The text of a name. Without the flag for UTF-8 it is UTF-8 all the same if it can be, as Unix tools write it; else it
 * is in code page 437, as the format says.
 * Throws an `ApiError` if it is not in the UTF-8 that it claims, or its Unicode path is not this name.
 */
export function decodeName({ place, raw, flags, unicodePath }: HeaderName): string {
  const isUnicode = isUtf8(raw);
  if (!isUnicode && (flags & UTF8_FLAG) !== 0) {
    throw refusal('archive.name-encoding', inEntryAt(place, 'a name in UTF-8', `${raw.length} bytes that are not`));
  }
  if (unicodePath === undefined) return isUnicode ? raw.toString('utf8') : decode437(raw);
  const path = readUnicodePath(raw, unicodePath);
  const isOfName = path !== undefined && (isUnicode ? raw.toString('utf8') === path : isInCodePage(raw, path));
  if (isOfName) return path;
  throw refusal('archive.unicode-path', inEntryAt(place, 'the same name in its Unicode path', 'another'));
}

/** What else a reader may take the name for that goes by the format alone: no flag for UTF-8 says code page 437. */
export function otherReadings({ raw, flags }: HeaderName, name: string): readonly string[] {
  if ((flags & UTF8_FLAG) !== 0 || isAscii(raw)) return [];
  const reading = decode437(raw);
  return reading === name ? [] : [reading];
}

/** The name in a Unicode path field; undefined if it is not one of this header. */
function readUnicodePath(raw: Buffer, field: Buffer): string | undefined {
  const path = field.subarray(PATH_HEAD_BYTES);
  const isOfHeader = field.length > PATH_HEAD_BYTES && field[0] === 1 && field.readUInt32LE(1) === crc32(raw);
  return isOfHeader && isUtf8(path) ? path.toString('utf8') : undefined;
}
