import { createHash } from 'node:crypto';
import type { Json, JsonObject } from './json.ts';

const PARTS_AT_ONCE = 8_192;

/**
 * The one text of a value: keys sorted by their UTF-8 bytes, no white space, numbers with the digits of their source,
 * strings as `JSON.stringify` writes them. Throws a `TypeError` on a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  const text = new Text();
  write(value, text);
  return text.end();
}

/** Parts of a text, put together some thousand at a time: a million of them at once would take a multiple of it. */
class Text {
  readonly #written: string[] = [];
  readonly #parts: string[] = [];
  #count = 0;

  add(part: string): void {
    this.#parts[this.#count++] = part;
    if (this.#count < PARTS_AT_ONCE) return;
    this.#written.push(this.#parts.join(''));
    this.#count = 0;
  }

  end(): string {
    return [...this.#written, ...this.#parts.slice(0, this.#count)].join('');
  }
}

function write(value: Json, text: Text): void {
  if (Array.isArray(value)) writeArray(value, text);
  else if (JSON.isRawJSON(value)) text.add(value.rawJSON);
  else if (typeof value === 'number') text.add(canonicalNumber(value));
  else if (value === null || typeof value !== 'object') text.add(JSON.stringify(value));
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
  if (keys.length > 1) keys.sort(compareUtf8);
  for (const key of keys) {
    text.add(before);
    text.add(JSON.stringify(key));
    text.add(':');
    write(object[key] ?? null, text);
    before = ',';
  }
  text.add(before === '{' ? '{}' : '}');
}

/** SHA-256 of a canonical text's UTF-8 bytes, in lower-case hex. */
export function contentHash(canonical: string): string {
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}

function canonicalNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new TypeError(`Expected a finite number, found ${value}`);
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
