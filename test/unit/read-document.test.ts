import { describe, expect, test } from 'vitest';
import type { Json, JsonBudget } from '../../lib/job/json.ts';
import { readDocument } from '../../lib/job/read-document.ts';
import { JSON_JOB_VALUES, JSON_VALUES } from '../../lib/limits.ts';

function read(text: string | Buffer, budget: JsonBudget = { values: JSON_VALUES }): Json[] {
  const jobs: Json[] = [];
  readDocument(Buffer.from(text), budget, (job) => jobs.push(job));
  return jobs;
}

describe('a document', () => {
  test.each([
    ['{"name":"a"}', [{ name: 'a' }]],
    ['[{"name":"a"},{"name":"b"}]', [{ name: 'a' }, { name: 'b' }]],
    ['{"jobs":[{"name":"a"},{"name":"b"}]}', [{ name: 'a' }, { name: 'b' }]],
    ['{"jobs":[{"name":"a"}],"version":1}', [{ name: 'a' }]],
    ['{"project_id":"p","total":1,"jobs":[{"name":"a"}],"root_id":-1,"create_time":1}', [{ name: 'a' }]],
    ['{"version":{"jobs":[1]},"jobs":[{"jobs":[2]}]}', [{ jobs: [2] }]],
    ['[{"jobs":[1]}]', [{ jobs: [1] }]],
    ['\ufeff{"name":"a"}', [{ name: 'a' }]],
    ['[]', []],
    ['{"jobs":[]}', []],
    ['[1,null,[]]', [1, null, []]],
  ])('holds one job, a list of jobs or an object of them: %s', (text, jobs) => {
    expect(JSON.parse(JSON.stringify(read(text)))).toEqual(jobs);
  });

  test.each(['{"jobs":null}', '{"jobs":{}}', '{"jobs":"x","name":"a"}', '{}'])(
    'whose jobs are no list is one job: %s',
    (text) => {
      expect(JSON.parse(JSON.stringify(read(text)))).toEqual([JSON.parse(text)]);
    },
  );

  test.each([
    '{"name":"a","jobs":[]}',
    '{"jobs":[{"name":"a"}],"name":"hunter2"}',
    '{"jobs":[{"name":"a"}],"sql_body":"hunter2"}',
    '{"job_config":{},"jobs":[]}',
    '{"jobs":[],"cu_number":2}',
    '{"jobs":[],"name":null}',
  ])('is not a job and a list of jobs at once: %s', (text) => {
    const message =
      'expected a job, an array of jobs or {"jobs": [...]}; found an object that is a job and a list of jobs at once';
    expect(() => read(text)).toThrow(expect.objectContaining({ reason: 'document.shape', message }));
  });

  test.each(['null', 'true', '"hunter2"', '1', '1.0', '9007199254740993'])('is no single value: %s', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({
        code: 'DLI.0018',
        reason: 'document.shape',
        message: 'expected a job, an array of jobs or {"jobs": [...]}; found a single value',
      }),
    );
  });

  test.each([
    ['{"name":}', 'document.syntax'],
    ['', 'document.syntax'],
    ['[{"name":"a"}', 'document.syntax'],
    ['{"a":1,"a":2}', 'document.duplicate-key'],
    ['[9223372036854775808]', 'document.integer'],
    [Buffer.from([0x22, 0xff, 0x22]), 'document.encoding'],
    [Buffer.from('{}', 'utf16le'), 'document.syntax'],
  ])('is refused unless it is strict JSON: %j', (text, reason) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'DLI.0018', reason }));
  });
});

describe('the jobs of a document', () => {
  test.each(['[1,2,x', '{"jobs":[1,2,x'])('are handed on as they are read: %s', (text) => {
    const jobs: Json[] = [];
    const budget = { values: JSON_VALUES };
    expect(() => readDocument(Buffer.from(text), budget, (job) => jobs.push(job))).toThrow('at line 1');
    expect(jobs).toEqual([1, 2]);
  });

  test('stop where who takes them refuses one', () => {
    const refuse = () => {
      throw new TypeError('no more');
    };
    expect(() => readDocument(Buffer.from('[1,x'), { values: 9 }, refuse)).toThrow('no more');
  });

  test.each([
    ['one job', (job: string) => job],
    ['a list', (job: string) => `[${job},${job},1]`],
    ['a list in an object', (job: string) => `{"jobs":[${job},${job}]}`],
  ])('each have a limit of values, in %s', (_, write) => {
    const job = (values: number) => `{"x":[${'0,'.repeat(values - 4)}0]}`;
    expect(() => read(write(job(JSON_JOB_VALUES)))).not.toThrow();
    expect(() => read(write(job(JSON_JOB_VALUES + 1)))).toThrow(
      expect.objectContaining({ code: 'DLI.0009', reason: 'document.values' }),
    );
  });

  test('one of as many values as its limit is read, and not one of one more', () => {
    const job = (values: number) => `{"x":[${'0,'.repeat(values - 4)}0]}`;
    expect(read(job(JSON_JOB_VALUES))).toHaveLength(1);
    expect(() => read(job(JSON_JOB_VALUES + 1))).toThrow(`at most ${JSON_JOB_VALUES} values in a job`);
  });

  test('share what may be read of all of them', () => {
    const budget = { values: 6 };
    read('[1,2]', budget);
    expect(() => read('[{"a":{}}]', budget)).toThrow(expect.objectContaining({ reason: 'document.values' }));
  });
});
