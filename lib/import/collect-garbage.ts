import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GARBAGE_BYTES } from '../limits.ts';

/**
 * Gives back what large documents took once they are read, and what an archive took once its jobs are written. V8 does
 * so in its own time, which on a busy machine comes after several documents of 8 MiB, each with several bytes of garbage
 * for a byte of text. What small ones take while others are read goes by itself, and to look for it among many jobs would
 * take longer than to read them.
 */
export class GarbageCollector {
  #bytes = 0;

  /** Collects, if with so many bytes no longer in use enough have come together. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < GARBAGE_BYTES) return;
    this.#bytes = 0;
    collect ??= exposedCollector();
    collect();
  }
}

let collect: (() => void) | undefined;

/** Node hands it out by this flag only, which a context sees that is made after it was set. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof gc === 'function' ? () => gc() : () => undefined;
}
