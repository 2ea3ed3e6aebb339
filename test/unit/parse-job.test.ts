import { describe, expect, test } from 'vitest';
import { parseJson } from '../../lib/job/json.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { unpack } from '../unpack.ts';

const parse = (text: string) => parseJob(parseJson(text));

function soundJob(text: string) {
  const job = parse(text);
  if (!job.ok) throw new Error(`Expected a sound job, found: ${job.message}`);
  return { ...job, definition: unpack(job.definition) };
}

const definitionOf = (text: string) => soundJob(text).definition;

describe('the two forms of a job', () => {
  const config = '"cu_number":2,"image":"i","dependency_jars":["a","b"],"resource_config":{"b":1,"a":2}';

  test('are one definition with one content hash', () => {
    const flat = soundJob(`{"name":"a","sql_body":"s",${config}}`);
    const nested = soundJob(`{"job_config":{${config}},"sql_body":"s","name":"a"}`);
    expect(flat).toEqual(nested);
  });

  test('may be mixed', () => {
    const mixed = soundJob('{"name":"a","cu_number":2,"job_config":{"image":"i"}}');
    expect(mixed.definition).toBe('{"job_config":{"cu_number":2,"image":"i"},"name":"a"}');
  });

  test.each([
    ['"cu_number":2', '"cu_number":2'],
    ['"dependency_jars":["a"]', '"dependency_jars": [ "a" ]'],
    ['"resource_config":{"a":1,"b":2}', '"resource_config":{"b":2,"a":1}'],
    ['"checkpoint_mode":1', '"checkpoint_mode":"exactly_once"'],
    ['"checkpoint_mode":"at_least_once"', '"checkpoint_mode":2'],
  ])('may repeat a field with one value: %s and %s', (flat, nested) => {
    expect(definitionOf(`{"name":"a",${flat},"job_config":{${nested}}}`)).toBe(
      definitionOf(`{"name":"a","job_config":{${nested}}}`),
    );
  });

  test.each([
    ['cu_number', '2', '3'],
    ['cu_number', '2', '"2"'],
    ['cu_number', '9007199254740992', '9007199254740993'],
    ['dependency_jars', '["a","b"]', '["b","a"]'],
    ['image', '"a"', '""'],
    ['checkpoint_mode', '1', '"at_least_once"'],
  ])('may not give %s as %s and as %s', (field, flat, nested) => {
    const message = `${field}: found at the top level and in job_config, with two values; keep one of them`;
    expect(parse(`{"name":"a","${field}":${flat},"job_config":{"${field}":${nested}}}`)).toMatchObject({
      ok: false,
      name: 'a',
      message,
    });
  });

  test('keep an unknown field where it stands', () => {
    const definition = '{"job_config":{"novel":1},"name":"a","novel":2}';
    expect(definitionOf(definition)).toBe(definition);
  });

  test.each(['1', '1.0', '"x"', '[]', 'true'])('take no job_config that is %s', (config) => {
    const found = { '1': 'a number', '1.0': 'a number', '"x"': 'a string', '[]': 'an array', true: 'a boolean' }[
      config
    ];
    const message = `job_config: expected an object, found ${found}`;
    expect(parse(`{"name":"a","job_config":${config}}`)).toMatchObject({ ok: false, name: 'a', message });
  });
});

describe('null', () => {
  test.each(['"desc":null', '"tags":null', '"image":null', '"job_config":null', '"job_config":{"image":null}'])(
    'in a known field is as if the field were not there: %s',
    (field) => {
      expect(soundJob(`{"name":"a",${field}}`)).toEqual(soundJob('{"name":"a"}'));
    },
  );

  test('in one form leaves the value of the other', () => {
    const expected = definitionOf('{"name":"a","image":"i"}');
    expect(definitionOf('{"name":"a","image":null,"job_config":{"image":"i"}}')).toBe(expected);
    expect(definitionOf('{"name":"a","image":"i","job_config":{"image":null}}')).toBe(expected);
  });

  test('in an unknown field is kept', () => {
    const definition = '{"job_config":{"novel":null},"name":"a","novel":null}';
    expect(definitionOf(definition)).toBe(definition);
  });
});

/** Told by hand: what the service owns. */
const OWNED = [
  'status',
  'status_desc',
  'create_time',
  'update_time',
  'start_time',
  'duration',
  'user_id',
  'user_name',
  'project_id',
  'root_id',
  'job_id',
  'pk',
  'sk',
];

test.each(OWNED)('%s is never taken from a document, whatever it holds', (field) => {
  for (const value of ['1', '"x"', '{"a":1}', 'null']) {
    expect(soundJob(`{"name":"a","${field}":${value}}`)).toMatchObject({ definition: '{"name":"a"}' });
  }
});

/** The contract has a root_id in job_config, too. */
test.each(OWNED.filter((field) => field !== 'root_id'))(
  '%s is never taken from job_config, whatever it holds',
  (field) => {
    for (const value of ['1', '"x"', '{"a":1}', 'null']) {
      expect(soundJob(`{"name":"a","job_config":{"${field}":${value}}}`)).toMatchObject({ definition: '{"name":"a"}' });
      expect(definitionOf(`{"name":"a","job_config":{"image":"i","${field}":${value}}}`)).toBe(
        '{"job_config":{"image":"i"},"name":"a"}',
      );
    }
  },
);

test('root_id is a field of job_config', () => {
  const definition = '{"job_config":{"root_id":7},"name":"a"}';
  expect(definitionOf(definition)).toBe(definition);
});

test('a job_id in job_config is no old id', () => {
  expect(parse('{"name":"a","job_config":{"job_id":7}}').oldJobId).toBeNull();
});

test('an empty job_config is none', () => {
  expect(soundJob('{"name":"a","job_config":{}}')).toEqual(soundJob('{"name":"a"}'));
});

test('defaults are not filled in, so a stated default is another content', () => {
  expect(soundJob('{"name":"a","desc":""}').contentHash).not.toBe(soundJob('{"name":"a"}').contentHash);
});

test.each([
  ['1', 'exactly_once'],
  ['2', 'at_least_once'],
  ['"exactly_once"', 'exactly_once'],
  ['"at_least_once"', 'at_least_once'],
])('checkpoint_mode %s is kept as %s', (mode, word) => {
  const definition = `{"job_config":{"checkpoint_mode":"${word}"},"name":"a"}`;
  expect(definitionOf(`{"name":"a","checkpoint_mode":${mode}}`)).toBe(definition);
  expect(definitionOf(`{"name":"a","job_config":{"checkpoint_mode":${mode}}}`)).toBe(definition);
});

test.each(['3', '0', '"1"', '1.0', '""', 'true', '[]', '{}'])('checkpoint_mode may not be %s', (mode) => {
  const message = expect.stringMatching(
    /^job_config\.checkpoint_mode: expected exactly_once, at_least_once, 1 or 2, found an? \w+/,
  );
  expect(parse(`{"name":"a","checkpoint_mode":${mode}}`)).toMatchObject({ ok: false, name: 'a', message });
});

describe('the old id', () => {
  test.each([
    ['0', '0'],
    ['1582677879475', '1582677879475'],
    ['-1', '-1'],
    ['9007199254740993', '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['100.0', '100'],
    ['100.000', '100'],
    ['9223372036854775807.0', '9223372036854775807'],
    ['"100"', '100'],
    ['"007"', '7'],
    ['"9223372036854775807"', '9223372036854775807'],
    ['"-9223372036854775808"', '-9223372036854775808'],
  ])('of %s is the integer %s', (text, digits) => {
    expect(parse(`{"name":"a","job_id":${text}}`)).toMatchObject({ ok: true, oldJobId: digits });
  });

  test.each([
    '"9223372036854775808"',
    '"-9223372036854775809"',
    '9223372036854775808.0',
    '"99999999999999999999"',
    '"999999999999999999999999"',
    '""',
    '" 1"',
    '"1\\n"',
    '"1e2"',
    '1e2',
    '1e+21',
    '1.5',
    '"1.5"',
    '"+1"',
    '"0x10"',
    '"--1"',
    'null',
    'true',
    '{}',
    '{"rawJSON":"1"}',
    '[1]',
  ])('of %s is none', (text) => {
    expect(parse(`{"name":"a","job_id":${text}}`)).toMatchObject({ ok: true, oldJobId: null });
  });

  test('is none when the document has none', () => {
    expect(parse('{"name":"a"}').oldJobId).toBeNull();
  });

  test('is told of a job that fails, too', () => {
    expect(parse('{"name":"","job_id":7}')).toMatchObject({ ok: false, oldJobId: '7' });
    expect(parse('{"name":"a","job_id":7,"job_config":1}')).toMatchObject({ ok: false, oldJobId: '7' });
  });

  test('is no part of the content', () => {
    expect(soundJob('{"name":"a","job_id":7}').contentHash).toBe(soundJob('{"name":"a","job_id":8}').contentHash);
  });
});

describe('the summary', () => {
  test('holds defaults where the definition is silent', () => {
    const summary = { desc: '', job_type: 'flink_opensource_sql_job', run_mode: 'shared_cluster' };
    expect(soundJob('{"name":"a"}').summary).toStrictEqual(summary);
  });

  test('holds what the definition says', () => {
    const summary = { desc: 'd', job_type: 'flink_jar_job', run_mode: 'edge_node', queue_name: 'q' };
    expect(soundJob(JSON.stringify({ name: 'a', ...summary })).summary).toStrictEqual(summary);
  });
});
