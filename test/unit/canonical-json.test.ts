import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson, packCanonical } from '../../lib/job/canonical-json.ts';
import { parseJson } from '../../lib/job/json.ts';
import { unpack } from '../unpack.ts';

const canonical = (text: string) => canonicalJson(parseJson(text));

describe('canonicalJson', () => {
  test('writes no white space', () => {
    expect(canonical(' { "a" : [ 1 , { } , [ ] , null , true , false ] } ')).toBe('{"a":[1,{},[],null,true,false]}');
  });

  test('sorts keys at every depth and leaves arrays in their order', () => {
    expect(canonical('{"b":[{"d":1,"c":2},0],"a":{"z":1,"y":2}}')).toBe('{"a":{"y":2,"z":1},"b":[{"c":2,"d":1},0]}');
  });

  test('sorts keys by their UTF-8 bytes, not by their UTF-16 units', () => {
    const keys = [
      '😀',
      '\uffff',
      '\ue000',
      '\ud7ff',
      'é',
      'a',
      '',
      'ab',
      'aé',
      'a😀',
      'a\uffff',
      '2',
      '10',
      '\u{10ffff}',
      '\u{10000}',
    ];
    const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const text = `{${keys.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`;
    expect(keys.toSorted()).not.toEqual(byBytes);
    expect(canonical(text)).toBe(`{${byBytes.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  test.each(['9007199254740993', '1.0', '1e5', '-0', '0.1000', '1.5', '0', '1e+21'])(
    'keeps the digits of %s',
    (text) => {
      expect(canonical(text)).toBe(text);
    },
  );

  test('writes strings and keys as JSON.stringify does, whatever their source', () => {
    expect(canonical('{"\\u0061\\/":"\\u00e9\\u000a\\u0001\\/\\ud83d\\ude00"}')).toBe('{"a/":"é\\n\\u0001/😀"}');
  });

  test('writes each character as JSON.stringify does, in a short text and in a long one', () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => `a${String.fromCharCode(unit)}`);
    const texts = [...units, ...units.map((text) => text.padEnd(100))];
    expect(texts.filter((text) => canonicalJson(text) !== JSON.stringify(text))).toEqual([]);
  });

  test('sorts a thousand keys of one script by their bytes', () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `${String.fromCharCode(0x400 + ((at * 7_919) % 997))}${at}`);
    const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const value = parseJson(`{${keys.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
    expect(Object.keys(JSON.parse(canonicalJson(value)))).toEqual(byBytes);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s, which JSON cannot hold', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError);
  });

  test('gives one text for documents that differ in the order of keys and in white space', () => {
    expect(canonical('{"a":1,\n"b":{"c":2,"d":3}}')).toBe(canonical('{"b":{"d":3,"c":2},"a":1}'));
  });
});

const sha256 = (text: string) => createHash('sha256').update(Buffer.from(text)).digest('hex');

describe('packCanonical', () => {
  test('gives SHA-256 of the UTF-8 bytes, in lower-case hex', () => {
    const { text, contentHash } = packCanonical('b');
    expect(unpack(text)).toBe('"b"');
    expect(contentHash).toBe('c100f95c1913f9c72fc1f4ef0847e1e723ffe0bde0b36e5f36c13f81fe8c26ed');
    expect(packCanonical('é😀').contentHash).toBe(sha256('"é😀"'));
  });

  test('tells values apart that JavaScript holds equal', () => {
    const hashes = ['1', '1.0', '9007199254740992', '9007199254740993'].map(
      (text) => packCanonical(parseJson(text)).contentHash,
    );
    expect(new Set(hashes).size).toBe(4);
  });

  test.each([
    ['ASCII', 'x'],
    ['of two bytes a character', 'é'],
    ['with a pair of surrogates at every cut', '😀'],
    ['shifted by one', 'a😀'.repeat(2)],
    ['with an escape at every cut', '\n'],
  ])('gives the text and hash of canonicalJson for a long text %s', (_, unit) => {
    for (const length of [65_535, 65_536, 65_537, 3_000_001]) {
      const value = { a: [unit.repeat(length / unit.length), 'x'], [`z${unit.repeat(70_000)}`]: 1 };
      const { text, contentHash } = packCanonical(value);
      const whole = canonicalJson(value);
      expect(whole === JSON.stringify(value)).toBe(true);
      expect(unpack(text) === whole).toBe(true);
      expect(contentHash).toBe(sha256(whole));
    }
  });

  test('gives the text of many small values', () => {
    const value = Array.from({ length: 200_000 }, (_, at) => ({ [`k${at}`]: `${at}é` }));
    expect(unpack(packCanonical(value).text) === JSON.stringify(value)).toBe(true);
  });
});
