import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { JOB_NAME_CHARACTERS, LIST_JOBS } from '../limits.ts';
import { describeIssues } from '../schema.ts';
import type { ApiEvent } from './api.ts';

const DIGITS = /^[0-9]{1,9}$/;

function count(most?: number) {
  const range = most === undefined ? 'expected an integer from 0 on' : `expected an integer from 0 to ${most}`;
  return z.pipe(
    z.string().check(z.refine((text) => DIGITS.test(text) && (most === undefined || Number(text) <= most), range)),
    z.transform(Number),
  );
}

const listQuery = z.object({
  limit: z._default(count(LIST_JOBS), 10),
  offset: z._default(count(), 0),
  order: z._default(z.enum(['asc', 'desc']), 'desc'),
  /** An empty name, which clients send for none, filters nothing. */
  name: z.pipe(
    z._default(
      z.string().check(z.maxLength(JOB_NAME_CHARACTERS, `expected at most ${JOB_NAME_CHARACTERS} characters`)),
      '',
    ),
    z.transform((name) => (name === '' ? undefined : name)),
  ),
});

export type ListQuery = z.output<typeof listQuery>;

/** The page of jobs that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parseListQuery({ queryStringParameters }: ApiEvent): ListQuery {
  const parsed = listQuery.safeParse(queryStringParameters ?? {});
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the query'));
  return parsed.data;
}
