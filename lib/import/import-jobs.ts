import type { Dispatch } from '../dispatch/invoke-worker.ts';
import { ApiError } from '../errors.ts';
import { countActions } from '../job/outcome.ts';
import { IMPORT_ACCEPT_MS, IMPORT_ANSWER_MS, IMPORT_BEGIN_MS, IMPORT_CONCLUDE_MS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import type { Blobs } from '../store/blobs.ts';
import { concludeImport } from '../store/imports.ts';
import type { JobTable } from '../store/table.ts';
import { type Asked, acceptImport, type Started } from './accept-import.ts';
import { type ImportReply, importReply } from './answer.ts';
import { fanOut } from './fan-out.ts';
import { isBegun, isReported, stateOf } from './import-state.ts';
import { type ArchiveResult, joinOutcomes } from './mapping.ts';
import { within } from './within.ts';

export type ImportServices = { table: JobTable; blobs: Blobs; dispatch: Dispatch };

/** Who waits for an import. */
export type Listener = {
  /** Hears of the import's number as soon as it is known. */
  onAccepted: (importId: number) => void;
  /** Hears of faults that became rows of the answer. */
  onFault: (error: unknown) => void;
};

/**
 * Imports the archives that a request names: makes it an import, hands each archive to a worker, and joins what they
 * report into the answer.
 * @throws ApiError if the request cannot be carried out; then no job was written.
 */
export async function importJobs(
  { table, blobs, dispatch }: ImportServices,
  asked: Asked,
  { onAccepted, onFault }: Listener,
): Promise<ImportReply> {
  const { requestId, receivedAt } = asked;
  const started = await acceptInTime({ table, blobs }, asked);
  onAccepted(started.importId);

  const beginUntil = receivedAt + IMPORT_BEGIN_MS;
  const answerBy = receivedAt + IMPORT_ANSWER_MS;
  const results = await fanOut({ table, dispatch, blobs, requestId, beginUntil, answerBy, onFault }, started);
  const entries = joinOutcomes(started, results);
  const state = stateOf(started, results);
  if (started.how !== 'ended') {
    const isFinal = results.every(isReported);
    const conclusion = {
      state,
      begun: Math.max(started.begunBefore, results.filter(isBegun).length),
      counts: isFinal ? countActions(entries) : undefined,
    };
    // The jobs are written: a record that could not be concluded changes nothing of what the answer tells.
    const timeOut = untilAfter(receivedAt, IMPORT_CONCLUDE_MS);
    await concludeImport(table, { ...started, run: requestId }, conclusion, timeOut).catch(onFault);
  }
  if (state === 'failed') throw refusalOf(results);
  return importReply({ projectId: started.projectId, importId: started.importId, state, entries, results });
}

async function acceptInTime(services: Omit<ImportServices, 'dispatch'>, asked: Asked): Promise<Started> {
  const timeOut = untilAfter(asked.receivedAt, IMPORT_ACCEPT_MS);
  try {
    return await within(acceptImport({ ...services, timeOut }, asked), timeOut);
  } catch (error) {
    if (!timeOut.aborted) throw error;
    const seconds = IMPORT_ACCEPT_MS / 1000;
    // An earlier request with the same Idempotency-Key may have imported some.
    const message = `The archives were not found and noted within ${seconds} s. This request imported nothing. Send it again.`;
    throw new ApiError('DLI.0019', message, { cause: error });
  }
}

/** Aborted so many milliseconds after a time. */
const untilAfter = (time: number, ms: number) => AbortSignal.timeout(Math.max(0, time + ms - Date.now()));

/** An import of a single archive that was refused is itself refused. */
function refusalOf([only]: ArchiveResult[]): ApiError {
  if (typeof only?.outcomes !== 'object' || 'jobs' in only.outcomes) throw new Error('no archive was refused');
  const { code, message, reason } = only.outcomes.refused;
  return new ApiError(code, `${quoteName(only.archive)}: ${message}`, { reason });
}
