import * as z from 'zod/mini';
import type { SecretKeys } from './auth/secrets.ts';
import { describeIssues } from './schema.ts';

const KEY_BYTES = 32;

const text = z.string().check(z.minLength(1));
const words = z.pipe(
  z.string(),
  z.transform((list) =>
    list
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  ),
);

const secretKeys = z.pipe(
  words,
  z.transform((keys, context): SecretKeys => {
    const parsed = keys.map((key): [string, Buffer] => {
      const [id = '', base64 = ''] = key.split(':');
      return [id, Buffer.from(base64, 'base64')];
    });
    const byId = new Map(parsed);
    const isSound = parsed.every(([id, key]) => id !== '' && key.length === KEY_BYTES);
    if (parsed.length === 0 || byId.size < parsed.length || !isSound) {
      const message = `expected id:base64 of ${KEY_BYTES} bytes, one or more of different ids, separated by commas`;
      context.issues.push({ code: 'custom', message, input: undefined });
    }
    return byId;
  }),
);

/** The table of everything. */
export const tableVariables = { TABLE_NAME: text };
/** The deployment's own bucket, and the account that owns it. */
export const bucketVariables = { BUCKET_NAME: text, BUCKET_OWNER: text };
/** Name of the function that imports one archive. */
export const workerVariables = { WORKER_FUNCTION: text };
/** URL of the queue of imports whose archives are to be put on the other queue. */
export const planQueueVariables = { PLAN_QUEUE_URL: text };
/** URL of the queue of archives that workers get from there. */
export const archiveQueueVariables = { ARCHIVE_QUEUE_URL: text };
/** Where metrics are counted: a namespace for each stage. */
export const metricVariables = { POWERTOOLS_METRICS_NAMESPACE: text };
/** Keys that encrypt the stored secrets of access keys: `id:base64`, separated by commas; the first one encrypts. */
export const secretVariables = { SECRET_KEYS: secretKeys };
/** More buckets that projects' locations may lie in, separated by commas. */
export const projectVariables = { LOCATION_BUCKETS: words };

/**
 * Reads the variables that a function asks for.
 * @throws naming every one that is missing or malformed, at once, and the value of none.
 */
export function readConfig<S extends Record<string, z.ZodMiniType>>(environment: NodeJS.ProcessEnv, variables: S) {
  const parsed = z.object(variables).safeParse(environment);
  if (!parsed.success) {
    throw new Error(`environment variables: ${describeIssues(parsed.error.issues, 'all', Number.POSITIVE_INFINITY)}`);
  }
  return parsed.data;
}
