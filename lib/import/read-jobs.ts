import { setImmediate } from 'node:timers/promises';
import { type ArchiveEntry, readArchive } from '../archive/read-archive.ts';
import { ApiError } from '../errors.ts';
import type { JsonBudget } from '../job/json.ts';
import { type PackedText, packText } from '../job/packed-text.ts';
import { type ParsedJob, parseJob } from '../job/parse-job.ts';
import { readDocument } from '../job/read-document.ts';
import { ARCHIVE_JOBS, JSON_VALUES } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { refusal } from '../refusals.ts';

type SoundJob = Extract<ParsedJob, { ok: true }>;
type BrokenJob = Exclude<ParsedJob, SoundJob>;

/** A job of an archive, where it stands in it. */
export type ArchiveJob = { jobPlace: number; entry: string } & (
  | BrokenJob
  | (Omit<SoundJob, 'definition'> & { definition: PackedText })
);

/**
 * The jobs of an archive, entries as in its directory, jobs as in their document. Nothing is written before all of
 * the archive is read and found sound.
 * @throws ApiError, naming the entry, for whatever refuses the whole archive.
 */
export async function readJobs(bytes: Buffer): Promise<ArchiveJob[]> {
  const jobs: ArchiveJob[] = [];
  const budget = { values: JSON_VALUES };
  for await (const entry of readArchive(bytes)) {
    // Between entries, so that what the last one took can be given back.
    await setImmediate();
    for (const value of documentOf(entry, budget)) {
      if (jobs.length === ARCHIVE_JOBS) throw tooManyJobs();
      jobs.push(toArchiveJob(parseJob(value), { jobPlace: jobs.length, entry: entry.name }));
    }
  }
  if (jobs.length === 0) {
    throw refusal('archive.no-jobs', 'Expected at least one job, found documents that are empty lists');
  }
  return jobs;
}

function toArchiveJob(job: ParsedJob, place: { jobPlace: number; entry: string }): ArchiveJob {
  return job.ok ? { ...job, ...place, definition: packText(job.definition) } : { ...job, ...place };
}

function documentOf({ name, bytes }: ArchiveEntry, budget: JsonBudget) {
  try {
    return readDocument(bytes, budget);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(error.code, `entry ${quoteName(name)}: ${error.message}`, {
      cause: error,
      reason: error.reason,
    });
  }
}

function tooManyJobs() {
  return refusal('archive.jobs', `an archive may hold ${ARCHIVE_JOBS} jobs; this one holds more. Split it.`);
}
