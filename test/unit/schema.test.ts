import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { parseJson } from '../../lib/job/json.ts';
import { describeIssues } from '../../lib/schema.ts';

const schema = z.object({ a: z.string(), b: z.array(z.object({ c: z.int() })), d: z.optional(z.boolean()) });

function issuesOf(value: unknown, most?: number): string {
  const parsed = schema.safeParse(value);
  return parsed.success ? 'no issue' : describeIssues(parsed.error.issues, 'the whole', most);
}

describe('what a schema found', () => {
  test.each([
    [{ b: [] }, 'a: expected string, found nothing'],
    [{ a: 1, b: [] }, 'a: expected string, found number'],
    [{ a: null, b: [] }, 'a: expected string, found null'],
    [{ a: [], b: [] }, 'a: expected string, found array'],
    [{ a: Number.NaN, b: [] }, 'a: expected string, found number'],
    [{ a: new Map(), b: [] }, 'a: expected string, found object'],
    [{ a: '', b: [{ c: 1 }, { c: 'x' }] }, 'b.1.c: expected number, found string'],
    [{ a: '', b: [{ c: 1.5 }] }, 'b.0.c: expected int, found number'],
    [[], 'the whole: expected object, found array'],
    [undefined, 'the whole: expected object, found nothing'],
  ])('in %j is told by where, what was expected and what was found', (value, message) => {
    expect(issuesOf(value)).toBe(message);
  });

  test.each([
    ['1.0', 'number'],
    ['9007199254740993', 'number'],
    ['{"constructor":{"name":"hunter2"}}', 'object'],
    ['{"constructor":{"name":{}}}', 'object'],
    ['{"constructor":null}', 'object'],
  ])('is told of a value of a document by its kind alone: %s', (text, kind) => {
    expect(issuesOf({ a: parseJson(text), b: [] })).toBe(`a: expected string, found ${kind}`);
  });

  test('is told three times, and the others are counted', () => {
    const five = { a: 1, b: [{}, {}, {}], d: 1 };
    expect(issuesOf(five)).toMatch(/^a: [^;]+; b\.0\.c: [^;]+; b\.1\.c: [^;]+; and 2 more$/);
    expect(issuesOf(five, Number.POSITIVE_INFINITY).split('; ')).toHaveLength(5);
    expect(issuesOf({ a: 1, b: [{}, {}] })).not.toContain('more');
  });
});
