import { describe, expect, test } from 'vitest';
import { readDocument } from '../../lib/job/read-document.ts';

const read = (text: string | Buffer) => readDocument(Buffer.from(text));

describe('a document', () => {
  test.each([
    ['{"name":"a"}', [{ name: 'a' }]],
    ['[{"name":"a"},{"name":"b"}]', [{ name: 'a' }, { name: 'b' }]],
    ['{"jobs":[{"name":"a"},{"name":"b"}]}', [{ name: 'a' }, { name: 'b' }]],
    ['{"jobs":[{"name":"a"}],"version":1}', [{ name: 'a' }]],
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

  test.each(['{"name":"a","jobs":[]}', '{"jobs":[{"name":"a"}],"name":"hunter2"}'])(
    'is not a job and a list of jobs at once: %s',
    (text) => {
      const message =
        'expected a job, an array of jobs or {"jobs": [...]}; found an object that is a job and a list of jobs at once';
      expect(() => read(text)).toThrow(expect.objectContaining({ reason: 'document.shape', message }));
    },
  );

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
