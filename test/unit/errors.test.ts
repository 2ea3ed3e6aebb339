import { describe, expect, test } from 'vitest';
import { ApiError, errorCode, faultLog, HTTP_STATUS } from '../../lib/errors.ts';
import { toApiError } from '../../lib/http/to-api-error.ts';

describe('an ApiError', () => {
  test('holds what a client is told, and why', () => {
    const cause = new Error('cause');
    const error = new ApiError('DLI.0018', 'what', { reason: 'archive.crc', cause });
    expect(error).toMatchObject({ name: 'ApiError', code: 'DLI.0018', message: 'what', reason: 'archive.crc', cause });
    expect(error).toBeInstanceOf(Error);
  });

  test('has no reason unless it is given one', () => {
    expect(new ApiError('DLI.0001', 'what').reason).toBeUndefined();
  });
});

test.each([
  ['DLI.0001', 400],
  ['DLI.0002', 400],
  ['DLI.0006', 400],
  ['DLI.0007', 400],
  ['DLI.0009', 400],
  ['DLI.0011', 400],
  ['DLI.0018', 400],
  ['DLI.0019', 400],
  ['DLI.0999', 400],
  ['DLI.16001', 400],
  ['APIGW.0101', 404],
  ['APIGW.0201', 413],
  ['APIGW.0301', 401],
  ['APIGW.0302', 403],
] as const)('%s is answered with %i', (code, status) => {
  expect(HTTP_STATUS[code]).toBe(status);
  expect(errorCode.safeParse(code).success).toBe(true);
});

test.each(['DLI.9999', '', 'toString', '__proto__', 1, null, undefined])('%j is no error code', (code) => {
  expect(errorCode.safeParse(code).success).toBe(false);
});

describe('what the log tells of a fault', () => {
  test('is its name, its message and where it was thrown', () => {
    const error = new TypeError('what');
    expect(faultLog(error)).toEqual({ name: 'TypeError', message: 'what', stack: error.stack });
  });

  test('is nothing of its other properties and its cause', () => {
    const error = Object.assign(new Error('what', { cause: new Error('hunter2') }), { Item: 'hunter2' });
    expect(JSON.stringify(faultLog(error))).not.toContain('hunter2');
  });

  test('is nothing of what a parser quotes', () => {
    const parse = () => JSON.parse('hunter2');
    expect(parse).toThrow(/hunter2/);
    try {
      parse();
    } catch (error) {
      expect(faultLog(error)).toEqual({ name: 'SyntaxError', message: 'a text could not be parsed' });
    }
  });

  test.each(['hunter2', 1, null, undefined, { message: 'hunter2' }])(
    'is the kind of what is no error: %j',
    (thrown) => {
      expect(faultLog(thrown)).toEqual({ name: typeof thrown, message: 'not an error' });
    },
  );
});

describe('toApiError', () => {
  test('leaves an ApiError as it is', () => {
    const error = new ApiError('DLI.0002', 'what');
    expect(toApiError(error)).toBe(error);
  });

  test.each([new Error('hunter2'), 'hunter2', undefined, { code: 'DLI.0001', message: 'hunter2' }])(
    'hides what any other fault says: %j',
    (thrown) => {
      const error = toApiError(thrown);
      expect(error).toMatchObject({ code: 'DLI.0999', cause: thrown });
      expect(error.message).toBe('The server failed. Send the request again; its X-Request-Id leads to the log.');
    },
  );
});
