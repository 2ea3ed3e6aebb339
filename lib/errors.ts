import * as z from 'zod/mini';

/** HTTP status of each error code that may reach a client. Source: the published error tables of DLI and its API gateway. */
export const HTTP_STATUS = {
  'DLI.0001': 400,
  'DLI.0002': 400,
  'DLI.0006': 400,
  'DLI.0007': 400,
  'DLI.0009': 400,
  'DLI.0011': 400,
  'DLI.0018': 400,
  'DLI.0019': 400,
  'DLI.0999': 400,
  'DLI.16001': 400,
  'APIGW.0101': 404,
  'APIGW.0201': 413,
  'APIGW.0301': 401,
  'APIGW.0302': 403,
  'APIGW.0308': 429,
} as const;

export type ErrorCode = keyof typeof HTTP_STATUS;

/** What each code tells its receiver. */
export const ERROR_MEANING: Record<ErrorCode, string> = {
  'DLI.0001': 'A parameter is invalid: malformed JSON, wrong type, missing field, bad path.',
  'DLI.0002': 'The object does not exist.',
  'DLI.0006': 'The object exists.',
  'DLI.0007': 'The operation is not supported.',
  'DLI.0009': 'A system restriction: too large, too many.',
  'DLI.0011': 'A location that this project may not read.',
  'DLI.0018': 'Data conversion: not a ZIP, damaged, encrypted, hostile.',
  'DLI.0019': 'Time out.',
  'DLI.0999': "A fault on the server's side; its detail stays in the log.",
  'DLI.16001': 'No such Flink job.',
  'APIGW.0101': 'Unknown path, and wrong method.',
  'APIGW.0201': "The request's body is too large.",
  'APIGW.0301': 'Not authenticated.',
  'APIGW.0302': 'Authenticated, but not for this project.',
  'APIGW.0308': 'Throttled: too many at once.',
};

export const errorCode = z
  .custom<ErrorCode>((code) => typeof code === 'string' && Object.hasOwn(HTTP_STATUS, code))
  .register(z.globalRegistry, { type: 'string', enum: Object.keys(HTTP_STATUS) });

type Detail = { reason?: string | undefined; cause?: unknown; retryAfter?: number };

/**
 * A failure that its receiver can act on. The message leaves the process as it is, so it names what was
 * expected, what was found and where, and never quotes a document, a token or a key.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode;
  /** Stable dotted name of a refusal, for logs and metrics: `archive.crc`. */
  readonly reason: string | undefined;
  /** Seconds after which the same may be tried again. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, { reason, cause, retryAfter }: Detail = {}) {
    super(message, { cause });
    this.code = code;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** What the log tells of a fault. Its other properties and its cause stay out: they may hold items and documents. */
export function faultLog(error: unknown): { name: string; message: string; stack?: string } {
  if (!(error instanceof Error)) return { name: typeof error, message: 'not an error' };
  // What JSON.parse complains of it quotes.
  if (error instanceof SyntaxError) return { name: error.name, message: 'a text could not be parsed' };
  const { name, message, stack } = error;
  return { name, message, ...(stack !== undefined && { stack }) };
}
