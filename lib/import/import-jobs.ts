import pMap from 'p-map';
import { quoteName } from '../archive/quote-name.ts';
import type { Dispatch } from '../dispatch/invoke-worker.ts';
import { ApiError } from '../errors.ts';
import { countActions } from '../job/outcome.ts';
import { ARCHIVE_BYTES, DIRECT_WORKERS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { takeImportId } from '../store/counters.ts';
import { type AcceptedImport, beginImport, endImport, type ImportEnd } from '../store/imports.ts';
import { lookAtObject, type SeenObject, tooLarge } from '../store/objects.ts';
import { readOutcomes } from '../store/outcomes.ts';
import type { Project } from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { importAnswer } from './answer.ts';
import type { ImportRequest } from './import-request.ts';
import { type ArchiveResult, joinOutcomes } from './join.ts';
import { openLocation } from './locations.ts';
import { parseObjectPath } from './object-path.ts';

export type ImportServices = { table: JobTable; blobs: Blobs; dispatch: Dispatch };

/** The request that an import came with. */
export type Caller = {
  requestId: string;
  /** Hears of the import's number as soon as it is taken. */
  onAccepted: (importId: number) => void;
  /** Hears of faults that became rows of the answer. */
  onFault: (error: unknown) => void;
};

/**
 * Imports the archive that a request names: takes an import number, writes the import's record, hands the archive to
 * a worker, and joins what it reports into the answer.
 * @throws ApiError if the request cannot be carried out; then no job was written.
 */
export async function importJobs(
  services: ImportServices,
  project: Project,
  { zip_file: zipFile, is_cover: isCover }: ImportRequest,
  caller: Caller,
) {
  const archives = await findArchives(services, project, zipFile);
  const { projectId } = project;
  const importId = await takeImportId(services.table, projectId);
  caller.onAccepted(importId);
  const accepted = { projectId, importId, zipFile, isCover, archives };
  await beginImport(services.table, accepted);

  const results = await dispatchAll(services, accepted, caller);
  const entries = joinOutcomes(accepted, results);
  const refusal = wholeRefusal(results);
  const end: ImportEnd = { state: refusal ? 'failed' : 'finished', counts: countActions(entries) };
  // The jobs are written: a record that could not be closed changes nothing of what the answer tells.
  await endImport(services.table, accepted, end).catch(caller.onFault);
  if (refusal) throw refusal;
  return importAnswer(importId, entries);
}

/** An import of a single archive that was refused is itself refused. */
function wholeRefusal([only, ...others]: ArchiveResult[]): ApiError | undefined {
  if (others.length > 0 || only?.outcomes === undefined || 'jobs' in only.outcomes) return undefined;
  const { code, message, reason } = only.outcomes.refused;
  return new ApiError(code, `${quoteName(only.archive)}: ${message}`, { reason });
}

/** The archives of a request as they are now, in the order of the import. */
async function findArchives({ blobs }: ImportServices, project: Project, zipFile: string): Promise<SeenObject[]> {
  const source = parseObjectPath(zipFile);
  const bucket = openLocation(project.locations, source, blobs.home);
  if (source.kind === 'folder') {
    throw new ApiError('DLI.0007', 'zip_file names a folder; so far only single archives (…/x.zip) are imported.');
  }
  const seen = await lookAtObject(blobs.s3, { ...bucket, key: source.key });
  if (seen.size > ARCHIVE_BYTES) throw tooLarge(seen, seen.size);
  return [seen];
}

/** One worker for each archive, a bounded number at a time; the results in the order of the archives. */
async function dispatchAll(
  { dispatch, blobs }: ImportServices,
  { archives, projectId, importId, isCover }: AcceptedImport,
  { requestId, onFault }: Caller,
): Promise<ArchiveResult[]> {
  const run = async (object: SeenObject, archivePlace: number): Promise<ArchiveResult> => {
    const archive = `${object.bucket}/${object.key}`;
    try {
      const stored = await dispatch({ requestId, projectId, importId, isCover, archivePlace, object });
      return { archive, outcomes: await readOutcomes(blobs, stored) };
    } catch (error) {
      onFault(error);
      return { archive, outcomes: undefined };
    }
  };
  return pMap(archives, run, { concurrency: DIRECT_WORKERS });
}
