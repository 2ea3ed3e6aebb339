import { expect, test } from 'vitest';
import { doneIds } from '../../local/batch-response.ts';

const ids = ['a', 'b', 'c'];
const response = (...identifiers: unknown[]) =>
  JSON.stringify({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });

test.each(['', 'null', '{}', '{"batchItemFailures":null}', '{"batchItemFailures":[]}', '{"other":1}'])(
  'a batch is done when the response is %j',
  (payload) => expect(doneIds(payload, ids)).toEqual(ids),
);

test.each([
  [response('b'), ['a', 'c']],
  [response('c', 'a', 'c'), ['b']],
  [response('a', 'b', 'c'), []],
])('of %s the others are done', (payload, expected) => expect(doneIds(payload, ids)).toEqual(expected));

test.each([
  '{',
  'true',
  '"a"',
  '["a"]',
  '{"batchItemFailures":"a"}',
  '{"batchItemFailures":{"itemIdentifier":"a"}}',
  '{"batchItemFailures":["a"]}',
  '{"batchItemFailures":[{}]}',
  '{"batchItemFailures":[{"messageId":"a"}]}',
  response(''),
  response(null),
  response(1),
  response('a', 'd'),
])('nothing is done when the response is %s', (payload) => expect(doneIds(payload, ids)).toBeUndefined());
