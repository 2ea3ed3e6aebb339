import { describe, expect, test } from 'vitest';
import { decodeUtf8 } from '../../lib/job/json.ts';

describe('decodeUtf8', () => {
  test('reads UTF-8 from a view of a larger buffer', () => {
    expect(decodeUtf8(new Uint8Array(Buffer.from('--é😀--')).subarray(2, 8))).toBe('é😀');
  });

  test('drops one byte order mark', () => {
    expect(decodeUtf8(Buffer.from('\ufeff{}'))).toBe('{}');
  });

  test('keeps a byte order mark that does not lead', () => {
    expect(decodeUtf8(Buffer.from('"\ufeff"'))).toBe('"\ufeff"');
  });

  test('gives no text for no bytes', () => {
    expect(decodeUtf8(new Uint8Array())).toBe('');
  });

  test.each([
    ['a second byte order mark', Buffer.from('\ufeff\ufeff{}')],
    ['Latin-1', Buffer.from('é', 'latin1')],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le')],
    ['a cut character', Buffer.from('é').subarray(0, 1)],
    ['an overlong form', Buffer.from([0xc0, 0xaf])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeUtf8(bytes)).toThrow(
      expect.objectContaining({ name: 'ApiError', code: 'DLI.0018', reason: 'document.encoding' }),
    );
  });
});
