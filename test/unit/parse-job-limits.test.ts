import { describe, expect, test } from 'vitest';
import { parseJson } from '../../lib/job/json.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import {
  JOB_DESC_CHARACTERS,
  JOB_NAME_CHARACTERS,
  JOB_TAGS,
  JSON_DEPTH,
  JSON_OBJECT_KEYS,
  PARALLEL_NUMBER,
  QUEUE_NAME_CHARACTERS,
  SQL_BODY_CHARACTERS,
  TAG_KEY_CHARACTERS,
  TAG_VALUE_CHARACTERS,
} from '../../lib/limits.ts';
import { unpack } from '../unpack.ts';

const parse = (fields: object) => parseJob(parseJson(JSON.stringify({ name: 'orders', ...fields })));
const parseText = (fields: string) => parseJob(parseJson(`{"name":"orders",${fields}}`));
const tags = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, value: 'v' }));

/** A character that is two UTF-16 units. */
const PAIR = '😀';

test('the limits are those of the job API', () => {
  expect([JOB_NAME_CHARACTERS, JOB_DESC_CHARACTERS, QUEUE_NAME_CHARACTERS, SQL_BODY_CHARACTERS]).toEqual([
    57, 2_048, 128, 1_048_576,
  ]);
  expect([JOB_TAGS, TAG_KEY_CHARACTERS, TAG_VALUE_CHARACTERS, PARALLEL_NUMBER]).toEqual([20, 128, 255, 2_000]);
});

describe('a name', () => {
  test.each(['a', '0', '-', '_', 'A-z_09', 'a'.repeat(57)])('may be %s', (name) => {
    expect(parse({ name })).toMatchObject({ ok: true, name });
  });

  test.each(['a'.repeat(58), '', ' ', 'a b', 'a.b', 'a/b', 'a#b', 'é', '名', 'a\n', '\na', 'a\u0000'])(
    'may not be %j',
    (name) => {
      const message = `name: expected 1 to 57 letters, digits, - or _, found a string of ${name.length} characters`;
      expect(parse({ name })).toMatchObject({ ok: false, name: null, message });
    },
  );

  test.each([1, true, null, ['a'], { a: 'a' }])('may not be %j, which is no string', (name) => {
    expect(parse({ name })).toMatchObject({ ok: false, name: null });
  });

  test('is mandatory', () => {
    const message = 'name: expected string, found nothing';
    expect(parseJob(parseJson('{"desc":""}'))).toMatchObject({ ok: false, name: null, message });
  });
});

describe.each([
  ['desc', JOB_DESC_CHARACTERS],
  ['queue_name', QUEUE_NAME_CHARACTERS],
  ['sql_body', SQL_BODY_CHARACTERS],
])('%s', (field, limit) => {
  test.each(['x', 'é', '名', PAIR])('takes as many characters as its limit: %s', (character) => {
    expect(parse({ [field]: character.repeat(limit) })).toMatchObject({ ok: true });
  });

  test.each(['x', 'é', '名', PAIR])('takes no character more: %s', (character) => {
    const message = `${field}: expected at most ${limit} characters, found a string of ${limit + 1} characters`;
    expect(parse({ [field]: character.repeat(limit + 1) })).toMatchObject({ ok: false, name: 'orders', message });
  });

  test('may be empty', () => {
    expect(parse({ [field]: '' })).toMatchObject({ ok: true });
  });
});

describe('tags', () => {
  test.each([0, 1, JOB_TAGS])('may be %i', (count) => {
    expect(parse({ tags: tags(count) })).toMatchObject({ ok: true });
  });

  test('may not be one more than their limit', () => {
    expect(parse({ tags: tags(JOB_TAGS + 1) })).toMatchObject({
      ok: false,
      message: 'tags: expected at most 20 tags, found an array of 21',
    });
  });

  test.each([
    ['key', TAG_KEY_CHARACTERS],
    ['value', TAG_VALUE_CHARACTERS],
  ])('have a %s of up to its limit, counted in characters', (part, limit) => {
    const tag = { key: 'k', value: 'v' };
    for (const character of ['x', PAIR]) {
      expect(parse({ tags: [{ ...tag, [part]: character.repeat(limit) }] })).toMatchObject({ ok: true });
      expect(parse({ tags: [tag, { ...tag, [part]: character.repeat(limit + 1) }] })).toMatchObject({
        ok: false,
        message: `tags.1.${part}: expected at most ${limit} characters, found a string of ${limit + 1} characters`,
      });
    }
  });

  test.each([
    [{ key: 'k' }, 'tags.0.value: expected string, found nothing'],
    [{ value: 'v' }, 'tags.0.key: expected string, found nothing'],
    ['k=v', 'tags.0: expected object, found string'],
    [{ key: 1, value: 'v' }, 'tags.0.key: expected string, found number'],
  ])('have both a key and a value: %j', (tag, message) => {
    expect(parse({ tags: [tag] })).toMatchObject({ ok: false, message });
  });
});

describe('parallel_number', () => {
  test.each([1, PARALLEL_NUMBER])('may be %i', (parallel_number) => {
    expect(parse({ parallel_number })).toMatchObject({ ok: true });
    expect(parse({ job_config: { parallel_number } })).toMatchObject({ ok: true });
  });

  test.each(['0', '-1', String(PARALLEL_NUMBER + 1), '1.5', '1.0', '1e1', '9007199254740993', '"1"', 'true', '[]'])(
    'may not be %s',
    (text) => {
      const message = expect.stringMatching(
        /^job_config\.parallel_number: expected an integer from 1 to 2000, found an? \w+/,
      );
      expect(parseText(`"parallel_number":${text}`)).toMatchObject({ ok: false, name: 'orders', message });
    },
  );
});

describe('an integer', () => {
  test.each(['0', '-1', '9007199254740991', '9007199254740992', '9223372036854775807', '-9223372036854775808'])(
    'may be any of an int64: %s',
    (digits) => {
      const definition = `{"job_config":{"cu_number":${digits}},"name":"orders"}`;
      const parsed = parseText(`"cu_number":${digits}`);
      expect(parsed.ok && unpack(parsed.definition)).toBe(definition);
    },
  );

  test.each(['1.5', '2.0', '1e3', '1e+21', '1e400', '"2"', 'true', '[]', '{}'])('may not be %s', (text) => {
    const message = expect.stringMatching(/^job_config\.cu_number: expected an integer, found an? \w+/);
    expect(parseText(`"cu_number":${text}`)).toMatchObject({ ok: false, message });
  });
});

describe('fields of a fixed set', () => {
  test.each([
    ['job_type', ['flink_sql_job', 'flink_opensource_sql_job', 'flink_sql_edge_job', 'flink_jar_job']],
    ['run_mode', ['shared_cluster', 'exclusive_cluster', 'edge_node']],
    ['feature', ['basic', 'custom']],
    ['resource_config_version', ['v1', 'v2']],
  ])('%s takes each word of its set and no other', (field, words) => {
    for (const word of words) expect(parse({ [field]: word })).toMatchObject({ ok: true });
    for (const other of ['', 'other', String(words[0]).toUpperCase(), 1]) {
      expect(parse({ [field]: other })).toMatchObject({ ok: false, name: 'orders' });
    }
  });
});

describe('a field of job_config at the top level', () => {
  const deep = (levels: number) => `"resource_config":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
  const wide = (keys: number) => `"job_config":{${Array.from({ length: keys }, (_, at) => `"k${at}":1`)}},"image":"i"`;
  const definitionOf = (fields: string) => {
    const parsed = parseText(fields);
    if (!parsed.ok) throw new Error(parsed.message);
    return unpack(parsed.definition);
  };

  test.each([deep(JSON_DEPTH - 2), wide(1)])('can be read again within job_config: %s', (fields) => {
    expect(() => parseJson(definitionOf(fields))).not.toThrow();
  });

  test('may have 30 levels, and not one more', () => {
    const message = 'resource_config: expected at most 30 levels of nesting, found more';
    expect(parseText(deep(JSON_DEPTH - 1))).toMatchObject({ ok: false, name: 'orders', message });
    expect(parseText(`"job_config":{${deep(JSON_DEPTH - 2)}}`)).toMatchObject({ ok: true });
  });

  test(`may be the last of ${JSON_OBJECT_KEYS} keys of job_config, and not one more`, () => {
    const message = 'job_config: expected at most 10000 keys with those of the top level, found more';
    expect(parseText(wide(JSON_OBJECT_KEYS - 1))).toMatchObject({ ok: true });
    expect(parseText(wide(JSON_OBJECT_KEYS))).toMatchObject({ ok: false, name: 'orders', message });
  });
});
