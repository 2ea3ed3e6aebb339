import { ApiError } from '../errors.ts';
import type { ApiEvent } from './api.ts';

/** Source: the job API. */
export const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;
const DIGITS = /^[0-9]+$/;

/** What every unknown path and every wrong method is answered. Source: the API gateway of the original service. */
export function unknownPath(): ApiError {
  return new ApiError('APIGW.0101', 'The API does not exist or has not been published in the environment.');
}

/** @throws ApiError APIGW.0101 if it is no project's id: then the path is none of ours. */
export function projectIdOf(event: ApiEvent): string {
  const projectId = event.pathParameters?.['project_id'] ?? '';
  if (!PROJECT_ID.test(projectId)) throw unknownPath();
  return projectId;
}

/** @throws ApiError APIGW.0101 if it is not digits, DLI.16001 if no job can have it. */
export function jobIdOf(event: ApiEvent): number {
  const text = event.pathParameters?.['job_id'] ?? '';
  if (!DIGITS.test(text)) throw unknownPath();
  const jobId = Number(text);
  if (!Number.isSafeInteger(jobId)) throw noSuchJob(text);
  return jobId;
}

/** @param jobId digits, as they were asked for. */
export function noSuchJob(jobId: string): ApiError {
  return new ApiError('DLI.16001', `There is no Flink job with the id ${jobId.slice(0, 40)} in this project.`);
}
