import { ApiError } from '../errors.ts';
import { IDEMPOTENCY_KEY_CHARACTERS } from '../limits.ts';
import type { ApiEvent } from './api.ts';

export const IDEMPOTENCY_KEY = new RegExp(`^[\\x21-\\x7e]{1,${IDEMPOTENCY_KEY_CHARACTERS}}$`);

/** The key that makes a request one that can be sent again. @throws ApiError DLI.0001 if it is not printable, or too long. */
export function idempotencyKeyOf({ headers }: ApiEvent): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw new ApiError(
    'DLI.0001',
    `Idempotency-Key: expected 1 to ${IDEMPOTENCY_KEY_CHARACTERS} printable characters without spaces, found ${key.length}.`,
  );
}
