import { createHash, createHmac, createSecretKey, type Hash, type Hmac, type KeyObject } from 'node:crypto';

type Source = string | ArrayBuffer | ArrayBufferView;

/**
 * SHA-256 and its HMAC for the signatures of the SDK, in place of its own: that one hands its key to node as bytes, and
 * node 24 takes longer to find out what they are than to use them. Two of each call's were a thirtieth of an import.
 */
export class Sha256 {
  readonly #key: KeyObject | undefined;
  #hash: Hash | Hmac;

  /** @param secret the key of an HMAC; a hash has none. */
  constructor(secret?: Source) {
    this.#key = secret === undefined ? undefined : createSecretKey(toBytes(secret));
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  /** Ends it: only after a reset there may be more. */
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#key ? createHmac('sha256', this.#key) : createHash('sha256');
  }
}

function toBytes(source: Source): Uint8Array {
  if (typeof source === 'string') return Buffer.from(source);
  if (!ArrayBuffer.isView(source)) return new Uint8Array(source);
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}
