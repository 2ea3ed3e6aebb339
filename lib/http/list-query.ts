import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { JOB_NAME_CHARACTERS, LIST_IMPORTS, LIST_JOBS, MAPPING_PAGE } from '../limits.ts';
import { describeIssues, expected } from '../schema.ts';
import type { ApiEvent } from './api.ts';

const DIGITS = /^[0-9]{1,9}$/;

function count(most = Number.MAX_SAFE_INTEGER, least = 0) {
  const range = expected(`an integer from ${least} ${most === Number.MAX_SAFE_INTEGER ? 'on' : `to ${most}`}`);
  const isInRange = (text: string) => DIGITS.test(text) && Number(text) >= least && Number(text) <= most;
  return z.pipe(z.string().check(z.refine(isInRange, range)), z.transform(Number));
}

const listQuery = z.object({
  limit: z._default(count(LIST_JOBS), 10),
  offset: z._default(count(), 0),
  order: z._default(z.enum(['asc', 'desc'], expected('asc or desc')), 'desc'),
  /** An empty name, which clients send for none, filters nothing. */
  name: z.pipe(
    z._default(
      z.string().check(z.maxLength(JOB_NAME_CHARACTERS, expected(`at most ${JOB_NAME_CHARACTERS} characters`))),
      '',
    ),
    z.transform((name) => (name === '' ? undefined : name)),
  ),
});

/** Parameters of the API that would be wrong to pass over: the list would hold what was not asked for. */
const LATER_FILTERS = ['job_type', 'status', 'queue_name', 'user_name', 'root_job_id', 'tags', 'show_detail'];

export type ListQuery = z.output<typeof listQuery>;

const pageQuery = z.object({
  limit: z._default(count(MAPPING_PAGE, 1), 100),
  marker: z._default(count(), 0),
});

/** The page of an import's mapping that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parsePageQuery(event: ApiEvent): { first: number; limit: number } {
  const { limit, marker } = parseQuery(event, pageQuery);
  return { limit, first: marker };
}

const importsQuery = z.object({
  limit: z._default(count(LIST_IMPORTS, 1), 10),
  marker: z.optional(count()),
});

/** The page of imports that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parseImportsQuery(event: ApiEvent): { before: number | undefined; limit: number } {
  const { limit, marker } = parseQuery(event, importsQuery);
  return { limit, before: marker };
}

/** The page of jobs that a request asks for. @throws ApiError DLI.0001 or DLI.0007 that names the parameter. */
export function parseListQuery(event: ApiEvent): ListQuery {
  const asked = LATER_FILTERS.filter((filter) => event.queryStringParameters?.[filter] !== undefined);
  if (asked.length > 0) {
    throw new ApiError('DLI.0007', `${asked.join(', ')}: not supported yet. Leave it out, or filter by name.`);
  }
  return parseQuery(event, listQuery);
}

function parseQuery<S extends z.ZodMiniType>({ queryStringParameters }: ApiEvent, schema: S): z.output<S> {
  const parsed = schema.safeParse(queryStringParameters ?? {});
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the query'));
  return parsed.data;
}
