import { expect, test } from 'vitest';
import * as limits from '../../lib/limits.ts';

const MINUTE_MS = 60_000;

/** Other tests go by the names of limits, and so would pass whatever they are. */
test('limits that clients were told of are as they were told', () => {
  expect(limits).toMatchObject({
    SIGNATURE_WINDOW_MS: 15 * MINUTE_MS,
    ACCESS_CACHE_MS: MINUTE_MS,
    LIST_JOBS: 100,
    LISTED_JOBS: 100_000,
    DELETE_JOBS: 1_000,
    EXPORT_JOBS: 20_000,
    EXPORT_FILE_JOBS: 1_000,
    EXPORT_FILE_INFLATED_BYTES: 48 * 1_048_576,
    EXPORT_FILE_BYTES: 40_000_000,
    EXPORT_ANSWER_MS: 25_000,
  });
});
