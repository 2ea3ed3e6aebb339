import * as z from 'zod/mini';
import { errorCode } from '../errors.ts';
import { jobDetailSchema, listedJobSchema } from '../job/job-answers.ts';
import { isSuccess } from '../schema.ts';

/** What is answered beside imports. Nothing is checked against these at run time: code imports their types only. */

const text = z.string().check(z.minLength(1));
const result = { is_success: isSuccess, message: z.string() };

export const errorAnswerSchema = z
  .object({ error_code: errorCode, error_msg: text })
  .register(z.globalRegistry, { id: 'Error' });

/** The refusal of a request that reached no operation. */
export const gatewayErrorAnswerSchema = z
  .object({ ...errorAnswerSchema.shape, request_id: text })
  .register(z.globalRegistry, { id: 'GatewayError' });

/** What the HTTP API of AWS says before a function, or instead of one: another shape. */
export const platformAnswerSchema = z
  .object({ message: z.string() })
  .register(z.globalRegistry, { id: 'PlatformError' });

export const jobAnswerSchema = z
  .object({ ...result, job_detail: jobDetailSchema })
  .register(z.globalRegistry, { id: 'JobAnswer' });

/** In detail the jobs are whole; one whose definition was replaced meanwhile is as without. */
export const jobListAnswerSchema = z
  .object({
    ...result,
    job_list: z.object({ total_count: z.int(), jobs: z.array(z.union([listedJobSchema, jobDetailSchema])) }),
  })
  .register(z.globalRegistry, { id: 'JobList' });

export const deletionAnswerSchema = z.object(result).register(z.globalRegistry, { id: 'Deletion' });

/** One result an id, in the order of the request. */
export const deletionsAnswerSchema = z.array(deletionAnswerSchema).register(z.globalRegistry, { id: 'Deletions' });

/** The paths of the files, bucket first. */
export const exportAnswerSchema = z
  .object({ ...result, zip_file: z.array(z.string().check(z.regex(/^[^/]+\/.*aggregate_[0-9]+\.zip$/))) })
  .register(z.globalRegistry, { id: 'Export' });

/** The document itself. */
export const openApiAnswerSchema = z.looseObject({ openapi: z.string() }).register(z.globalRegistry, { id: 'OpenApi' });

export type ErrorAnswer = z.output<typeof errorAnswerSchema> | z.output<typeof gatewayErrorAnswerSchema>;
export type JobAnswer = z.output<typeof jobAnswerSchema>;
export type JobListAnswer = z.output<typeof jobListAnswerSchema>;
export type DeletionAnswer = z.output<typeof deletionAnswerSchema>;
export type DeletionsAnswer = z.output<typeof deletionsAnswerSchema>;
export type ExportAnswer = z.output<typeof exportAnswerSchema>;
export type OpenApiAnswer = z.output<typeof openApiAnswerSchema>;
