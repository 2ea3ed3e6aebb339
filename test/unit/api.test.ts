import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import { describe, expect, test, vi } from 'vitest';
import { ApiError, type ErrorCode, HTTP_STATUS } from '../../lib/errors.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, jsonResult } from '../../lib/http/api.ts';
import { jsonBody } from '../../lib/http/json-body.ts';
import { apiEvent, lambdaContext, REQUEST_ID } from './api-event.ts';

/** Drives a handler in the envelope, and collects what it logs. */
async function run(answer: () => unknown, event: ApiEvent = apiEvent()) {
  const logger = new Logger({ serviceName: 'test' });
  const lines: unknown[][] = [];
  const keys = {};
  vi.spyOn(logger, 'appendKeys').mockImplementation((more) => void Object.assign(keys, more));
  for (const level of ['debug', 'info', 'warn', 'error', 'critical'] as const) {
    vi.spyOn(logger, level).mockImplementation((...[text, fields]: unknown[]) => {
      lines.push([level, text, Object.assign({}, keys, fields)]);
    });
  }
  const resetKeys = vi.spyOn(logger, 'resetKeys');
  const handler = middy<ApiEvent, ApiResult>()
    .use(apiEnvelope(logger))
    .use(jsonBody(100))
    .handler(async () => jsonResult<unknown>(await answer()));
  const result = await handler({ body: '{}', ...event }, lambdaContext());
  return { result, lines, resetKeys };
}

const fail = (error: unknown) => () => {
  throw error;
};
const HEADERS = { 'content-type': 'application/json', 'x-request-id': REQUEST_ID };

describe('an answer', () => {
  test('is JSON and carries the id of its request', async () => {
    const { result } = await run(() => ({ is_success: 'true' }));
    expect(result).toEqual({ statusCode: 200, headers: HEADERS, body: '{"is_success":"true"}' });
  });

  test('keeps the digits of numbers', async () => {
    const { result } = await run(() => ({ old_job_id: JSON.rawJSON('9223372036854775807') }));
    expect(result.body).toBe('{"old_job_id":9223372036854775807}');
  });

  test('is one line of the log', async () => {
    const { lines, resetKeys } = await run(() => ({}));
    expect(lines).toEqual([
      ['info', 'request', { request_id: REQUEST_ID, route: 'POST /x', status: 200, duration_ms: expect.any(Number) }],
    ]);
    expect(resetKeys).toHaveBeenCalledTimes(1);
  });
});

describe.each(Object.entries(HTTP_STATUS))('the refusal %s', (code, status) => {
  const refusal = new ApiError(code as ErrorCode, 'what to do', { reason: 'archive.crc' });

  test(`is answered with ${status}, in the shape of the contract`, async () => {
    const { result } = await run(fail(refusal));
    const isGateways = code.startsWith('APIGW.');
    const body = { error_code: code, error_msg: 'what to do', ...(isGateways && { request_id: REQUEST_ID }) };
    expect({ ...result, body: JSON.parse(result.body ?? '') }).toEqual({ statusCode: status, headers: HEADERS, body });
  });

  test('is one line of the log, with its code and reason', async () => {
    const { lines, resetKeys } = await run(fail(refusal));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject([
      'info',
      'request',
      { request_id: REQUEST_ID, status, error_code: code, reason: 'archive.crc' },
    ]);
    expect(resetKeys).toHaveBeenCalledTimes(1);
  });
});

describe('a fault', () => {
  const cause = new Error('hunter2-cause');
  const error = Object.assign(new TypeError('hunter2-message', { cause }), { Item: 'hunter2-item' });

  test.each([error, 'hunter2', undefined, null, { message: 'hunter2' }])(
    'is answered with DLI.0999 and nothing of what it says: %j',
    async (thrown) => {
      const { result } = await run(fail(thrown));
      expect(result).toMatchObject({ statusCode: 400, headers: HEADERS });
      expect(JSON.parse(result.body ?? '')).toEqual({
        error_code: 'DLI.0999',
        error_msg: 'The server failed. Send the request again; its X-Request-Id leads to the log.',
      });
    },
  );

  test('is one line of the log, with its name, message and stack, and nothing else of it', async () => {
    const { lines } = await run(fail(error));
    expect(lines).toHaveLength(1);
    const fault = { name: 'TypeError', message: 'hunter2-message', stack: error.stack };
    expect(lines[0]).toMatchObject(['info', 'request', { status: 400, error_code: 'DLI.0999', fault }]);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2-(cause|item)/);
  });

  test('is told in the log only if it is one', async () => {
    const { lines } = await run(fail(new ApiError('DLI.0002', 'what', { cause })));
    expect(JSON.stringify(lines)).not.toContain('fault');
  });
});

describe('a request whose body is refused', () => {
  test.each([
    ['{"a":}', 400, 'DLI.0001'],
    [`"${'x'.repeat(99)}"`, 413, 'APIGW.0201'],
  ])('never reaches the handler: %s', async (body, statusCode, code) => {
    const answer = vi.fn(() => ({}));
    const { result, lines } = await run(answer, apiEvent({ body }));
    expect(answer).not.toHaveBeenCalled();
    expect(result).toMatchObject({ statusCode, headers: HEADERS });
    expect(JSON.parse(result.body ?? '')).toMatchObject({ error_code: code });
    expect(lines).toHaveLength(1);
  });
});

test('jsonResult takes a status and headers', () => {
  expect(jsonResult<unknown>({}, 202, { location: '/x' })).toEqual({
    statusCode: 202,
    headers: { location: '/x', 'content-type': 'application/json' },
    body: '{}',
  });
});
