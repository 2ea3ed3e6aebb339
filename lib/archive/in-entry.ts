import { quoteName } from '../quote-name.ts';

/** How a message about an entry says what was expected and what was found. */
export function inEntry(name: string, expected: string, found: string): string {
  return `Entry ${quoteName(name)}: expected ${expected}, found ${found}`;
}
