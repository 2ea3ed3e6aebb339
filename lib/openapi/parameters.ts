import type * as z from 'zod/mini';
import { IDEMPOTENCY_KEY } from '../http/idempotency-key.ts';
import { PROJECT_ID } from '../http/paths.ts';
import { RESPOND_ASYNC } from '../http/prefer.ts';
import { requestSchema } from './json-schema.ts';

const id = { type: 'integer', format: 'int64', minimum: 0 };
const inPath = { in: 'path', required: true };

/** Parameters that operations share, by the names of their variables in a path. */
export const PARAMETERS: Record<string, object> = {
  project_id: { name: 'project_id', ...inPath, schema: { type: 'string', pattern: PROJECT_ID.source } },
  job_id: { name: 'job_id', ...inPath, schema: id },
  import_id: { name: 'import_id', ...inPath, schema: id },
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: 'Makes the request one that can be sent again: it stays one import.',
    schema: { type: 'string', pattern: IDEMPOTENCY_KEY.source },
  },
  Prefer: {
    name: 'Prefer',
    in: 'header',
    required: false,
    description: `${RESPOND_ASYNC}: the import is answered at once, and goes on by itself.`,
    schema: { type: 'string' },
  },
};

export function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => sharedParameter(name));
}

export function queryParameters(query: z.ZodMiniObject): object[] {
  const { properties = {} } = requestSchema(query);
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

export const sharedParameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });
