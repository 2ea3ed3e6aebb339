import { describe, expect, test } from 'vitest';
import { foldName } from '../../lib/archive/distinct-names.ts';

const formsOf = (character: string) => [
  character.toLowerCase(),
  character.toUpperCase(),
  character.toUpperCase().toLowerCase(),
  character.normalize('NFC'),
  character.normalize('NFD'),
];

/** Every character of Unicode that has a case, or is made of others. */
const CHARACTERS = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((character) => formsOf(character).some((form) => form !== character));

describe('a folded name', () => {
  test('is the same for every form of a character', () => {
    const different = CHARACTERS.filter((character) => {
      const folded = foldName(character);
      return formsOf(character).some((form) => foldName(form) !== folded);
    });
    expect(CHARACTERS.length).toBeGreaterThan(10_000);
    expect(different).toEqual([]);
  });

  test('is folded for good', () => {
    const unstable = CHARACTERS.map((character) => foldName(`a${character}\u0301`)).filter(
      (folded) => foldName(folded) !== folded,
    );
    expect(unstable).toEqual([]);
  });

  test('is the same whatever the order of marks', () => {
    for (const base of ['α', 'ᾳ', 'e', 'Σ', 'ẞ']) {
      expect(foldName(`${base}\u0345\u0301`)).toBe(foldName(`${base}\u0301\u0345`));
      expect(foldName(`${base}\u0327\u0301`)).toBe(foldName(`${base}\u0301\u0327`));
    }
  });

  test.each(['a.json', 'A.JSON', 'a/B c.json', '~"\u0000'])('in ASCII is in small letters: %j', (name) => {
    expect(foldName(name)).toBe(name.toLowerCase());
  });

  test.each([
    ['1', '①'],
    ['a', 'ａ'],
    ['i', 'İ'],
    ['c', 'с'],
  ])('is another for what only looks alike: %s, %s', (one, other) => {
    expect(foldName(one)).not.toBe(foldName(other));
  });
});
