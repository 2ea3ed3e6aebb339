import { ApiError } from '../errors.ts';
import { EXPORT_ANSWER_MS, EXPORT_WORK_MS } from '../limits.ts';
import { openExportFolder } from '../location/locations.ts';
import { parseFolderPath } from '../location/object-path.ts';
import { quoteName } from '../quote-name.ts';
import type { Blobs } from '../store/blobs.ts';
import type { NamedJob } from '../store/job-names.ts';
import { readPackedJobs } from '../store/packed-jobs.ts';
import type { Project } from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { type ExportEntry, toEntry } from './export-entry.ts';
import { ExportFiles, fileName } from './export-files.ts';
import type { ExportRequest } from './export-request.ts';
import { findExportJobs, noSuchJobs } from './find-jobs.ts';
import { packFile } from './pack-file.ts';
import { splitFiles } from './split-files.ts';

export type ExportServices = { table: JobTable; blobs: Blobs };

/** What a request is about. */
export type ExportTask = {
  project: Project;
  request: ExportRequest;
  /** Unlike that of any other request. */
  requestId: string;
  /** Milliseconds since the epoch, when the gateway got it: how long it may take is counted from there. */
  receivedAt: number;
};

/**
 * Exports the jobs of a project, all or those selected, each as it is when it is read. One file at a time is in memory.
 * @param onFault hears why a file could not be removed.
 * @returns the paths of the files, in the order of the jobs; none if the project has no job.
 * @throws ApiError, or what the table or S3 failed with. Then the files are removed, or told in the message.
 */
export async function exportJobs(
  { table, blobs }: ExportServices,
  { project, request, requestId, receivedAt }: ExportTask,
  onFault: (error: unknown) => void,
): Promise<string[]> {
  const { bucket, key } = parseFolderPath(request.obs_dir, fileName(receivedAt).length);
  const folder = { ...openExportFolder(project.locations, { bucket, key }, blobs.home), key };
  const files = new ExportFiles({ s3: blobs.s3, folder, exportId: requestId });
  const giveUp = untilAfter(receivedAt, EXPORT_WORK_MS);
  try {
    const jobs = await findExportJobs(table, project.projectId, request, giveUp);
    const source = { table, blobs, projectId: project.projectId, abortSignal: giveUp };
    for await (const entries of splitFiles(readEntries(source, jobs, request.is_selected))) {
      await files.write(await packFile(entries), giveUp);
    }
    return files.paths;
  } catch (error) {
    const left = await files.remove(untilAfter(receivedAt, EXPORT_ANSWER_MS), onFault);
    throw explain(error, giveUp.aborted, left);
  }
}

/** A job that was deleted since it was found is left out, unless it was asked for. */
async function* readEntries(
  source: Parameters<typeof readPackedJobs>[0],
  jobs: NamedJob[],
  isSelected: boolean,
): AsyncGenerator<ExportEntry> {
  for await (const { stored, ...named } of readPackedJobs(source, jobs)) {
    if (stored) yield toEntry({ ...named, ...stored });
    else if (isSelected) throw noSuchJobs([named.jobId]);
  }
}

/** What a client is told of a failure, and of files that it left behind. */
function explain(error: unknown, isLate: boolean, left: string[]): unknown {
  const told = isLate && !(error instanceof ApiError) ? tooLate(error) : error;
  if (left.length === 0) return told;
  const { code, message } =
    told instanceof ApiError ? told : new ApiError('DLI.0999', 'The server failed; its X-Request-Id leads to the log.');
  const rest = `These files could not be removed again: ${left.map(quoteName).join(', ')}.`;
  return new ApiError(code, `${message} ${rest}`, { cause: error });
}

function tooLate(cause: unknown): ApiError {
  const seconds = EXPORT_WORK_MS / 1000;
  const message = `The jobs were not exported within ${seconds} s. Select fewer by job_selected.`;
  return new ApiError('DLI.0019', message, { cause });
}

/** Aborted so many milliseconds after a time. */
const untilAfter = (time: number, ms: number) => AbortSignal.timeout(Math.max(0, time + ms - Date.now()));
