import type { MappingEntry } from './join.ts';

/** Rows in which something went wrong; skipped and duplicate jobs are no failures. */
const FAILURES: ReadonlySet<MappingEntry['action']> = new Set(['failed', 'not_started']);

/** The answer to an import. Clients want a string in `is_success` and integers as ids; other keys they pass over. */
export function importAnswer(importId: number, entries: MappingEntry[]) {
  const failed = entries.filter(({ action }) => FAILURES.has(action));
  return {
    is_success: String(failed.length === 0),
    message: failed.length === 0 ? 'The job is imported successfully.' : failureMessage(entries, failed),
    job_mapping: entries.map(toWire),
    import_id: importId,
  };
}

function failureMessage(entries: MappingEntry[], failed: MappingEntry[]): string {
  const archives = failed.filter(({ entry }) => entry === null);
  const total = new Set(entries.map(({ archive }) => archive)).size;
  const failedJobs = failed.length - archives.length;
  const jobs = entries.length - archives.length;
  const parts = [
    ...(archives.length > 0 ? [`${archives.length} of ${total} archives failed`] : []),
    ...(failedJobs > 0 ? [`${failedJobs} of ${jobs} jobs failed`] : []),
  ];
  return `${parts.join(', ')}: ${failed[0]?.remark}${failed.length > 1 ? ' See job_mapping for the others.' : ''}`;
}

function toWire({ oldJobId, newJobId, remark, jobName, archive, entry, action, code }: MappingEntry) {
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
