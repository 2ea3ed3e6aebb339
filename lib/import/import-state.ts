import { isRefusedWhole, isSettled } from '../job/outcome.ts';
import { isArchivePath } from '../location/object-path.ts';
import type { AcceptedImport } from '../store/imports.ts';
import type { ImportState } from './import-answers.ts';
import type { ArchiveResult } from './mapping.ts';

/** The state of an import, told by what is known of its archives. */
export function stateOf(
  { zipFile, origin, isQueued }: Pick<AcceptedImport, 'zipFile' | 'origin' | 'isQueued'>,
  results: ArchiveResult[],
  isCancelled: boolean,
): ImportState {
  if (isCancelled && !results.every(isSettledResult)) return 'cancelled';
  if (results.some(({ outcomes }) => outcomes === 'running')) {
    return isQueued && !results.some(isDone) ? 'queued' : 'running';
  }
  if (results.some(({ outcomes }) => outcomes === 'not_started')) return 'interrupted';
  // Whoever sent a request was told what is open; an upload goes on by itself.
  if ('upload' in origin && !results.every(isReported)) return 'interrupted';
  // A request for one archive that was refused could not be carried out; in a folder it is one row that failed.
  const isRefused = results.every(({ outcomes }) => typeof outcomes === 'object' && isRefusedWhole(outcomes));
  return isRefused && isArchivePath(zipFile) ? 'failed' : 'finished';
}

/** Whether the archive was handed to a worker. */
export const isBegun = ({ outcomes }: ArchiveResult): boolean => outcomes !== 'not_started';

/** Whether it is known what became of the archive. */
export const isDone = ({ outcomes }: ArchiveResult): boolean => typeof outcomes === 'object';

/** Whether nothing more will be known of the archive, unless the request is sent again. */
export const isReported = (result: ArchiveResult): boolean =>
  result.outcomes === 'not_started' || isSettledResult(result);

/** Whether what became of the archive is final. */
const isSettledResult = ({ outcomes }: ArchiveResult): boolean => typeof outcomes === 'object' && isSettled(outcomes);
