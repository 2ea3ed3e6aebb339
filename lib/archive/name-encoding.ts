import { isAscii, isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { refusal } from '../refusals.ts';
import { inEntryAt } from './in-entry.ts';

/** A name as a header has it, and the entry's place in the directory for messages. */
export type HeaderName = { place: number; raw: Buffer; flags: number; unicodePath: Buffer | undefined };

const UTF8_FLAG = 0x0800;
/** Of a Unicode path field: its version and the checksum of the name in the header. */
const PATH_HEAD_BYTES = 5;

/** Source: https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP437.TXT, from 0x80 on. */
const CODE_PAGE_437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀' +
  'αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
/** Other code pages that tools write a header's name in, when a Unicode path says what it stands for. */
const CODE_PAGES = ['gb18030', 'big5', 'shift_jis', 'euc-kr', 'ibm866', 'windows-1251', 'windows-1252'];

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
  const name = isUnicode ? raw.toString('utf8') : decode437(raw);
  if (unicodePath === undefined) return name;
  const path = readUnicodePath(raw, unicodePath);
  if (path === name) return name;
  const standsForPath = CODE_PAGES.some((label) => new TextDecoder(label).decode(raw) === path);
  if (path !== undefined && !isUnicode && standsForPath) return path;
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

function decode437(raw: Buffer): string {
  return raw.toString('latin1').replace(/[\x80-\xff]/g, (byte) => CODE_PAGE_437.charAt(byte.charCodeAt(0) - 0x80));
}
