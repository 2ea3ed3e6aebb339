import * as z from 'zod/mini';
import { listedJobId } from '../job/job-id.ts';
import { expected } from '../schema.ts';

/** The body of an export request. Without a selection the ids do not matter, as clients send an empty list then. */
export const exportRequest = z.discriminatedUnion(
  'is_selected',
  [
    z.object({
      is_selected: z.literal(true),
      obs_dir: z.string(),
      job_selected: z.array(listedJobId).check(z.minLength(1, expected('at least one id'))),
    }),
    z.object({ is_selected: z.literal(false), obs_dir: z.string() }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? 'expected true or false' : undefined) },
);

export type ExportRequest = z.output<typeof exportRequest>;
