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

  test('keeps packed texts the same way', () => {
    const shelf = new TextShelf();
    const given = Array.from({ length: 10_000 }, (_, at) => Buffer.alloc(1 + (at % 50), at));
    const kept = given.map((bytes) => shelf.keep({ deflated: Buffer.from(bytes) }));
    expect(given.every((bytes, at) => bytes.equals(bytesOf(kept[at] ?? { utf8: Buffer.alloc(0) })))).toBe(true);
    expect(new Set(kept.map((text) => bytesOf(text).buffer)).size).toBe(1);
  });

  test.each([64 * 1024, 64 * 1024 + 1, 1_000_000])('takes no more memory than a text of %i bytes has', (length) => {
    const shelf = new TextShelf();
    const whole = Buffer.alloc(length, 'x');
    const kept = [1, 2, 3, 4].map(() => bytesOf(shelf.keep({ deflated: whole })));
    for (const bytes of kept) expect(whole.equals(bytes)).toBe(true);
    const buffers = [...new Set(kept.map(({ buffer }) => buffer))];
    expect(buffers.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(4 * length);
  });

  test('keeps what the buffer that it was given no longer has', () => {
    const given = Buffer.from('select');
    const kept = new TextShelf().keep({ utf8: given });
    given.fill(0);
    expect(unpack(kept)).toBe('select');
  });
});

const bytesOf = (text: PackedText): Uint8Array => ('utf8' in text ? text.utf8 : text.deflated);
