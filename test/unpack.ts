import { inflateRawSync } from 'node:zlib';
import { deflateText, type PackedText } from '../lib/job/packed-text.ts';

/** The text that was packed, as it would be read when it was written. */
export const unpack = (text: PackedText): string => inflateRawSync(deflateText(text)).toString();
