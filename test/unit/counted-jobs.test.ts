import { expect, test } from 'vitest';
import { countedFor } from '../../lib/import/counted-jobs.ts';
import { IMPORT_JOBS, JOBS_COUNTED_MOST_MS, JOBS_COUNTED_MS } from '../../lib/limits.ts';

test('jobs are counted again after half of the time in which the import would be full', () => {
  // A thousand jobs a second: full after eight seconds more.
  const jobs = IMPORT_JOBS - 8_000;
  expect(countedFor(jobs, jobs)).toBe(4_000);
});

test.each([
  ['one that has nothing yet', 0, 60_000],
  ['one that is nearly full', IMPORT_JOBS - 10, 60_000],
  ['one that is full', IMPORT_JOBS, 60_000],
  ['one that has more, as its last archives were begun at once', IMPORT_JOBS + 10_000, 60_000],
])('jobs are counted at most so often: of %s', (_, jobs, elapsedMs) => {
  expect(countedFor(jobs, elapsedMs)).toBe(JOBS_COUNTED_MS);
});

test('jobs are counted at least so often, however far the import is from being full', () => {
  expect(countedFor(1, 60_000)).toBe(JOBS_COUNTED_MOST_MS);
});
