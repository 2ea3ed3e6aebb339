import { ApiError } from '../errors.ts';
import { canBeJobId, LAST_JOB_ID } from '../job/job-id.ts';
import { EXPORT_JOBS, INDEX_LAG_MS } from '../limits.ts';
import { findNames, listNames, type NamedJob } from '../store/job-names.ts';
import { untilIndexed } from '../store/jobs.ts';
import type { JobTable } from '../store/table.ts';
import type { ExportRequest } from './export-request.ts';

/** Ids told of what is not there; the others are counted. */
const SHOWN_IDS = 5;

/**
 * The jobs that an export is of, in the order of their ids.
 * @throws ApiError DLI.0009 if they are too many, DLI.16001 if one that was selected is not there.
 */
export async function findExportJobs(
  table: JobTable,
  projectId: string,
  request: ExportRequest,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  return request.is_selected
    ? findSelected(table, projectId, new Set(request.job_selected), abortSignal)
    : listAll(table, projectId, abortSignal);
}

/** @throws ApiError DLI.16001 that names some of the ids. */
export function noSuchJobs(jobIds: number[]): ApiError {
  const shown = jobIds.slice(0, SHOWN_IDS).join(', ');
  const more = jobIds.length > SHOWN_IDS ? ` and ${jobIds.length - SHOWN_IDS} more` : '';
  return new ApiError(
    'DLI.16001',
    `job_selected holds ids that no Flink job of this project has: ${shown}${more}. Nothing was exported.`,
  );
}

async function listAll(table: JobTable, projectId: string, abortSignal: AbortSignal): Promise<NamedJob[]> {
  const jobs = await listNames(table, projectId, EXPORT_JOBS, abortSignal);
  if (jobs.length <= EXPORT_JOBS) return jobs;
  throw tooMany('this project has more. Select some by is_selected and job_selected');
}

async function findSelected(
  table: JobTable,
  projectId: string,
  selected: ReadonlySet<number>,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  if (selected.size > EXPORT_JOBS) throw tooMany(`job_selected has ${selected.size}. Select fewer`);
  if (![...selected].every(canBeJobId)) {
    throw new ApiError(
      'DLI.16001',
      `job_selected holds ids beyond ${LAST_JOB_ID}, which no Flink job has. Nothing was exported.`,
    );
  }
  const missing = new Set(selected);
  const jobs: NamedJob[] = [];
  await untilIndexed(Date.now() + INDEX_LAG_MS, async () => {
    const found = await findNames(table, projectId, missing, abortSignal);
    jobs.push(...found);
    for (const { jobId } of found) missing.delete(jobId);
    return missing.size === 0 ? jobs : undefined;
  });
  if (missing.size > 0) throw noSuchJobs([...missing].sort((a, b) => a - b));
  return jobs.sort((a, b) => a.jobId - b.jobId);
}

function tooMany(found: string): ApiError {
  return new ApiError('DLI.0009', `An export takes at most ${EXPORT_JOBS} jobs; ${found}.`);
}
