import type { Json, JsonObject } from './json.ts';
import { type PackedText, TextPacker } from './packed-text.ts';

/** Characters after which what was written is handed on. */
const CHARACTERS_AT_ONCE = 64 * 1_024;

/**
 * The one text of a value: keys sorted by their UTF-8 bytes, no white space, numbers with the digits of their source,
 * strings as `JSON.stringify` writes them. Throws a `TypeError` on a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  const written: string[] = [];
  writeCanonical(value, (text) => written.push(text));
  return written.join('');
}

/**
 * The same text as it is kept until it is written, and its hash. It never is a string as a whole: with one character
 * beyond Latin-1 that takes two bytes for each.
 */
export function packCanonical(value: Json): { text: PackedText; contentHash: string } {
  const packer = new TextPacker();
  writeCanonical(value, (text) => packer.add(text));
  return packer.end();
}

function writeCanonical(value: Json, handOn: (text: string) => void): void {
  const text = new Text(handOn);
  write(value, text);
  text.end();
}

/** A text that is handed on piece by piece: all of a large one at once would take a multiple of it. */
class Text {
  readonly #handOn: (text: string) => void;
  #text = '';

  constructor(handOn: (text: string) => void) {
    this.#handOn = handOn;
  }

  add(part: string): void {
    this.#text += part;
    if (this.#text.length >= CHARACTERS_AT_ONCE) this.end();
  }

  /** A long one in pieces, so that it is never there twice. */
  addString(value: string): void {
    if (value.length <= CHARACTERS_AT_ONCE) {
      this.add(quote(value));
      return;
    }
    this.add('"');
    for (let start = 0; start < value.length; ) {
      const end = wholeCharacters(value, start + CHARACTERS_AT_ONCE);
      this.add(JSON.stringify(value.slice(start, end)).slice(1, -1));
      start = end;
    }
    this.add('"');
  }

  end(): void {
    this.#handOn(this.#text);
    this.#text = '';
  }
}

/** What `JSON.stringify` writes as it is. */
const PLAIN_TEXT = /^[ !#-[\]-~]*$/;
/** Characters up to which it is quicker to look than to call it. */
const SHORT_TEXT = 64;

function quote(text: string): string {
  return text.length <= SHORT_TEXT && PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** A place at which a text may be cut, one earlier where a pair of surrogates is. */
function wholeCharacters(text: string, end: number): number {
  const isWithin = end < text.length && (text.charCodeAt(end) & 0xfc00) === 0xdc00;
  return isWithin ? end - 1 : end;
}

function write(value: Json, text: Text): void {
  if (typeof value === 'string') text.addString(value);
  else if (typeof value === 'number') text.add(canonicalNumber(value));
  else if (value === null || typeof value !== 'object') text.add(String(value));
  else if (Array.isArray(value)) writeArray(value, text);
  else if (JSON.isRawJSON(value)) text.add(value.rawJSON);
  else writeObject(value, text);
}

function writeArray(values: Json[], text: Text): void {
  let before = '[';
  for (const value of values) {
    text.add(before);
    write(value, text);
    before = ',';
  }
  text.add(before === '[' ? '[]' : ']');
}

function writeObject(object: JsonObject, text: Text): void {
  let before = '{';
  const keys = Object.keys(object);
  if (keys.length > 1) sortByUtf8(keys);
  for (const key of keys) {
    text.add(before);
    text.addString(key);
    text.add(':');
    write(object[key] ?? null, text);
    before = ',';
  }
  text.add(before === '{' ? '{}' : '}');
}

function canonicalNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new TypeError(`Expected a finite number, found ${value}`);
}

/** Units that sort otherwise in UTF-8: surrogates, and what comes behind them. */
const OTHERWISE_SORTED = /[\ud800-\uffff]/;

function sortByUtf8(keys: string[]): void {
  if (keys.some((key) => OTHERWISE_SORTED.test(key))) keys.sort(compareUtf8);
  else keys.sort();
}

/** Order of the UTF-8 bytes of two texts: that of code points, which UTF-16 units only share below the surrogates. */
function compareUtf8(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for code points from 0x10000 on, behind the units from 0xE000 to 0xFFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
