import { refusal } from '../refusals.ts';
import {
  AES,
  ASI_UNIX,
  type ExtraFields,
  LIBARCHIVE_ATTRIBUTES,
  PATCH,
  PKWARE_UNIX,
  RECIPIENTS,
  STRONG_ENCRYPTION,
} from './extra-fields.ts';
import { checkFileType, notOrdinary } from './file-type.ts';
import { inEntry } from './in-entry.ts';

/** Bits of the bitmap that leads a field of libarchive, and the bytes of what each says is there, in this order. */
const MADE_BY = { bit: 1, bytes: 2 };
const INTERNAL_ATTRIBUTES = { bit: 2, bytes: 2 };
const ATTRIBUTES = { bit: 4, bytes: 4 };
const BITMAP_GOES_ON = 0x80;
/** Of a field of ASi: checksum, mode, size or device, user, group. The target of a link is behind them. */
const ASI_MODE_AT = 4;
const ASI_BYTES = 14;
/** Of a field of PKWARE: two times, user, group. Behind them is the target of a link, or a device. */
const PKWARE_UNIX_BYTES = 12;

/**
 * Throws an `ApiError` if an extra field, of either header, makes more of an entry than a file or folder with plain data:
 * tools that know the field would unpack something else than what is read here.
 */
export function checkExtraClaims(name: string, fields: ExtraFields): void {
  if (fields.size === 0) return;
  if ([AES, STRONG_ENCRYPTION, RECIPIENTS].some((id) => fields.has(id))) {
    throw refusal('archive.encrypted', inEntry(name, 'plain data', 'an extra field of encryption'));
  }
  if (fields.has(PATCH)) throw refusal('archive.patch', inEntry(name, 'plain data', 'an extra field of patches'));
  checkFileType(name, libarchiveAttributes(fields.get(LIBARCHIVE_ATTRIBUTES)));
  const asi = fields.get(ASI_UNIX);
  if (asi !== undefined && asi.length >= ASI_BYTES) checkFileType(name, asi.readUInt16LE(ASI_MODE_AT) * 0x10000);
  const hasTarget =
    (asi !== undefined && asi.length > ASI_BYTES) || (fields.get(PKWARE_UNIX)?.length ?? 0) > PKWARE_UNIX_BYTES;
  if (hasTarget) throw notOrdinary(name);
}

/** 0 where there are none. Source: `archive_read_support_format_zip.c` of libarchive, field "xl". */
function libarchiveAttributes(field: Buffer | undefined): number {
  const bitmap = field?.[0] ?? 0;
  if (field === undefined || (bitmap & ATTRIBUTES.bit) === 0) return 0;
  let at = field.findIndex((byte) => (byte & BITMAP_GOES_ON) === 0) + 1;
  for (const { bit, bytes } of [MADE_BY, INTERNAL_ATTRIBUTES]) if ((bitmap & bit) !== 0) at += bytes;
  return at + ATTRIBUTES.bytes <= field.length ? field.readUInt32LE(at) : 0;
}
