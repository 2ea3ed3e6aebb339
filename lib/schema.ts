import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// The functional form of the library, with one language: a quarter of the bytes and half the load time of the whole.
const english = en().localeError;

// It would take the word for an object's kind out of the object, from a key `constructor` that a document may have.
z.config({
  localeError: (issue) => {
    if (issue.code !== 'invalid_type') return english(issue);
    return `Invalid input: expected ${issue.expected}, received ${kindOf(issue.input)}`;
  },
});

/** A finding of the schema library: where, and what was expected. */
type Issue = { path: PropertyKey[]; message: string };

/** Findings told in one message; the others are counted. */
const SHOWN_ISSUES = 3;

/**
 * Says what a schema found. Paths hold names of our own schemas and positions only, and no message repeats a value.
 * @param whole what the empty path stands for.
 */
export function describeIssues(issues: Issue[], whole: string, most = SHOWN_ISSUES): string {
  const shown = issues.slice(0, most).map(({ path, message }) => {
    const finding = message.replace(/^Invalid (?:input|option): /, '').replace('received undefined', 'found nothing');
    return `${path.map(String).join('.') || whole}: ${finding.replace('received', 'found')}`;
  });
  const more = issues.length - shown.length;
  return more > 0 ? `${shown.join('; ')}; and ${more} more` : shown.join('; ');
}

/**
 * The message of a rule that the schema library has no words for, with what was found in its place.
 * @param what as in `an integer`.
 */
export function expected(what: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => `expected ${what}, found ${shapeOf(input)}` };
}

/** One of some words. */
export function oneOf(words: readonly string[]) {
  return z
    .string()
    .check(z.refine((word) => words.includes(word), expected(`one of ${words.join(', ')}`)))
    .register(z.globalRegistry, { enum: words });
}

/** A schema with words for the OpenAPI document. */
export const described = <S extends z.ZodMiniType>(schema: S, description: string): S => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

/** What every answer begins with. A string: clients fail on a boolean. */
export const isSuccess = z.enum(['true', 'false']);

/** A value without its content: of a text only how long it is. */
function shapeOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return `a string of ${[...value].length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const kind = kindOf(value);
  return kind === 'null' ? kind : `${kind === 'object' ? 'an' : 'a'} ${kind}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  // A number of a document that is kept as its source text.
  return JSON.isRawJSON(value) ? 'number' : typeof value;
}
