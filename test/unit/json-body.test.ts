import middy from '@middy/core';
import { describe, expect, test } from 'vitest';
import type { ApiEvent } from '../../lib/http/api.ts';
import { jsonBody } from '../../lib/http/json-body.ts';
import { REQUEST_BODY_BYTES } from '../../lib/limits.ts';
import { apiEvent, lambdaContext } from './api-event.ts';

/** What a handler behind the parser gets as the body of its event. */
async function parsed(body: string | undefined, other: Partial<ApiEvent> = {}, maxBytes = REQUEST_BODY_BYTES) {
  const handler = middy<ApiEvent, unknown>()
    .use(jsonBody(maxBytes))
    .handler(async (event) => event.body);
  return handler(apiEvent({ ...(body !== undefined && { body }), ...other }), lambdaContext());
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const invalid = (problem: string) => ({ code: 'DLI.0001', message: `The body is not valid JSON: ${problem}.` });

describe('a body', () => {
  test.each(['application/json', 'application/json; charset=utf-8', 'text/plain', undefined])(
    'is read whatever its content type: %s',
    async (type) => {
      expect(await parsed('{"a":1}', { headers: type === undefined ? {} : { 'content-type': type } })).toEqual({
        a: 1,
      });
    },
  );

  test.each(['{"a":1}\n', '{"a" : 1}', '\r\n\t {"a":1} ', '{"\\u0061":1}'])(
    'is read however it is written: %j',
    async (body) => {
      expect(await parsed(body)).toEqual({ a: 1 });
    },
  );

  test('is read from base64, as the gateway may send it', async () => {
    expect(await parsed(base64('{"é":"😀"}'), { isBase64Encoded: true })).toEqual({ é: '😀' });
  });

  test('may hold as many bytes as its limit, and no more', async () => {
    const text = (bytes: number) => `"${'é'.repeat((bytes - 2) / 2)}"`;
    expect(await parsed(text(100), {}, 100)).toHaveLength(49);
    await expect(parsed(text(102), {}, 100)).rejects.toMatchObject({
      code: 'APIGW.0201',
      message: "The request's body has 102 bytes; at most 100 are taken here.",
    });
  });

  test('is measured as it was sent, not as base64', async () => {
    const text = `"${'x'.repeat(98)}"`;
    expect(await parsed(base64(text), { isBase64Encoded: true }, 100)).toHaveLength(98);
    await expect(parsed(base64(`${text} `), { isBase64Encoded: true }, 100)).rejects.toMatchObject({
      code: 'APIGW.0201',
      message: "The request's body has 101 bytes; at most 100 are taken here.",
    });
  });

  test('is measured before it is read', async () => {
    await expect(parsed('{'.repeat(101), {}, 100)).rejects.toMatchObject({ code: 'APIGW.0201' });
  });
});

describe('a body that is not JSON', () => {
  test.each([
    [undefined, 'Expected a value, found the end of the document at line 1, column 1'],
    ['', 'Expected a value, found the end of the document at line 1, column 1'],
    ['{"hunter2":}', 'Expected a value, found a closing brace at line 1, column 12'],
    ['{\n "a": hunter2}', 'Expected a value, found a bare word at line 2, column 7'],
    ["{'hunter2':1}", 'Expected a key in double quotes, found an unexpected character at line 1, column 2'],
    ['{"hunter2":1', 'Expected a comma or a closing brace, found the end of the document at line 1, column 13'],
    ['zip_file=hunter2', 'Expected a value, found a bare word at line 1, column 1'],
  ])('is refused with the place where it stops being JSON: %j', async (body, problem) => {
    await expect(parsed(body)).rejects.toMatchObject(invalid(problem));
    if (body === undefined) return;
    await expect(parsed(base64(body), { isBase64Encoded: true })).rejects.toMatchObject(invalid(problem));
  });

  test.each(['{"__proto__":{"hunter2":1}}', '{"constructor":{"prototype":{"hunter2":1}}}'])(
    'or holds a key that would change objects, is refused without being quoted: %s',
    async (body) => {
      await expect(parsed(body)).rejects.toMatchObject({
        code: 'DLI.0001',
        message: expect.not.stringContaining('hunter2'),
      });
    },
  );
});
