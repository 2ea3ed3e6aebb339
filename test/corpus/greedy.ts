import type { Case } from './case.ts';
import { CORPUS } from './index.ts';

/** What inflates to hundreds of MB, or takes most for its bytes: to be read in processes of their own. */
export const GREEDY: readonly Case[] = [...(CORPUS['bombs'] ?? []), ...(CORPUS['limits'] ?? [])].filter(({ name }) =>
  /^500 MiB|^8 MiB of (?:objects|lists), 29|^a million|beyond Latin-1$|keys? of their own, in/.test(name),
);
