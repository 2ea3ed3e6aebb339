import type { ArchiveResult } from './mapping.ts';

export type ImportState = 'running' | 'finished' | 'failed' | 'interrupted';

/** The state of an import, told by what is known of its archives. */
export function stateOf(results: ArchiveResult[]): ImportState {
  if (results.some(({ outcomes }) => outcomes === 'running')) return 'running';
  if (results.some(({ outcomes }) => outcomes === 'not_started')) return 'interrupted';
  const [only, ...others] = results;
  // An import of one archive that was refused could not be carried out; among several it is one row that failed.
  const isRefused = others.length === 0 && typeof only?.outcomes === 'object' && 'refused' in only.outcomes;
  return isRefused ? 'failed' : 'finished';
}

/** Whether the archive was handed to a worker. */
export const isBegun = ({ outcomes }: ArchiveResult): boolean => outcomes !== 'not_started';

/** Whether it is known what became of the archive. */
export const isDone = ({ outcomes }: ArchiveResult): boolean => typeof outcomes === 'object' || outcomes === 'lost';
