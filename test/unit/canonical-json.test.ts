import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson, contentHash } from '../../lib/job/canonical-json.ts';
import { parseJson } from '../../lib/job/json.ts';

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

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s, which JSON cannot hold', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError);
  });

  test('gives one text for documents that differ in the order of keys and in white space', () => {
    expect(canonical('{"a":1,\n"b":{"c":2,"d":3}}')).toBe(canonical('{"b":{"d":3,"c":2},"a":1}'));
  });
});

describe('contentHash', () => {
  test('is SHA-256 of the UTF-8 bytes, in lower-case hex', () => {
    expect(contentHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(contentHash('é😀')).toBe(createHash('sha256').update(Buffer.from('é😀')).digest('hex'));
  });

  test('tells values apart that JavaScript holds equal', () => {
    const hashes = ['1', '1.0', '9007199254740992', '9007199254740993'].map((text) => contentHash(canonical(text)));
    expect(new Set(hashes).size).toBe(4);
  });
});
