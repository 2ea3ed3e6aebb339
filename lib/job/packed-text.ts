import { createHash } from 'node:crypto';
import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { PACKED_TEXT_BYTES } from '../limits.ts';

/** A text that is kept until it is written: a longer one as the raw deflate of its UTF-8, which is what is written. */
export type PackedText = { utf8: Uint8Array } | { deflated: Uint8Array };

/** Bytes that are deflated at once; the next do not refer to them, which costs a thousandth. */
const PART_BYTES = 1024 * 1024;
/** Bytes of each buffer in which short texts are kept together; a longer one than a quarter of it has its own. */
const SHELF_BYTES = 256 * 1024;
const SHORT_BYTES = SHELF_BYTES / 4;

/**
 * Packs a text that is never there as a whole, and takes its hash. So what is kept of an archive is hardly more than the
 * archive, be it 64 MiB of SQL, and what is needed for a job little more than the job.
 */
export class TextPacker {
  readonly #hash = createHash('sha256');
  readonly #deflated: Buffer[] = [];
  #parts: Buffer[] = [];
  /** Of the parts. */
  #bytes = 0;

  /** Takes the next part of the text, which ends with a whole character. */
  add(part: string): void {
    const utf8 = Buffer.from(part);
    this.#hash.update(utf8);
    this.#parts.push(utf8);
    this.#bytes += utf8.length;
    if (this.#bytes >= PART_BYTES) this.#deflate(constants.Z_SYNC_FLUSH);
  }

  /** The text, and SHA-256 of its UTF-8 in lower-case hex. */
  end(): { text: PackedText; contentHash: string } {
    return { text: this.#endText(), contentHash: this.#hash.digest('hex') };
  }

  #endText(): PackedText {
    if (this.#deflated.length === 0 && this.#bytes < PACKED_TEXT_BYTES) return { utf8: this.#takeParts() };
    this.#deflate(constants.Z_FINISH);
    return { deflated: join(this.#deflated) };
  }

  #deflate(finishFlush: number): void {
    this.#deflated.push(deflate(this.#takeParts(), { finishFlush }));
  }

  #takeParts(): Buffer {
    const parts = this.#parts;
    this.#parts = [];
    this.#bytes = 0;
    return join(parts);
  }
}

function join(parts: Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only ? only : Buffer.concat(parts);
}

/**
 * Where texts are kept, short ones together in few buffers. Ten thousand buffers would be moved again and again by the
 * collector of garbage, and leave holes in the memory when they go, which the next archive finds too small.
 */
export class TextShelf {
  #buffer = Buffer.alloc(0);
  #end = 0;

  /** Copies a text: what zlib gives is a part of a buffer that may be much larger. */
  keep(text: PackedText): PackedText {
    return 'utf8' in text ? { utf8: this.#copy(text.utf8) } : { deflated: this.#copy(text.deflated) };
  }

  #copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > SHORT_BYTES) return Uint8Array.from(bytes);
    if (this.#end + length > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafeSlow(SHELF_BYTES);
      this.#end = 0;
    }
    const copy = this.#buffer.subarray(this.#end, this.#end + length);
    copy.set(bytes);
    this.#end += length;
    return copy;
  }
}

/** Raw deflate of the UTF-8 of a text. */
export function deflateText(text: PackedText | string): Uint8Array {
  if (typeof text === 'string') return deflate(Buffer.from(text));
  return 'utf8' in text ? deflate(text.utf8) : text.deflated;
}

/** Of bytes that zlib is given or gives at once, what it takes at the least and by default. */
const [LEAST_CHUNK, CHUNK] = [constants.Z_MIN_CHUNK, constants.Z_DEFAULT_CHUNK];

/** Room for the result is asked for as the text needs it: by default it is 16 KiB, however short the text. */
function deflate(utf8: Uint8Array, options: ZlibOptions = {}): Buffer {
  return deflateRawSync(utf8, { ...options, chunkSize: Math.min(Math.max(utf8.length, LEAST_CHUNK), CHUNK) });
}
