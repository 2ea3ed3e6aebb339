import { refusal } from '../refusals.ts';
import { inEntryAt } from './in-entry.ts';

/** Sizes and offset of an entry that may exceed 32 bits. */
export const ZIP64 = 0x0001;
/** The name once more, in UTF-8, of tools that write it in a code page. */
export const UNICODE_PATH = 0x7075;
/** What a directory says of an entry's attributes, in a local header. */
export const LIBARCHIVE_ATTRIBUTES = 0x6c78;
/** Modes of Unix, and the targets of links. */
export const ASI_UNIX = 0x756e;
export const PKWARE_UNIX = 0x000d;
/** Of encryption: by AES, by PKWARE, and by certificates. */
export const AES = 0x9901;
export const STRONG_ENCRYPTION = 0x0017;
export const RECIPIENTS = 0x0019;
/** Of data that is a patch of other data. */
export const PATCH = 0x000f;

const READ: ReadonlySet<number> = new Set([
  ...[ZIP64, UNICODE_PATH, LIBARCHIVE_ATTRIBUTES, ASI_UNIX, PKWARE_UNIX],
  ...[AES, STRONG_ENCRYPTION, RECIPIENTS, PATCH],
]);

/** The extra fields of a header that are read here, by their id. */
export type ExtraFields = ReadonlyMap<number, Buffer>;

const HEAD_BYTES = 4;
/** Of most headers. */
const NONE: ExtraFields = new Map();

/**
 * The extra fields that are read here, by their id.
 * Throws an `ApiError` if the fields of a header do not fill it, or one that is read comes twice: then readers differ.
 */
export function readExtraFields(place: number, extra: Buffer): ExtraFields {
  if (extra.length === 0) return NONE;
  const fields = new Map<number, Buffer>();
  let at = 0;
  while (at + HEAD_BYTES <= extra.length) {
    const id = extra.readUInt16LE(at);
    const end = at + HEAD_BYTES + extra.readUInt16LE(at + 2);
    if (end > extra.length) throw unfit(place, `one that ends ${end - extra.length} bytes behind them`);
    if (READ.has(id)) {
      if (fields.has(id)) throw unfit(place, `two of kind ${id}`);
      fields.set(id, extra.subarray(at + HEAD_BYTES, end));
    }
    at = end;
  }
  // Fewer bytes than a field has are zeros of tools that align data.
  if (extra.subarray(at).some((byte) => byte !== 0)) throw unfit(place, `${extra.length - at} bytes that are none`);
  return fields;
}

function unfit(place: number, found: string) {
  return refusal('archive.extra-field', inEntryAt(place, 'extra fields that fill their header, each once', found));
}
