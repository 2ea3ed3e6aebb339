import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { Sha256 } from '../../lib/sha256.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = Uint8Array.from({ length: 100 }, (_, at) => at);

// RFC 6234, section 8.5, and RFC 4231, section 4.3.
test('is SHA-256 without a key and its HMAC with one', async () => {
  const hash = new Sha256();
  hash.update(Buffer.from('abc'));
  expect(hex(await hash.digest())).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const hmac = new Sha256('Jefe');
  hmac.update(Buffer.from('what do ya want '));
  hmac.update(Buffer.from('for nothing?'));
  expect(hex(await hmac.digest())).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

test.each([
  ['bytes', bytes],
  ['a part of a buffer', new Uint8Array(bytes.buffer, 10, 20)],
  ['a view of another kind', new DataView(bytes.buffer, 3, 32)],
  ['a buffer', bytes.buffer],
  ['text beyond ASCII', 'sécret日'],
  ['an empty text', ''],
])('takes %s as its key', async (_, key) => {
  const hmac = new Sha256(key);
  hmac.update(bytes);
  const known = createHmac('sha256', typeof key === 'string' ? key : Buffer.from(toPlain(key)));
  expect(hex(await hmac.digest())).toBe(known.update(bytes).digest('hex'));
});

test.each([[undefined], ['key']])('begins anew after a reset, with the key %s', async (key) => {
  const hash = new Sha256(key);
  hash.update(Buffer.from('before'));
  hash.reset();
  hash.update(bytes);
  const known = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  expect(hex(await hash.digest())).toBe(known.update(bytes).digest('hex'));
});

const toPlain = (key: ArrayBuffer | ArrayBufferView) =>
  ArrayBuffer.isView(key) ? new Uint8Array(key.buffer, key.byteOffset, key.byteLength) : new Uint8Array(key);
