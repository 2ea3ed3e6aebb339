import type { ApiError } from '../errors.ts';
import { type Reason, refusal } from '../refusals.ts';
import { CONFIG_FIELDS, JOB_FIELDS, SERVER_FIELDS } from './job-schema.ts';

/** A key or an index on the way to a value. */
export type PathSegment = string | number;

/** Keys of the API: of any other one the text may be a secret. */
const SHOWN_KEYS: ReadonlySet<string> = new Set([
  ...JOB_FIELDS,
  ...CONFIG_FIELDS,
  ...SERVER_FIELDS,
  ...['jobs', 'key', 'value', 'zip_file', 'is_cover'],
]);
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const SPACE = 0x20;

const KINDS: [RegExp, string][] = [
  [/"/, 'a string'],
  [/[-0-9]/, 'a number'],
  [/\{/, 'an opening brace'],
  [/\}/, 'a closing brace'],
  [/\[/, 'an opening bracket'],
  [/\]/, 'a closing bracket'],
  [/,/, 'a comma'],
  [/:/, 'a colon'],
  [/\\/, 'a backslash'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
  [/[\x00-\x1f]/, 'a control character'],
  [/[A-Za-z]/, 'a bare word'],
];

/** A refusal whose message ends with the place of the defect: line and column, both from 1, in UTF-16 units. */
export function refusalAt(text: string, offset: number, reason: Reason, message: string): ApiError {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', lineStart)) {
    line++;
    lineStart = end + 1;
  }
  return refusal(reason, `${message} at line ${line}, column ${offset - lineStart + 1}`);
}

/** What kind of thing starts at an offset: never its text, which may be a secret. */
export function kindAt(text: string, offset: number): string {
  const character = text.charAt(offset);
  if (character === '') return 'the end of the document';
  return KINDS.find(([pattern]) => pattern.test(character))?.[1] ?? 'an unexpected character';
}

/** A path as in `jobs[2].job_config`; of a key that the API does not know only the length is shown. */
export function writePath(path: readonly PathSegment[]): string {
  const written = path.map((segment) => {
    if (typeof segment === 'number') return `[${segment}]`;
    return SHOWN_KEYS.has(segment) ? `.${segment}` : `[key of ${segment.length} characters]`;
  });
  return written.join('').replace(/^\./, '');
}

/** The refusal of a string literal that starts at an offset and breaks a rule: an escape, a control character, no end. */
export function stringDefect(text: string, start: number): ApiError {
  let at = start + 1;
  while (text.charCodeAt(at) >= SPACE) {
    ESCAPE.lastIndex = at;
    if (ESCAPE.test(text)) at = ESCAPE.lastIndex;
    else if (text[at] === '\\')
      return refusalAt(text, at, 'document.syntax', 'Expected an escape sequence of JSON, found another');
    else at++;
  }
  const expected = 'a character of a string or its closing quote';
  return refusalAt(text, at, 'document.syntax', `Expected ${expected}, found ${kindAt(text, at)}`);
}
