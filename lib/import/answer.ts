import { canBeSent } from '../answer-size.ts';
import { IMPORT_ANSWER_MS } from '../limits.ts';
import type { AcceptedImport, FinishedImport, ImportState, MappingRow } from './import-answers.ts';
import { isDone } from './import-state.ts';
import type { ArchiveResult, MappingEntry } from './mapping.ts';

/** What is answered to an import: the mapping, or where it is or will be. */
export type ImportReply =
  | { status: 200; location?: undefined; body: FinishedImport }
  | { status: 202; location: string; body: AcceptedImport };

type Import = {
  projectId: string;
  importId: number;
  state: ImportState;
  entries: MappingEntry[];
  results: ArchiveResult[];
};

/** Rows in which something went wrong; skipped and duplicate jobs are no failures. */
const FAILURES: ReadonlySet<MappingEntry['action']> = new Set(['failed', 'not_started']);

/**
 * The answer to an import: 200 with the whole mapping; 202 without it, if it is not finished or too large to be sent,
 * with the address that tells it.
 */
export function importReply(imported: Import): ImportReply {
  const { projectId, importId, state } = imported;
  const whole = { ...importAnswer(imported), import_id: importId };
  const isWhole = state === 'finished' && canBeSent(whole);
  if (isWhole) return { status: 200, body: whole };
  const location = importAddress(projectId, importId);
  const message =
    state === 'finished' ? `${whole.message} The mapping is at ${location}` : unfinished(imported, location);
  return { status: 202, location, body: { ...whole, message, job_mapping: [], state } };
}

/** The answer to an import of which it is only known how far it is. @param isSuccess what a client takes for done. */
export function progressReply(
  { projectId, importId }: { projectId: string; importId: number },
  { state, message, isSuccess }: { state: ImportState; message: string; isSuccess: boolean },
): ImportReply {
  const location = importAddress(projectId, importId);
  const result = { is_success: isSuccess ? 'true' : 'false', message: `${message}; see ${location}` } as const;
  const body = { ...result, job_mapping: [], import_id: importId, state };
  return { status: 202, location, body };
}

export const progressMessage = (done: number, total: number) => `${done} of ${total} archives done so far`;

/** Where an import is told of. */
export const importAddress = (projectId: string, importId: number): string =>
  `/v1.0/${projectId}/streaming/jobs/imports/${importId}`;

/** What all answers about an import begin with. Clients want a string in `is_success` and integers as ids. */
export function importAnswer(
  imported: Pick<Import, 'state' | 'entries' | 'results'>,
): Omit<FinishedImport, 'import_id'> {
  return { ...importResult(imported), job_mapping: imported.entries.map(toRow) };
}

/** The same without the mapping. */
export function importResult({
  state,
  entries,
  results,
}: Pick<Import, 'state' | 'entries' | 'results'>): Pick<FinishedImport, 'is_success' | 'message'> {
  const failed = entries.filter(({ action }) => FAILURES.has(action));
  const isSuccess = state === 'finished' && failed.length === 0;
  const message = isSuccess ? 'The job is imported successfully.' : failureMessage(entries, results, failed);
  return { is_success: isSuccess ? 'true' : 'false', message };
}

function unfinished({ state, results }: Import, location: string): string {
  const done = results.filter(isDone).length;
  const notStarted = results.filter(({ outcomes }) => outcomes === 'not_started').length;
  const rest = notStarted > 0 ? `, ${notStarted} not started` : '';
  const what = state === 'cancelled' ? 'cancelled' : NOT_FINISHED;
  return `${what}: ${done} of ${results.length} archives done${rest}; see ${location}`;
}

export const NOT_FINISHED = `not finished after ${IMPORT_ANSWER_MS / 1000} s`;

function failureMessage(entries: MappingEntry[], results: ArchiveResult[], failed: MappingEntry[]): string {
  const archives = failed.filter(({ entry }) => entry === null).length;
  const failedJobs = failed.length - archives;
  const parts = [
    ...(archives > 0 ? [`${archives} of ${results.length} archives failed`] : []),
    ...(failedJobs > 0 ? [`${failedJobs} of ${entries.length - archives} jobs failed`] : []),
  ];
  if (failed.length === 0) return progressMessage(results.filter(isDone).length, results.length);
  const first = failed[0]?.remark.replace(/\.$/, '');
  return `${parts.join(', ')}: ${first}.${failed.length > 1 ? ' See job_mapping for the others.' : ''}`;
}

/** A row of the mapping, as clients get it. */
export function toRow({ oldJobId, newJobId, remark, jobName, archive, entry, action, code }: MappingEntry): MappingRow {
  return {
    ...(oldJobId !== null && { old_job_id: JSON.rawJSON(oldJobId) }),
    new_job_id: newJobId,
    remark,
    ...(jobName !== null && { job_name: jobName }),
    archive,
    ...(entry !== null && { entry }),
    action,
    ...(code !== null && { error_code: code }),
  };
}
