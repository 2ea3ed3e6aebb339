import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { JOB_STATUSES, JOB_TYPES } from '../job/job-schema.ts';
import {
  JOB_NAME_CHARACTERS,
  JOB_TAGS,
  LIST_IMPORTS,
  LIST_JOBS,
  MAPPING_PAGE,
  QUEUE_NAME_CHARACTERS,
} from '../limits.ts';
import { describeIssues, expected, oneOf } from '../schema.ts';
import type { ApiEvent } from './api.ts';

const DIGITS = /^[0-9]{1,9}$/;
const MOST = 999_999_999;

function count(most = MOST, least = 0) {
  const range = expected(`an integer from ${least} ${most === MOST ? 'on' : `to ${most}`}`);
  const isInRange = (text: string) => DIGITS.test(text) && Number(text) >= least && Number(text) <= most;
  const digits = z
    .string()
    .check(z.refine(isInRange, range))
    .register(z.globalRegistry, { type: 'integer', minimum: least, maximum: most });
  return z.pipe(digits, z.transform(Number));
}

/** An empty text, which clients send for none, filters nothing. */
function filter(schema: z.ZodMiniType<string, string>) {
  return z.pipe(
    z._default(z.union([z.literal(''), schema]), ''),
    z.transform((text) => (text === '' ? undefined : text)),
  );
}

function text(most: number) {
  return z.string().check(z.maxLength(most, expected(`at most ${most} characters`)));
}

const tagList = z.pipe(
  z._default(z.string(), ''),
  z.transform((list, context) => {
    const pairs = list === '' ? [] : list.split(',').map((pair) => /^([^=]+)=(.*)$/s.exec(pair));
    const tags = pairs.flatMap((pair) => (pair ? [{ key: pair[1] ?? '', value: pair[2] ?? '' }] : []));
    if (tags.length === pairs.length && tags.length <= JOB_TAGS) return tags;
    const message = `expected up to ${JOB_TAGS} tags as in k1=v1,k2=v2, found a string of ${list.length} characters`;
    context.issues.push({ code: 'custom', message, input: undefined });
    return z.NEVER;
  }),
);

export const listQuery = z.object({
  limit: z._default(count(LIST_JOBS), 10),
  offset: z._default(count(), 0),
  order: z._default(z.enum(['asc', 'desc'], expected('asc or desc')), 'desc'),
  name: filter(text(JOB_NAME_CHARACTERS)),
  job_type: filter(oneOf(JOB_TYPES)),
  status: filter(oneOf(JOB_STATUSES)),
  queue_name: filter(text(QUEUE_NAME_CHARACTERS)),
  user_name: filter(z.string()),
  root_job_id: z.pipe(
    filter(z.string().check(z.regex(/^-?[0-9]{1,15}$/, expected('an integer')))),
    z.transform((digits) => (digits === undefined ? undefined : Number(digits))),
  ),
  tags: tagList,
  show_detail: z.pipe(
    filter(oneOf(['true', 'false'])),
    z.transform((word) => word === 'true'),
  ),
});

export type ListQuery = z.output<typeof listQuery>;

export const pageQuery = z.object({
  limit: z._default(count(MAPPING_PAGE, 1), 100),
  marker: z._default(count(), 0),
});

/** The page of an import's mapping that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parsePageQuery(event: ApiEvent): { first: number; limit: number } {
  const { limit, marker } = parseQuery(event, pageQuery);
  return { limit, first: marker };
}

export const importsQuery = z.object({
  limit: z._default(count(LIST_IMPORTS, 1), 10),
  marker: z.optional(count()),
});

/** The page of imports that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parseImportsQuery(event: ApiEvent): { before: number | undefined; limit: number } {
  const { limit, marker } = parseQuery(event, importsQuery);
  return { limit, before: marker };
}

/** The page of jobs that a request asks for. @throws ApiError DLI.0001 that names the parameter. */
export function parseListQuery(event: ApiEvent): ListQuery {
  return parseQuery(event, listQuery);
}

function parseQuery<S extends z.ZodMiniType>({ queryStringParameters }: ApiEvent, schema: S): z.output<S> {
  const parsed = schema.safeParse(queryStringParameters ?? {});
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the query'));
  return parsed.data;
}
