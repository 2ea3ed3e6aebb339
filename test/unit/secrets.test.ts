import { describe, expect, test } from 'vitest';
import { hashToken, makeAccessKey, makeToken, shownHash } from '../../lib/auth/credentials.ts';
import { decoySecret, decryptSecret, encryptSecret, keyIdOf } from '../../lib/auth/secrets.ts';

const makeKeys = () => ({ ...makeAccessKey(), ...makeToken() });
const keyOf = (byte: number) => Buffer.alloc(32, byte);
const keys = new Map([['k1', keyOf(1)]]);
const SECRET = 'hunter2-é😀';

/** The text with one bit of its bytes turned. */
function tamper(encrypted: string, at: number): string {
  const [id, base64 = ''] = encrypted.split(':');
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return `${id}:${bytes.toString('base64')}`;
}

describe('an encrypted secret', () => {
  test.each([SECRET, '', 'x'.repeat(1_000)])('is decrypted as it was: %j', (secret) => {
    expect(decryptSecret(keys, 'AK', encryptSecret(keys, 'AK', secret))).toBe(secret);
  });

  test('names its key and shows nothing of itself', () => {
    const encrypted = encryptSecret(keys, 'AK', SECRET);
    expect(keyIdOf(encrypted)).toBe('k1');
    expect(encrypted).toMatch(/^k1:[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(encrypted.slice(3), 'base64').toString('latin1')).not.toContain('hunter2');
  });

  test('is another text every time', () => {
    expect(encryptSecret(keys, 'AK', SECRET)).not.toBe(encryptSecret(keys, 'AK', SECRET));
  });

  test('is bound to its access key', () => {
    expect(() => decryptSecret(keys, 'AK2', encryptSecret(keys, 'AK', SECRET))).toThrow();
  });

  test('is bound to its bytes: nonce, tag and text', () => {
    const encrypted = encryptSecret(keys, 'AK', SECRET);
    const { length } = Buffer.from(encrypted.slice(3), 'base64');
    for (let at = 0; at < length; at++) expect(() => decryptSecret(keys, 'AK', tamper(encrypted, at))).toThrow();
  });

  test('is refused when it is cut anywhere', () => {
    const bytes = Buffer.from(encryptSecret(keys, 'AK', '').slice(3), 'base64');
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decryptSecret(keys, 'AK', `k1:${bytes.subarray(0, end).toString('base64')}`)).toThrow();
    }
  });

  test('is decrypted by another key of the same id only if that is the same', () => {
    const encrypted = encryptSecret(keys, 'AK', SECRET);
    expect(() => decryptSecret(new Map([['k1', keyOf(2)]]), 'AK', encrypted)).toThrow();
  });
});

describe('the keys', () => {
  test('encrypt with the first and decrypt with each', () => {
    const old = encryptSecret(keys, 'AK', SECRET);
    const both = new Map([['k2', keyOf(2)], ...keys]);
    expect(encryptSecret(both, 'AK', SECRET)).toMatch(/^k2:/);
    expect(decryptSecret(both, 'AK', old)).toBe(SECRET);
  });

  test('say which of them is missing', () => {
    const encrypted = encryptSecret(keys, 'AK', SECRET);
    const others = new Map([['k2', keyOf(1)]]);
    expect(() => decryptSecret(others, 'AK', encrypted)).toThrow('no key with the id k1 is configured');
  });

  test('are needed to encrypt', () => {
    expect(() => encryptSecret(new Map(), 'AK', SECRET)).toThrow('there is no key to encrypt secrets with');
  });
});

describe('a decoy', () => {
  test('is decrypted as a secret is, and is one that nobody knows', () => {
    const secrets = Array.from({ length: 10 }, () => {
      const { accessKey, encrypted } = decoySecret(keys);
      return decryptSecret(keys, accessKey, encrypted);
    });
    expect(new Set(secrets).size).toBe(10);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{40}$/);
  });
});

describe('the credentials of a project', () => {
  test('are of the shape that clients take', () => {
    expect(makeKeys()).toEqual({
      access_key: expect.stringMatching(/^[A-Z2-7]{20}$/),
      secret_key: expect.stringMatching(/^[A-Za-z0-9_-]{40}$/),
      token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
  });

  test('are never made twice', () => {
    const made = Array.from({ length: 100 }, () => Object.values(makeKeys())).flat();
    expect(new Set(made).size).toBe(300);
  });

  test('are stored under the SHA-256 of the token', () => {
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashToken('é')).not.toBe(hashToken('e'));
    expect(shownHash(hashToken('abc'))).toBe('ba7816bf');
  });
});
