import { describe, expect, test } from 'vitest';
import { parseBody } from '../../lib/http/json-body.ts';
import { importRequest } from '../../lib/import/import-request.ts';

const parse = (body: unknown) => parseBody({ body }, importRequest);
const refused = (message: string) => expect.objectContaining({ code: 'DLI.0001', message });

describe('an import request', () => {
  test.each([
    [{}, false],
    [{ is_cover: false }, false],
    [{ is_cover: 'false' }, false],
    [{ is_cover: null }, false],
    [{ is_cover: true }, true],
    [{ is_cover: 'true' }, true],
  ])('with %j covers: %s', (fields, isCover) => {
    expect(parse({ zip_file: 'b/x.zip', ...fields })).toStrictEqual({ zip_file: 'b/x.zip', is_cover: isCover });
  });

  test.each(['', 'yes', 'True', 'TRUE', ' true', 0, 1, [], [true], {}])('takes no is_cover of %j', (is_cover) => {
    expect(() => parse({ zip_file: 'b/x.zip', is_cover })).toThrow(
      refused(expect.stringMatching(/^is_cover: expected true or false, found /)),
    );
  });

  test.each([
    [{}, 'zip_file: expected string, found nothing'],
    [{ zip_file: null }, 'zip_file: expected string, found null'],
    [{ zip_file: 1 }, 'zip_file: expected string, found number'],
    [{ zip_file: ['hunter2'] }, 'zip_file: expected string, found array'],
    [{ zip_file: { hunter2: 1 } }, 'zip_file: expected string, found object'],
    [
      { zip_file: 1, is_cover: 'hunter2' },
      'zip_file: expected string, found number; is_cover: expected true or false, found a string of 7 characters',
    ],
  ])('of %j is refused by the names of its fields', (body, message) => {
    expect(() => parse(body)).toThrow(refused(message));
  });

  test.each([
    [[], 'the body: expected object, found array'],
    [null, 'the body: expected object, found null'],
    ['hunter2', 'the body: expected object, found string'],
    [1, 'the body: expected object, found number'],
    [undefined, 'the body: expected object, found nothing'],
  ])('that is %j is no object', (body, message) => {
    expect(() => parse(body)).toThrow(refused(message));
  });

  test('passes over other fields', () => {
    expect(parse({ zip_file: 'b/x.zip', novel: 1 })).toStrictEqual({ zip_file: 'b/x.zip', is_cover: false });
  });
});
