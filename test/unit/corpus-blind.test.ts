import { expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { readJobs } from '../../lib/import/read-jobs.ts';
import { BLIND } from '../corpus/blind.ts';

/** Archives whose verdicts were written from the rules alone, by somebody who had not seen the reader. */
test.each(BLIND)('$name: $verdict, since $why', async ({ build, verdict }) => {
  const found = await readJobs(build()).then(
    () => 'accept',
    (error: unknown) => (error instanceof ApiError ? 'refuse' : error),
  );
  expect(found).toBe(verdict);
});
