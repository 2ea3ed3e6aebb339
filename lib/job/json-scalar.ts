import { JSON_NUMBER_CHARACTERS } from '../limits.ts';
import type { Reason } from '../refusals.ts';
import { kindAt, refusalAt, stringDefect } from './json-refusal.ts';
import type { RawJson } from './raw-json.ts';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const FRACTION_OR_EXPONENT = /[.eE]/;
/** Below this length no integer can leave the int64 range. */
const INT64_CHARACTERS = 19;
/** Characters within which a loop finds the closing quote sooner than a native call does; measured. */
const SHORT_STRING = 24;

/** What makes a string of a document another text than its literal, or none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const DECODED = /[\\\x00-\x1f]/;

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A position in a JSON document, and what can be read there that holds no other value. */
export class ScalarReader {
  readonly text: string;
  pos = 0;

  constructor(text: string) {
    this.text = text;
  }

  readString(): string {
    const { text, pos: start } = this;
    for (let pos = start + 1; pos < start + SHORT_STRING; pos++) {
      const code = text.charCodeAt(pos);
      if (code === QUOTE) {
        this.pos = pos + 1;
        return text.slice(start + 1, pos);
      }
      if (code === BACKSLASH || !(code >= SPACE)) break;
    }
    return this.readNativeString(start);
  }

  /** Long and escaped strings: finding the quote and decoding what is before it are both faster natively. */
  readNativeString(start: number): string {
    const end = this.findClosingQuote(start);
    if (end < 0) throw stringDefect(this.text, start);
    const literal = this.text.slice(start + 1, end);
    if (!DECODED.test(literal)) {
      // As it is it takes no memory of its own.
      this.pos = end + 1;
      return literal;
    }
    let value: string;
    try {
      value = JSON.parse(this.text.slice(start, end + 1));
    } catch {
      throw stringDefect(this.text, start);
    }
    if (!value.isWellFormed()) {
      const message = 'Expected escapes that form whole characters, found half of a surrogate pair';
      throw this.refusal(start, 'document.surrogate', message);
    }
    this.pos = end + 1;
    return value;
  }

  findClosingQuote(start: number): number {
    const { text } = this;
    let end = text.indexOf('"', start + 1);
    for (; end >= 0; end = text.indexOf('"', end + 1)) {
      let before = end - 1;
      while (text.charCodeAt(before) === BACKSLASH) before--;
      if ((end - before) % 2 === 1) break;
    }
    return end;
  }

  readNumber(): number | RawJson {
    const start = this.pos;
    NUMBER.lastIndex = start;
    if (!NUMBER.test(this.text)) throw this.syntax('a value');
    this.pos = NUMBER.lastIndex;
    const literal = this.text.slice(start, this.pos);
    if (literal.length >= INT64_CHARACTERS) this.checkLongNumber(literal, start);
    const value = Number(literal);
    return String(value) === literal ? value : JSON.rawJSON(literal);
  }

  checkLongNumber(literal: string, start: number): void {
    const { length } = literal;
    if (length > JSON_NUMBER_CHARACTERS) {
      const message = `Expected a number of at most ${JSON_NUMBER_CHARACTERS} characters, found ${length}`;
      throw this.refusal(start, 'document.number', message);
    }
    if (FRACTION_OR_EXPONENT.test(literal)) return;
    const integer = BigInt(literal);
    if (integer !== BigInt.asIntN(64, integer)) {
      const message = `Expected an integer of the int64 range, found one of ${length} characters outside it`;
      throw this.refusal(start, 'document.integer', message);
    }
  }

  readWord<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.pos)) throw this.syntax('a value');
    this.pos += word.length;
    return value;
  }

  /** The code of the next character that is no white space; NaN at the end. */
  skipSpace(): number {
    const { text } = this;
    let { pos } = this;
    let code = text.charCodeAt(pos);
    while (code === SPACE || code === 0x0a || code === 0x0d || code === 0x09) code = text.charCodeAt(++pos);
    this.pos = pos;
    return code;
  }

  refusal(offset: number, reason: Reason, message: string) {
    return refusalAt(this.text, offset, reason, message);
  }

  syntax(expected: string) {
    return this.refusal(this.pos, 'document.syntax', `Expected ${expected}, found ${kindAt(this.text, this.pos)}`);
  }
}
