import * as z from 'zod/mini';
import { described, oneOf } from '../schema.ts';
import { JOB_STATUSES, JOB_TYPES, jobConfig, jobDefinition, jobName, RUN_MODES } from './job-schema.ts';

/** What is answered about a job. Nothing is checked against these at run time: code imports their types only. */

const time = described(z.int().check(z.minimum(0)), 'Milliseconds since the epoch.');

const listed = {
  job_id: z.int(),
  name: jobName,
  desc: z.string(),
  job_type: oneOf(JOB_TYPES),
  run_mode: oneOf(RUN_MODES),
  queue_name: z.optional(z.string()),
  tags: z.optional(z.array(z.object({ key: z.string(), value: z.string() }))),
  status: oneOf(JOB_STATUSES),
  status_desc: z.string(),
  start_time: described(z.int(), 'Milliseconds since the epoch; 0 if it was never started.'),
  create_time: time,
  update_time: time,
  project_id: z.string(),
  duration: z.int(),
  root_id: z.int(),
};

/** A job as a list shows it. */
export const listedJobSchema = z.object(listed).register(z.globalRegistry, { id: 'ListedJob' });

/** A job in full. Fields that the API does not know are given back as they came. */
export const jobDetailSchema = z
  .looseObject({ ...jobDefinition.shape, ...listed, sql_body: z.string(), job_config: jobConfig })
  .register(z.globalRegistry, { id: 'Job' });

export type ListedJob = z.output<typeof listedJobSchema>;
export type JobDetail = z.output<typeof jobDetailSchema>;
