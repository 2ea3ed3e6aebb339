import { describe, expect, test } from 'vitest';
import { CONFIG_FIELDS, JOB_FIELDS, SERVER_FIELDS } from '../../lib/job/job-schema.ts';
import { parseJson } from '../../lib/job/json.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { unpack } from '../unpack.ts';

const SECRET = 'hunter2-secret';
const DIGITS = '8123456789012345678';

/** Values that hold the secret in every way in which a value can; some of them no field may hold. */
const PLANTED = [
  `"${SECRET}"`,
  `"${`${SECRET} `.repeat(80_000)}"`,
  `["${SECRET}"]`,
  `[["${SECRET}"]]`,
  `{"${SECRET}":"${SECRET}"}`,
  `[{"key":"${SECRET.repeat(40)}","value":"${SECRET.repeat(40)}"}]`,
  `[{"${SECRET}":1}]`,
  `{"constructor":{"name":"${SECRET}"}}`,
  `[{"constructor":{"name":"${SECRET}"},"key":{"constructor":{"name":"${SECRET}"}}}]`,
  DIGITS,
  `-${DIGITS}`,
  `0.${DIGITS}`,
  `${DIGITS}.5`,
  `${DIGITS}e1`,
  `[${DIGITS}]`,
];

function messageOf(text: string): string | null {
  const job = parseJob(parseJson(text));
  return job.ok ? null : job.message;
}

describe.each([...new Set([...JOB_FIELDS, ...CONFIG_FIELDS, ...SERVER_FIELDS])])('a secret in %s', (field) => {
  const places = (value: string) => [
    `{${field === 'name' ? '' : '"name":"a",'}"${field}":${value}}`,
    `{"name":"a","job_config":{"${field}":${value}}}`,
    // Beside a finding of another field, and beside another value of its own.
    `{"desc":1,"${SECRET}":${value},"x":{"${field}":${value}}}`,
    ...(field === 'job_config' ? [] : [`{"${field}":${value},"job_config":{"${field}":"other"}}`]),
  ];

  test('is in no message', () => {
    const messages = PLANTED.flatMap(places).flatMap((text) => messageOf(text) ?? []);
    expect(messages.length).toBeGreaterThan(PLANTED.length);
    expect(messages.join('\n')).not.toMatch(/hunter2|812345/);
  });
});

describe('a message', () => {
  test.each([
    ['"x"', 'a job is an object; found a string'],
    ['1', 'a job is an object; found a number'],
    ['1.0', 'a job is an object; found a number'],
    ['true', 'a job is an object; found a boolean'],
    ['null', 'a job is an object; found null'],
    ['[]', 'a job is an object; found an array'],
  ])('about %s says what a job is', (text, message) => {
    expect(parseJob(parseJson(text))).toEqual({ ok: false, oldJobId: null, name: null, message });
  });

  test.each([
    ['"desc":1.0', 'desc: expected string, found number'],
    ['"desc":1', 'desc: expected string, found number'],
    ['"desc":{"constructor":{"name":{}}}', 'desc: expected string, found object'],
    ['"desc":{"constructor":null}', 'desc: expected string, found object'],
    ['"tags":{}', 'tags: expected array, found object'],
    ['"resource_config":1.0', 'job_config.resource_config: expected an object, found a number'],
    ['"resource_config":[]', 'job_config.resource_config: expected an object, found an array of 0'],
    ['"runtime_config":{}', 'job_config.runtime_config: expected string, found object'],
    ['"dependency_jars":["a",1]', 'job_config.dependency_jars.1: expected string, found number'],
    ['"log_enabled":"true"', 'job_config.log_enabled: expected boolean, found string'],
    ['"run_mode":"x"', 'run_mode: expected one of "shared_cluster"|"exclusive_cluster"|"edge_node"'],
  ])('about %s names the field, what was expected and what was found', (field, message) => {
    expect(messageOf(`{"name":"a",${field}}`)).toBe(message);
  });

  test('tells three findings and counts the others', () => {
    expect(messageOf('{"name":"a","desc":1,"queue_name":1,"sql_body":1,"main_class":1,"entrypoint_args":1}')).toBe(
      'desc: expected string, found number; queue_name: expected string, found number; ' +
        'sql_body: expected string, found number; and 2 more',
    );
  });
});

describe('a job whose fields are named like members of objects', () => {
  test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype', 'length', 'then', 'rawJSON', 'toJSON'])(
    'keeps %s as an unknown field',
    (field) => {
      const definition = `{"job_config":{"${field}":1},"${field}":{"${field}":"x"}`;
      const text = `${definition},"name":"a"}`;
      const job = parseJob(parseJson(text));
      expect(job).toMatchObject({ ok: true, name: 'a' });
      expect(job.ok && JSON.parse(unpack(job.definition))).toEqual(JSON.parse(text));
    },
  );
});
