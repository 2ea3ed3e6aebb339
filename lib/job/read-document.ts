import { refusal } from '../refusals.ts';
import { decodeUtf8, type Json, type JsonBudget, parseJson } from './json.ts';
import { isJsonObject } from './parse-job.ts';

/**
 * The jobs of one document: one job, an array of jobs, or `{"jobs": [...]}`.
 * @throws ApiError DLI.0018 with a `document.` reason if it is not strict JSON, or none of the three.
 */
export function readDocument(bytes: Uint8Array, budget?: JsonBudget): Json[] {
  const document = parseJson(decodeUtf8(bytes), budget);
  if (Array.isArray(document)) return document;
  if (!isJsonObject(document)) {
    throw shapeless('a single value');
  }
  const { jobs } = document;
  if (!Array.isArray(jobs)) return [document];
  // Read as either, the other would be lost without a word.
  if (document['name'] !== undefined) throw shapeless('an object that is a job and a list of jobs at once');
  return jobs;
}

function shapeless(found: string) {
  return refusal('document.shape', `expected a job, an array of jobs or {"jobs": [...]}; found ${found}`);
}
