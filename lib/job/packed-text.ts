import { deflateRawSync } from 'node:zlib';
import { PACKED_TEXT_CHARACTERS } from '../limits.ts';

/** A text that is kept until it is written: a large one as the raw deflate of its UTF-8, which is what is written. */
export type PackedText = string | { deflated: Uint8Array };

/** So that what is kept of an archive is hardly more than the archive, be it 64 MiB of SQL. */
export function packText(text: string): PackedText {
  if (text.length < PACKED_TEXT_CHARACTERS) return text;
  // A copy: zlib gives a part of a buffer that may be much larger.
  return { deflated: Uint8Array.from(deflateText(text)) };
}

/** Raw deflate of the UTF-8 of a text. */
export function deflateText(text: PackedText): Uint8Array {
  return typeof text === 'string' ? deflateRawSync(text) : text.deflated;
}
