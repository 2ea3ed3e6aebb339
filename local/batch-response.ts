import { isFields } from './shapes.ts';

/**
 * Ids of the messages that a function is done with, by its response to a batch; undefined if the response fails the
 * whole batch, as one does that is no JSON or names a message that was not in it.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function doneIds(payload: string, ids: readonly string[]): readonly string[] | undefined {
  const failures = failuresOf(payload);
  if (failures === undefined) return undefined;
  const failed = failures.map((failure) => (isFields(failure) ? failure['itemIdentifier'] : undefined));
  if (failed.some((id) => typeof id !== 'string' || !ids.includes(id))) return undefined;
  return ids.filter((id) => !failed.includes(id));
}

/** The list of failures, empty where the response has none; undefined if it cannot be read. */
function failuresOf(payload: string): readonly unknown[] | undefined {
  if (payload === '') return [];
  const response = parsed(payload);
  if (response === null) return [];
  if (!isFields(response)) return undefined;
  const list = response['batchItemFailures'] ?? [];
  return Array.isArray(list) ? list : undefined;
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
