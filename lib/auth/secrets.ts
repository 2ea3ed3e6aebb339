import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keys that encrypt stored secrets, by their id. The first encrypts, all decrypt: so a key can be replaced. */
export type SecretKeys = ReadonlyMap<string, Buffer>;

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts the secret of an access key. The access key is authenticated with it: moved to another credential, the
 * text no longer decrypts.
 * @returns `<key id>:<base64 of nonce, tag and ciphertext>`
 */
export function encryptSecret(keys: SecretKeys, accessKey: string, secret: string): string {
  const [first] = keys;
  if (first === undefined) throw new Error('there is no key to encrypt secrets with');
  const [keyId, key] = first;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(accessKey));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return `${keyId}:${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
}

/** @throws if the key is not there any more, or the text is not what was encrypted for this access key. */
export function decryptSecret(keys: SecretKeys, accessKey: string, encrypted: string): string {
  const [keyId = '', base64 = ''] = encrypted.split(':');
  const key = keys.get(keyId);
  if (key === undefined) throw new Error(`no key with the id ${keyId} is configured`);
  const bytes = Buffer.from(base64, 'base64');
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(accessKey))
    .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString();
}

/** Id of the key that a text was encrypted with. */
export function keyIdOf(encrypted: string): string {
  return encrypted.split(':', 1)[0] ?? '';
}

/** A secret that nobody knows, for what has none: so that finding that out takes as long as checking one that is wrong. */
export function decoySecret(keys: SecretKeys): { accessKey: string; encrypted: string } {
  const accessKey = 'decoy';
  return { accessKey, encrypted: encryptSecret(keys, accessKey, randomBytes(30).toString('base64url')) };
}
