import { describe, expect, test } from 'vitest';
import { exportRequest } from '../../lib/export/export-request.ts';
import { parseBody } from '../../lib/http/json-body.ts';

const parse = (body: unknown) => parseBody({ body }, exportRequest);
const refused = (message: string) => expect.objectContaining({ code: 'DLI.0001', message });

describe('an export request', () => {
  test.each([
    [[], 'the body: expected object, found array'],
    [null, 'the body: expected object, found null'],
    ['hunter2', 'the body: expected object, found string'],
    [1, 'the body: expected object, found number'],
  ])('that is %j is no object', (body, message) => {
    expect(() => parse(body)).toThrow(refused(message));
  });

  test.each([undefined, null, 'true', 'hunter2', 0, 1, []])('takes no is_selected of %j', (is_selected) => {
    expect(() => parse({ obs_dir: 'b/x', is_selected })).toThrow(refused('is_selected: expected true or false'));
  });

  test('without a selection holds no ids, whatever comes as such', () => {
    expect(parse({ obs_dir: 'b/x', is_selected: false, job_selected: ['x'] })).toStrictEqual({
      obs_dir: 'b/x',
      is_selected: false,
    });
  });
});
