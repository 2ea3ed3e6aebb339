import * as z from 'zod/mini';
import { expected } from '../schema.ts';

/** The last id that a job can have: those beyond it are not what was sent any more, once they were read. */
export const LAST_JOB_ID = Number.MAX_SAFE_INTEGER;

/** An id as a request lists it: any integer, as those that archives came with are. */
export const listedJobId = z
  .number()
  .check(z.refine(Number.isInteger, expected('an integer')))
  .register(z.globalRegistry, { type: 'integer', format: 'int64' });

/** Whether there may be a job with it. */
export const canBeJobId = (id: number): boolean => Number.isSafeInteger(id);
