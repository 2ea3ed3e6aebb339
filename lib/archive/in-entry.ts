import { quoteName } from '../quote-name.ts';

/** How a message about an entry says what was expected and what was found. Only for a name that passed its rules. */
export function inEntry(name: string, expected: string, found: string): string {
  return `Entry ${quoteName(name)}: expected ${expected}, found ${found}`;
}

/** The same for an entry whose name may not be echoed, by its place in the directory from 1. */
export function inEntryAt(place: number, expected: string, found: string): string {
  return `Entry ${place} of the directory: expected ${expected}, found ${found}`;
}
