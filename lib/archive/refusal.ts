import { ApiError } from '../errors.ts';
import { quoteName } from '../quote-name.ts';

/** A refusal of a damaged, ambiguous or hostile archive, with reason `archive.<reason>`. */
export function defect(reason: string, message: string): ApiError {
  return new ApiError('DLI.0018', message, { reason: `archive.${reason}` });
}

/** A refusal of an archive over a limit, with reason `archive.<reason>`. */
export function excess(reason: string, message: string): ApiError {
  return new ApiError('DLI.0009', message, { reason: `archive.${reason}` });
}

/** How a message about an entry says what was expected and what was found. */
export function inEntry(name: string, expected: string, found: string): string {
  return `Entry ${quoteName(name)}: expected ${expected}, found ${found}`;
}
