import { describe, expect, test } from 'vitest';
import { type PackedText, TextPacker, TextShelf } from '../../lib/job/packed-text.ts';
import { PACKED_TEXT_BYTES } from '../../lib/limits.ts';
import { unpack } from '../unpack.ts';

describe('a text that is kept until it is written', () => {
  const text = (length: number) => `${'é😀 select '.repeat(length)}`.slice(0, length);
  const pack = (...parts: string[]): PackedText => {
    const packer = new TextPacker();
    for (const part of parts) packer.add(part);
    return packer.end().text;
  };

  test('is kept as it is below a size, and deflated from it on', () => {
    expect(pack('x'.repeat(PACKED_TEXT_BYTES - 1))).toEqual({ utf8: Buffer.alloc(PACKED_TEXT_BYTES - 1, 'x') });
    expect(pack('x'.repeat(PACKED_TEXT_BYTES))).toEqual({ deflated: expect.any(Uint8Array) });
    expect(pack('é'.repeat(PACKED_TEXT_BYTES / 2))).toEqual({ deflated: expect.any(Uint8Array) });
  });

  test('takes no more memory than it has bytes', () => {
    const packed = pack('x'.repeat(1_000_000));
    expect(packed).toMatchObject({ deflated: { byteLength: expect.any(Number) } });
    if ('utf8' in packed) throw new Error('it is not deflated');
    expect(packed.deflated.buffer.byteLength).toBe(packed.deflated.byteLength);
    expect(packed.deflated.byteLength).toBeLessThan(2_000);
  });

  test.each([10, 100_000, 5_000_000])('is written whole, in however many parts it came: %i characters', (length) => {
    const whole = text(length);
    for (const size of [length, 990_000]) {
      const parts = Array.from({ length: Math.ceil(length / size) }, (_, at) =>
        whole.slice(at * size, (at + 1) * size),
      );
      expect(unpack(pack(...parts)) === whole).toBe(true);
    }
  });

  test('is nothing when nothing came', () => {
    expect(pack()).toEqual({ utf8: Buffer.alloc(0) });
  });
});

describe('a shelf', () => {
  test('keeps many short texts in few buffers, each as it came', () => {
    const shelf = new TextShelf();
    const texts = Array.from({ length: 10_000 }, (_, at) => `${'日é😀x'.repeat(at % 50)}${at}`);
    const kept = texts.map((text) => shelf.keep({ utf8: Buffer.from(text) }));
    expect(kept.map(unpack)).toEqual(texts);
    const buffers = new Set(kept.map((text) => ('utf8' in text ? text.utf8.buffer : text)));
    expect(buffers.size).toBeLessThan(20);
  });

  test('keeps a text longer than its buffers, and none', () => {
    const shelf = new TextShelf();
    for (const text of ['x'.repeat(1_000_000), '', 'y'])
      expect(unpack(shelf.keep({ utf8: Buffer.from(text) })) === text).toBe(true);
  });

  test('leaves a packed text as it is', () => {
    const deflated = { deflated: new Uint8Array(3) };
    expect(new TextShelf().keep(deflated)).toBe(deflated);
  });
});
