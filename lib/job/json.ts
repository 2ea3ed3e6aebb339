import { isUtf8 } from 'node:buffer';
import { JSON_DEPTH, JSON_OBJECT_KEYS, JSON_VALUES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import { BareObject } from './bare-object.ts';
import { type PathSegment, writePath } from './json-refusal.ts';
import { ScalarReader } from './json-scalar.ts';
import type { RawJson } from './raw-json.ts';

/** An object that inherits nothing; keys that look like array indexes come first, the others in the document's order. */
export type JsonObject = { [key: string]: Json };

/** What a document holds. A `number` is one whose source text is what `String` gives for it, all others are `RawJson`. */
export type Json = null | boolean | number | string | RawJson | Json[] | JsonObject;

/** What may yet be read, of all documents that share it. */
export type JsonBudget = { values: number };

const BYTE_ORDER_MARK = '\ufeff';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads a JSON document (RFC 8259) without losing a digit.
 *
 * Throws an `ApiError` whose message states what was expected, what was found and where, and quotes nothing of the
 * document. Its reason is `document.` and: `syntax`, `duplicate-key`, `proto-key`, `integer` (outside int64) or `surrogate`
 * (half of a pair), or of a limit: `depth`, `keys`, `values`, `number` (too long).
 */
export function parseJson(text: string, budget: JsonBudget = { values: JSON_VALUES }): Json {
  if (!text.isWellFormed())
    throw refusal('document.surrogate', 'Expected text, found half of a surrogate pair in the document');
  return new JsonReader(text, budget).readDocument();
}

/**
 * The text of a document; one leading byte order mark is dropped.
 * Throws an `ApiError` with reason `document.encoding` if the bytes are not UTF-8, or start with two marks.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw refusal('document.encoding', `Expected UTF-8, found ${bytes.length} bytes that are not`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  if (!text.startsWith(BYTE_ORDER_MARK)) return text;
  if (text.startsWith(BYTE_ORDER_MARK, 1))
    throw refusal('document.encoding', 'Expected at most one byte order mark, found two');
  return text.slice(1);
}

/** Reads one document. What it reads of an object's member, and with a whole document, may be changed. */
export class JsonReader extends ScalarReader {
  readonly path: PathSegment[] = [];
  readonly budget: JsonBudget;

  constructor(text: string, budget: JsonBudget) {
    super(text);
    this.budget = budget;
  }

  readDocument(): Json {
    const value = this.readValue(0);
    this.readEnd();
    return value;
  }

  readEnd(): void {
    this.skipSpace();
    if (this.pos < this.text.length) throw this.syntax('the end of the document');
  }

  readValue(depth: number): Json {
    this.spend();
    switch (this.skipSpace()) {
      case QUOTE:
        return this.readString();
      case OPEN_BRACE:
        return this.readObject(depth);
      case OPEN_BRACKET:
        return this.readArray(depth);
      case LOWER_T:
        return this.readWord('true', true);
      case LOWER_F:
        return this.readWord('false', false);
      case LOWER_N:
        return this.readWord('null', null);
      default:
        return this.readNumber();
    }
  }

  readObject(depth: number): JsonObject {
    // Once more than other values: with keys of its own it takes several times their memory.
    this.spend();
    this.descend(depth);
    const object: JsonObject = new BareObject<Json>();
    if (this.skipSpace() === CLOSE_BRACE) {
      this.pos++;
      return object;
    }
    for (let keys = 1; ; keys++) {
      if (this.skipSpace() !== QUOTE) throw this.syntax('a key in double quotes');
      const key = this.readKey(object, keys, depth);
      if (this.skipSpace() !== COLON) throw this.syntax('a colon after the key');
      this.pos++;
      this.path[depth] = key;
      object[key] = this.readMember(key, depth);
      if (this.endOrComma(CLOSE_BRACE, 'a comma or a closing brace')) return object;
    }
  }

  readMember(_key: string, depth: number): Json {
    return this.readValue(depth + 1);
  }

  readArray(depth: number): Json[] {
    let array: Json[] = [];
    this.readItems(depth, (item) => {
      // Pushed to an empty array the first value would take the room of 17.
      if (array.length === 0) array = [item];
      else array.push(item);
    });
    return array;
  }

  readItems(depth: number, take: (item: Json) => void): void {
    this.descend(depth);
    if (this.skipSpace() === CLOSE_BRACKET) {
      this.pos++;
      return;
    }
    for (let at = 0; ; at++) {
      this.path[depth] = at;
      take(this.readValue(depth + 1));
      if (this.endOrComma(CLOSE_BRACKET, 'a comma or a closing bracket')) return;
    }
  }

  readKey(object: JsonObject, keys: number, depth: number): string {
    const start = this.pos;
    const key = this.readString();
    if (key === '__proto__') throw this.refusal(start, 'document.proto-key', 'Expected a key other than __proto__');
    if (Object.hasOwn(object, key)) {
      const path = writePath([...this.path.slice(0, depth), key]);
      throw this.refusal(start, 'document.duplicate-key', `Expected each key once in an object, found ${path} twice`);
    }
    if (keys > JSON_OBJECT_KEYS) {
      throw this.refusal(start, 'document.keys', `Expected at most ${JSON_OBJECT_KEYS} keys in an object, found more`);
    }
    return key;
  }

  spend(): void {
    if (this.budget.values-- > 0) return;
    const message = `Expected at most ${JSON_VALUES} values in all, an object counted twice, found more`;
    throw this.refusal(this.pos, 'document.values', message);
  }

  descend(depth: number): void {
    if (depth >= JSON_DEPTH) {
      throw this.refusal(this.pos, 'document.depth', `Expected at most ${JSON_DEPTH} levels of nesting, found more`);
    }
    this.pos++;
  }

  endOrComma(close: number, expected: string): boolean {
    const code = this.skipSpace();
    if (code !== close && code !== COMMA) throw this.syntax(expected);
    this.pos++;
    return code === close;
  }
}
