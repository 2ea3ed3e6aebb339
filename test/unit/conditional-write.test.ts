import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { expect, test } from 'vitest';
import { isWritten } from '../../lib/store/conditional-write.ts';

const failing = (error: Error) => ({ send: () => Promise.reject(error) });

test('a write that its condition lets through is written', async () => {
  expect(await isWritten({ send: async () => ({}) })).toBe(true);
});

test('a write that its condition refuses is not written', async () => {
  const refusal = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
  expect(await isWritten(failing(refusal))).toBe(false);
});

test('a write of which something else is known, or nothing, is a fault', async () => {
  const fault = new Error('the table did not answer');
  await expect(isWritten(failing(fault))).rejects.toBe(fault);
});
