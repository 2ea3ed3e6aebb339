import type { Dispatch } from '../dispatch/invoke-worker.ts';
import { ApiError } from '../errors.ts';
import { countActions } from '../job/outcome.ts';
import { IMPORT_ANSWER_MS, IMPORT_BEGIN_MS, IMPORT_CONCLUDE_MS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import type { Blobs } from '../store/blobs.ts';
import { takeImportId } from '../store/counters.ts';
import { beginImport, concludeImport } from '../store/imports.ts';
import type { Project } from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { type ImportReply, importReply } from './answer.ts';
import { fanOut } from './fan-out.ts';
import { findArchives } from './find-archives.ts';
import type { ImportRequest } from './import-request.ts';
import { isBegun, stateOf } from './import-state.ts';
import { type ArchiveResult, joinOutcomes } from './join.ts';

export type ImportServices = { table: JobTable; blobs: Blobs; dispatch: Dispatch };

/** The request that an import came with. */
export type Caller = {
  /** Unlike that of any other request. */
  requestId: string;
  /** The credential of the request, as it may be shown. */
  requestedBy: string;
  /** Hears of the import's number as soon as it is taken. */
  onAccepted: (importId: number) => void;
  /** Hears of faults that became rows of the answer. */
  onFault: (error: unknown) => void;
};

/**
 * Imports the archives that a request names: takes an import number, writes the import's record, hands each archive to
 * a worker, and joins what they report into the answer.
 * @throws ApiError if the request cannot be carried out; then no job was written.
 */
export async function importJobs(
  { table, blobs, dispatch }: ImportServices,
  project: Project,
  { zip_file: zipFile, is_cover: isCover }: ImportRequest,
  { requestId, requestedBy, onAccepted, onFault }: Caller,
): Promise<ImportReply> {
  const startedAt = Date.now();
  const archives = await findArchives(blobs, project, zipFile);
  const { projectId } = project;
  const importId = await takeImportId(table, projectId);
  onAccepted(importId);
  const accepted = { projectId, importId, zipFile, isCover, requestedBy, archives };
  await beginImport(table, blobs, accepted, requestId);

  const beginUntil = startedAt + IMPORT_BEGIN_MS;
  const answerBy = startedAt + IMPORT_ANSWER_MS;
  const results = await fanOut({ dispatch, blobs, requestId, beginUntil, answerBy, onFault }, accepted);
  const entries = joinOutcomes(accepted, results);
  const state = stateOf(results);
  const conclusion = { state, begun: results.filter(isBegun).length, counts: countActions(entries) };
  // The jobs are written: a record that could not be concluded changes nothing of what the answer tells.
  const timeOut = AbortSignal.timeout(Math.max(0, startedAt + IMPORT_CONCLUDE_MS - Date.now()));
  await concludeImport(table, accepted, conclusion, timeOut).catch(onFault);
  if (state === 'failed') throw refusalOf(results);
  return importReply({ projectId, importId, state, entries, results });
}

/** An import of a single archive that was refused is itself refused. */
function refusalOf([only]: ArchiveResult[]): ApiError {
  if (typeof only?.outcomes !== 'object' || 'jobs' in only.outcomes) throw new Error('no archive was refused');
  const { code, message, reason } = only.outcomes.refused;
  return new ApiError(code, `${quoteName(only.archive)}: ${message}`, { reason });
}
