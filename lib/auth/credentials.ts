import { createHash, randomBytes, randomInt } from 'node:crypto';

/** What a client proves its right with. Told once, to the operator; only the access key is stored as it is. */
export type ProjectKeys = { access_key: string; secret_key: string; token: string };

const ACCESS_KEY_CHARACTERS = 20;
const ACCESS_KEY_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Access keys as clients may have them already; longer ones could not be stored under their own name. */
export const ACCESS_KEY = /^[A-Za-z0-9_-]{4,128}$/;

/** Makes keys: 100 bits of an access key, which is no secret; 240 of its secret; 256 of a token. */
export function makeKeys(): ProjectKeys {
  const accessKey = Array.from({ length: ACCESS_KEY_CHARACTERS }, () =>
    ACCESS_KEY_ALPHABET.charAt(randomInt(ACCESS_KEY_ALPHABET.length)),
  );
  return {
    access_key: accessKey.join(''),
    secret_key: randomBytes(30).toString('base64url'),
    token: randomBytes(32).toString('base64url'),
  };
}

/** The id under which a token is stored: its SHA-256. The token itself is stored nowhere. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
