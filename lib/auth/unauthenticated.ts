import { ApiError } from '../errors.ts';

/**
 * The refusal of a request whose sender could not be told.
 * @param detail nothing of a header's value, a secret or an expected signature.
 * @param reason stable dotted name, for the log.
 */
export function unauthenticated(detail: string, reason: string): ApiError {
  return new ApiError('APIGW.0301', `Incorrect IAM authentication information: ${detail}`, { reason });
}
