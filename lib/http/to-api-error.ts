import { ApiError } from '../errors.ts';

/** Turns whatever a handler threw into what may leave: of a fault, nothing but that there was one. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('DLI.0999', 'The server failed. Send the request again; its X-Request-Id leads to the log.', {
    cause: error,
  });
}
