import { inflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { deflateText, packText } from '../../lib/job/packed-text.ts';
import { PACKED_TEXT_CHARACTERS } from '../../lib/limits.ts';

describe('a text that is kept until it is written', () => {
  const text = (length: number) => `${'é😀 select '.repeat(length)}`.slice(0, length);

  test('is kept as it is below a size, and deflated from it on', () => {
    expect(packText(text(PACKED_TEXT_CHARACTERS - 1))).toBe(text(PACKED_TEXT_CHARACTERS - 1));
    expect(packText('x'.repeat(PACKED_TEXT_CHARACTERS))).toEqual({ deflated: expect.any(Uint8Array) });
  });

  test('takes no more memory than it has bytes', () => {
    const packed = packText('x'.repeat(1_000_000));
    expect(packed).toMatchObject({ deflated: { byteLength: expect.any(Number) } });
    if (typeof packed === 'string') throw new Error('it is not deflated');
    expect(packed.deflated.buffer.byteLength).toBe(packed.deflated.byteLength);
    expect(packed.deflated.byteLength).toBeLessThan(2_000);
  });

  test.each([10, 100_000])('is written with the same bytes, packed before or not: %i characters', (length) => {
    const written = deflateText(packText(text(length)));
    expect(Buffer.from(deflateText(text(length))).equals(written)).toBe(true);
    expect(inflateRawSync(written).toString()).toBe(text(length));
  });
});
