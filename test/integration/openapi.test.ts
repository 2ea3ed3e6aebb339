import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { expectDocumented } from '../documented.ts';
import { send } from './client.ts';

test('the document of the API is served as it was written, to everybody', async () => {
  const { status, headers, json } = await send('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('x-request-id')).toBeTruthy();
  expect(json).toEqual(JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')));
});

test.each([
  ['GET', '/openapi.json/'],
  ['POST', '/openapi.json'],
  ['GET', '/openapi'],
  ['GET', '/v1.0/demo/openapi.json'],
])('%s %s is no path of the API', async (method, path) => {
  const { status, json } = await send(method, path);
  expect([status, json.error_code]).toEqual([404, 'APIGW.0101']);
});

const JOBS = '/v1.0/p/streaming/jobs';
const HEADERS = { 'content-type': 'application/json', 'x-request-id': 'r' };
const DELETED = { is_success: 'true', message: '' };

const sound = { method: 'DELETE', path: `${JOBS}/1`, status: 200, headers: HEADERS, json: DELETED as unknown };

test('an answer that is documented passes', () => {
  const { method, path, headers, ...answer } = sound;
  expect(() => expectDocumented(method, path, { ...answer, headers: new Headers(headers) })).not.toThrow();
});

test.each<[string, Partial<typeof sound>, RegExp]>([
  ['of another route', { path: '/v1.0/p/streaming/jobs/1/2' }, /no such operation/],
  ['of another method', { method: 'PUT' }, /no such operation/],
  ['of another status', { status: 202 }, /202 of DELETE/],
  ['of another content type', { headers: { ...HEADERS, 'content-type': 'text/plain' } }, /content type text\/plain/],
  ['without a request id', { headers: { ...HEADERS, 'x-request-id': '' } }, /X-Request-Id/],
  ['with a boolean in is_success', { json: { ...DELETED, is_success: true } }, /is_success/],
  ['with a field more', { json: { ...DELETED, more: 1 } }, /additional properties/],
  ['with a field less', { json: { is_success: 'true' } }, /message/],
  ['with a code of another status', { status: 400, json: { error_code: 'APIGW.0301', error_msg: 'm' } }, /error_code/],
  ['with a code that the operation has not', { status: 400, json: { error_code: 'DLI.0018', error_msg: 'm' } }, /code/],
])('an answer %s fails', (_case, change, says) => {
  const { method, path, headers, ...answer } = { ...sound, ...change };
  expect(() => expectDocumented(method, path, { ...answer, headers: new Headers(headers) })).toThrow(says);
});
