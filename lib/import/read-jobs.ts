import { setImmediate } from 'node:timers/promises';
import { type ArchiveEntry, readArchive } from '../archive/read-archive.ts';
import { ApiError } from '../errors.ts';
import type { JsonBudget } from '../job/json.ts';
import { checkManifest, type Manifest, readManifest } from '../job/manifest.ts';
import { TextShelf } from '../job/packed-text.ts';
import { type ParsedJob, parseJob } from '../job/parse-job.ts';
import { checkDocument, readDocument } from '../job/read-document.ts';
import {
  ARCHIVE_JOBS,
  BYTES_OF_TEXT,
  BYTES_OF_VALUE,
  JSON_VALUES,
  LARGE_DOCUMENT_BYTES,
  LARGE_JOB_VALUES,
} from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { refusal } from '../refusals.ts';
import { GarbageCollector } from './collect-garbage.ts';

/** A job of an archive, where it stands in it. */
export type ArchiveJob = ParsedJob & { jobPlace: number; entry: string };

/**
 * The jobs of an archive, entries as in its directory, jobs as in their document. Nothing is written before all of
 * the archive is read and found sound.
 * @throws ApiError, naming the entry, for whatever refuses the whole archive.
 */
export async function readJobs(bytes: Buffer): Promise<ArchiveJob[]> {
  const jobs: ArchiveJob[] = [];
  const budget = { values: JSON_VALUES };
  const shelf = new TextShelf();
  const garbage = new GarbageCollector();
  let manifest: Manifest | undefined;
  for await (const entry of readArchive(bytes)) {
    // Between entries, so that what the last one took can be given back.
    await setImmediate();
    if (entry.kind === 'manifest') {
      manifest = manifestOf(entry, budget);
      continue;
    }
    let valuesLeft = budget.values;
    inEntry(entry, () =>
      readDocument(entry.bytes, budget, (value) => {
        if (jobs.length === ARCHIVE_JOBS) throw tooManyJobs();
        const job = parseJob(value);
        const place = { jobPlace: jobs.length, entry: entry.name };
        jobs.push(job.ok ? { ...job, ...place, definition: shelf.keep(job.definition) } : { ...job, ...place });
        const values = valuesLeft - budget.values;
        if (values >= LARGE_JOB_VALUES) garbage.add(values * BYTES_OF_VALUE);
        valuesLeft = budget.values;
      }),
    );
    if (entry.bytes.length >= LARGE_DOCUMENT_BYTES) garbage.add(entry.bytes.length * BYTES_OF_TEXT);
  }
  if (jobs.length === 0) {
    throw refusal('archive.no-jobs', 'Expected at least one job, found documents that are empty lists');
  }
  if (manifest) checkManifest(manifest, jobs.map(toHashed));
  return jobs;
}

const toHashed = (job: ArchiveJob) => ({ entry: job.entry, contentHash: job.ok ? job.contentHash : undefined });

/** A file of its name must be a document, whoever made it. */
function manifestOf(entry: ArchiveEntry, budget: JsonBudget): Manifest | undefined {
  inEntry(entry, () => checkDocument(entry.bytes, budget));
  return readManifest(entry.bytes);
}

/** Runs what reads an entry; what it finds wrong with the document is told with the entry's name. */
function inEntry({ name }: ArchiveEntry, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof ApiError && error.reason?.startsWith('document.'))) throw error;
    throw new ApiError(error.code, `entry ${quoteName(name)}: ${error.message}`, {
      cause: error,
      reason: error.reason,
    });
  }
}

function tooManyJobs() {
  return refusal('archive.jobs', `an archive may hold ${ARCHIVE_JOBS} jobs; this one holds more. Split it.`);
}
