import * as z from 'zod/mini';

/** What the planner is told: an import whose archives are to be put on the queue. */
export const planTask = z.object({
  /** Of the request that the import came with, for the log. */
  requestId: z.string(),
  projectId: z.string(),
  importId: z.int(),
  /** The run of the import that wants it: of another one the planner leaves the import alone. */
  run: z.string(),
  /** Places of archives that workers were handed directly, and may be at yet. */
  underWay: z.array(z.int()),
});

export type PlanTask = z.infer<typeof planTask>;
