import type { Dispatch } from '../dispatch/invoke-worker.ts';
import { ApiError } from '../errors.ts';
import { countActions } from '../job/outcome.ts';
import { IMPORT_ACCEPT_MS, IMPORT_ANSWER_MS, IMPORT_BEGIN_MS, IMPORT_CONCLUDE_MS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import type { Blobs } from '../store/blobs.ts';
import { concludeImport } from '../store/imports.ts';
import type { JobTable } from '../store/table.ts';
import type { Started } from './begin-import.ts';
import { fanOut } from './fan-out.ts';
import type { ImportState } from './import-answers.ts';
import { isBegun, isReported, stateOf } from './import-state.ts';
import { type ArchiveResult, joinOutcomes, type MappingEntry } from './mapping.ts';
import { within } from './within.ts';

export type ImportServices = { table: JobTable; blobs: Blobs; dispatch: Dispatch };

/** An import of which archives are open: how many, the first ones, were begun; places of those that workers may be at yet. */
export type Open = { begun: number; underWay: number[] };

/** What an import has come to when nobody waits for it any longer, and whether the rest of it was handed over. */
export type CarriedOut = {
  state: ImportState;
  entries: MappingEntry[];
  results: ArchiveResult[];
  isHandedOver: boolean;
};

/** Hands each archive of an import to a worker, joins what they report, and notes what came of it in its record. */
export async function carryOut(
  services: ImportServices,
  started: Started,
  run: {
    id: string;
    /** Milliseconds since the epoch: how long the import may take is counted from there. */
    receivedAt: number;
    /** Hears of faults that became rows of the mapping. */
    onFault: (error: unknown) => void;
    /** Takes over what is open, or says that the import was cancelled since. Without it that stays so. */
    handOver?: (open: Open) => Promise<boolean>;
  },
): Promise<CarriedOut> {
  const { id: requestId, receivedAt, onFault, handOver } = run;
  const beginUntil = receivedAt + IMPORT_BEGIN_MS;
  const answerBy = receivedAt + IMPORT_ANSWER_MS;
  const options = { ...services, requestId, beginUntil, answerBy, onFault };
  const { results, isCancelled, isFull, isShort } = await fanOut(options, started);
  const entries = joinOutcomes(started, results);
  const underWay = results.flatMap(({ outcomes }, place) => (outcomes === 'running' ? [place] : []));
  const mayGoOn = handOver !== undefined && !isCancelled && !isFull && (isShort || underWay.length > 0);
  // Should it fail, the import is looked after all the same, once nobody can be at it any more.
  const isLookedAfter = (error: unknown) => {
    onFault(error);
    return true;
  };
  if (mayGoOn && (await handOver({ begun: begunOf(started, results), underWay }).catch(isLookedAfter)))
    return { state: 'running', entries, results, isHandedOver: true };
  // What may go on and was not taken over was cancelled meanwhile.
  const state = stateOf(started, results, isCancelled || mayGoOn);
  if (!started.isConcluded) await conclude(services, started, { results, entries, state }, run);
  return { state, entries, results, isHandedOver: false };
}

/** How many archives were handed to a worker, in this run or before: the first ones. */
const begunOf = ({ begunBefore }: Started, results: ArchiveResult[]) =>
  Math.max(begunBefore, results.findLastIndex(isBegun) + 1);

/** The jobs are written: a record that could not be concluded changes nothing of what the answer tells. */
async function conclude(
  { table }: ImportServices,
  started: Started,
  { results, entries, state }: Omit<CarriedOut, 'isHandedOver'>,
  { receivedAt, onFault }: { receivedAt: number; onFault: (error: unknown) => void },
): Promise<void> {
  const isFinal = results.every(isReported);
  const conclusion = {
    state: state === 'queued' ? 'running' : state,
    begun: begunOf(started, results),
    counts: isFinal ? countActions(entries) : undefined,
  } as const;
  const timeOut = untilAfter(receivedAt, IMPORT_CONCLUDE_MS);
  await concludeImport(table, started, conclusion, timeOut).catch(onFault);
}

/**
 * Waits for an import to be accepted, as long as there is time.
 * @param accept tells the address of the import before it notes anything there.
 * @throws ApiError DLI.0019 if there is none left.
 */
export async function acceptInTime<T>(
  receivedAt: number,
  accept: (timeOut: AbortSignal, onNote: (address: string) => void) => Promise<T>,
): Promise<T> {
  const timeOut = untilAfter(receivedAt, IMPORT_ACCEPT_MS);
  let noted: string | undefined;
  const onNote = (address: string) => {
    noted = address;
  };
  try {
    return await within(accept(timeOut, onNote), timeOut);
  } catch (error) {
    if (!timeOut.aborted) throw error;
    const seconds = IMPORT_ACCEPT_MS / 1000;
    // An earlier request with the same Idempotency-Key may have imported some.
    const message =
      noted === undefined
        ? `The archives were not found and noted within ${seconds} s. This request imported nothing. Send it again.`
        : `The import was not noted within ${seconds} s, and may be yet: then it goes on by itself. Look at ${noted} before you send the request again.`;
    throw new ApiError('DLI.0019', message, { cause: error });
  }
}

/** An import of a single archive that was refused is itself refused. */
export function refusalOf([only]: ArchiveResult[]): ApiError {
  if (typeof only?.outcomes !== 'object' || 'jobs' in only.outcomes) throw new Error('no archive was refused');
  const { code, message, reason } = only.outcomes.refused;
  const name = quoteName(only.archive);
  return new ApiError(code, message.startsWith(name) ? message : `${name}: ${message}`, { reason });
}

/** Aborted so many milliseconds after a time. */
export const untilAfter = (time: number, ms: number) => AbortSignal.timeout(Math.max(0, time + ms - Date.now()));
