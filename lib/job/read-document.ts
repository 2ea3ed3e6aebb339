import { ApiError } from '../errors.ts';
import { decodeUtf8, type Json, parseJson } from './json.ts';
import { isJsonObject } from './parse-job.ts';

/**
 * The jobs of one document: one job, an array of jobs, or `{"jobs": [...]}`.
 * @throws ApiError DLI.0018 with a `document.` reason if it is not strict JSON, or none of the three.
 */
export function readDocument(bytes: Uint8Array): Json[] {
  const document = parseJson(decodeUtf8(bytes));
  if (Array.isArray(document)) return document;
  if (!isJsonObject(document)) {
    throw new ApiError('DLI.0018', 'expected a job, an array of jobs or {"jobs": [...]}; found a single value', {
      reason: 'document.shape',
    });
  }
  const { jobs } = document;
  return Array.isArray(jobs) ? jobs : [document];
}
