import { ApiError } from '../errors.ts';
import type { ApiEvent } from './api.ts';

/** Source: the job API. */
export const PROJECT_ID = /^[A-Za-z0-9_-]{1,64}$/;
const DIGITS = /^[0-9]+$/;
const SHOWN_DIGITS = 40;

/** @throws ApiError APIGW.0101 if it is no project's id: then the path is none of ours. */
export function projectIdOf(event: ApiEvent): string {
  const projectId = event.pathParameters?.['project_id'] ?? '';
  if (!PROJECT_ID.test(projectId)) {
    throw notOurs('The project_id in its path must be 1 to 64 letters, digits, hyphens or underscores.');
  }
  return projectId;
}

/** @throws ApiError APIGW.0101 if it is not digits, DLI.16001 if no job can have it. */
export function jobIdOf(event: ApiEvent): number {
  return idOf(event, 'job_id', noSuchJob);
}

/** @throws ApiError APIGW.0101 if it is not digits, DLI.0002 if no import can have it. */
export function importIdOf(event: ApiEvent): number {
  return idOf(event, 'import_id', noSuchImport);
}

/** @param jobId digits, as they were asked for. */
export function noSuchJob(jobId: string): ApiError {
  return new ApiError('DLI.16001', `There is no Flink job with the id ${shown(jobId)} in this project.`);
}

/** @param importId digits, as they were asked for. */
export function noSuchImport(importId: string): ApiError {
  return new ApiError('DLI.0002', `There is no import with the number ${shown(importId)} in this project.`);
}

function idOf({ pathParameters }: ApiEvent, parameter: string, notFound: (id: string) => ApiError): number {
  const text = pathParameters?.[parameter] ?? '';
  if (!DIGITS.test(text)) throw notOurs(`The ${parameter} in its path must be digits.`);
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw notFound(text);
  return id;
}

/** The contract holds such a path for an unknown one: the answer of `functions/unknown-route.ts`, and why. */
const notOurs = (why: string) =>
  new ApiError('APIGW.0101', `The API does not exist or has not been published in the environment. ${why}`);

const shown = (digits: string) => digits.slice(0, SHOWN_DIGITS);
