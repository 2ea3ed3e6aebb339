import { createHash, randomBytes, randomInt } from 'node:crypto';

/** What a client proves its right with. Told once, to the operator; only the access key is stored as it is. */
export type ProjectKeys = { access_key: string; secret_key: string; token: string };

const ACCESS_KEY_CHARACTERS = 20;
const ACCESS_KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Access keys as clients may have them already; longer ones could not be stored under their own name. */
export const ACCESS_KEY = /^[A-Za-z0-9_-]{4,128}$/;

/** Characters of a token's hash that tell it from the project's others. */
const SHOWN_HASH = 8;

/** Makes an access key, 100 bits and no secret, and its secret of 240. */
export function makeAccessKey(): Pick<ProjectKeys, 'access_key' | 'secret_key'> {
  const characters = Array.from({ length: ACCESS_KEY_CHARACTERS }, () =>
    ACCESS_KEY_ALPHABET.charAt(randomInt(ACCESS_KEY_ALPHABET.length)),
  );
  return { access_key: characters.join(''), secret_key: randomBytes(30).toString('base64url') };
}

/** Makes a token of 256 bits. */
export function makeToken(): Pick<ProjectKeys, 'token'> {
  return { token: randomBytes(32).toString('base64url') };
}

/** The id under which a token is stored: its SHA-256. The token itself is stored nowhere. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The beginning of a token's hash, by which records, logs and the operator call it. */
export function shownHash(hash: string): string {
  return hash.slice(0, SHOWN_HASH);
}
