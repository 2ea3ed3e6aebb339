import { createHash } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { PACKED_TEXT_BYTES } from '../limits.ts';

/** A text that is kept until it is written: a longer one as the raw deflate of its UTF-8, which is what is written. */
export type PackedText = string | { utf8: Uint8Array } | { deflated: Uint8Array };

/** Bytes that are deflated at once; the next do not refer to them, which costs a thousandth. */
const PART_BYTES = 1024 * 1024;
/** Bytes of short texts that are kept in one buffer. */
const SHELF_BYTES = 256 * 1024;

/**
 * Packs a text that is never there as a whole, and takes its hash. So what is kept of an archive is hardly more than the
 * archive, be it 64 MiB of SQL, and what is needed for a job little more than the job.
 */
export class TextPacker {
  readonly #hash = createHash('sha256');
  readonly #deflated: Buffer[] = [];
  #parts: string[] = [];
  /** UTF-8 of the parts, in bytes. */
  #size = 0;

  /** Takes the next part of the text, which ends with a whole character. */
  add(part: string): void {
    this.#hash.update(part, 'utf8');
    this.#parts.push(part);
    this.#size += Buffer.byteLength(part);
    if (this.#size >= PART_BYTES) this.#deflate(constants.Z_SYNC_FLUSH);
  }

  /** The text, and SHA-256 of its UTF-8 in lower-case hex. */
  end(): { text: PackedText; contentHash: string } {
    return { text: this.#endText(), contentHash: this.#hash.digest('hex') };
  }

  #endText(): PackedText {
    if (this.#deflated.length === 0 && this.#size < PACKED_TEXT_BYTES) return this.#parts.join('');
    this.#deflate(constants.Z_FINISH);
    // A copy: zlib gives a part of a buffer that may be much larger.
    return { deflated: Uint8Array.from(Buffer.concat(this.#deflated)) };
  }

  #deflate(finishFlush: number): void {
    this.#deflated.push(deflateRawSync(this.#parts.join(''), { finishFlush }));
    this.#parts = [];
    this.#size = 0;
  }
}

/**
 * Where short texts are kept together, as UTF-8 in few buffers: ten thousand strings would be moved again and again by
 * the collector of garbage, which takes room for that.
 */
export class TextShelf {
  #buffer = Buffer.alloc(0);
  #end = 0;

  keep(text: PackedText): PackedText {
    if (typeof text !== 'string') return text;
    const start = this.#end;
    const end = start + Buffer.byteLength(text);
    if (end > this.#buffer.length) return this.#keepInAnother(text);
    this.#buffer.write(text, start);
    this.#end = end;
    return { utf8: this.#buffer.subarray(start, end) };
  }

  #keepInAnother(text: string): PackedText {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(SHELF_BYTES, Buffer.byteLength(text)));
    this.#end = 0;
    return this.keep(text);
  }
}

/** Raw deflate of the UTF-8 of a text. */
export function deflateText(text: PackedText): Uint8Array {
  if (typeof text === 'string') return deflateRawSync(text);
  return 'utf8' in text ? deflateRawSync(text.utf8) : text.deflated;
}
