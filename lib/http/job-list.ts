import { canBeSent } from '../answer-size.ts';
import { ApiError } from '../errors.ts';
import type { JobListAnswer } from './answers.ts';

/** The answer of a list of jobs. @throws ApiError DLI.0009 if it is too large to be sent. */
export function jobListAnswer(total: number, jobs: JobListAnswer['job_list']['jobs']): JobListAnswer {
  const answer: JobListAnswer = { is_success: 'true', message: '', job_list: { total_count: total, jobs } };
  if (canBeSent(answer)) return answer;
  throw new ApiError(
    'DLI.0009',
    `${jobs.length} jobs in detail are more than an answer can hold. Ask for fewer by limit, or for each by its id.`,
  );
}
