import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import type { Deletion } from '../job/deletion.ts';
import { canBeJobId, LAST_JOB_ID, listedJobId } from '../job/job-id.ts';
import { DELETE_JOBS } from '../limits.ts';
import { expected } from '../schema.ts';
import type { DeletionAnswer } from './answers.ts';
import { noSuchJob } from './paths.ts';

/** Body of a batch delete. */
export const deleteRequest = z.object({
  job_ids: z
    .array(listedJobId)
    .check(
      z.minLength(1, expected(`1 to ${DELETE_JOBS} ids`)),
      z.maxLength(DELETE_JOBS, expected(`1 to ${DELETE_JOBS} ids`)),
    ),
});

const DELETED: DeletionAnswer = { is_success: 'true', message: 'The job is successfully deleted.' };

/** The answer to the deletion of one job. @throws ApiError if it is not deleted. */
export function deletionAnswer(jobId: number, deletion: Deletion | undefined): DeletionAnswer {
  const error = errorOf(jobId, deletion);
  if (error) throw error;
  return DELETED;
}

/** One result of a batch. */
export function deletionResult(jobId: number, deletion: Deletion | undefined): DeletionAnswer {
  const error = errorOf(jobId, deletion);
  return error ? { is_success: 'false', message: error.message } : DELETED;
}

function errorOf(jobId: number, deletion: Deletion | undefined): ApiError | undefined {
  switch (deletion) {
    case 'deleted':
      return undefined;
    case 'no_such_job':
      if (canBeJobId(jobId)) return noSuchJob(String(jobId));
      return new ApiError('DLI.16001', `There is no Flink job with an id beyond ${LAST_JOB_ID}.`);
    case 'no_time':
      return new ApiError('DLI.0019', `There was no time left to delete the job ${jobId}. Send the request again.`);
    default:
      return new ApiError(
        'DLI.0999',
        `It is not known whether the job ${jobId} is deleted: the table did not answer. Send the request again.`,
      );
  }
}
