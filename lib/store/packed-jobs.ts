import { BatchGetRequest } from 'dynamodb-toolbox/entity/actions/batchGet';
import { BatchGetCommand, execute } from 'dynamodb-toolbox/table/actions/batchGet';
import { pMapIterable } from 'p-map';
import { DEFINITION_READ_ATTEMPTS, DEFINITION_READS, EXPORT_BATCH_JOBS, EXPORT_BATCHES } from '../limits.ts';
import { type Blobs, readPacked } from './blobs.ts';
import type { NamedJob } from './job-names.ts';
import { readItem } from './jobs.ts';
import { jobKey } from './keys.ts';
import type { JobItem, JobTable } from './table.ts';

/** A job as it is stored; `stored` is undefined if it was deleted. The definition is compressed. */
export type PackedJob = NamedJob & { stored: { contentHash: string; definition: Uint8Array } | undefined };

type Source = { table: JobTable; blobs: Blobs; projectId: string; abortSignal: AbortSignal };

/**
 * Reads jobs in their order, each as it is when it is read. A few are read ahead: as many as are on their way at once.
 */
export function readPackedJobs(source: Source, jobs: NamedJob[]): AsyncIterable<PackedJob> {
  const batches = Array.from({ length: Math.ceil(jobs.length / EXPORT_BATCH_JOBS) }, (_, at) =>
    jobs.slice(at * EXPORT_BATCH_JOBS, (at + 1) * EXPORT_BATCH_JOBS),
  );
  const items = flatten(pMapIterable(batches, (batch) => readItems(source, batch), { concurrency: EXPORT_BATCHES }));
  return pMapIterable(items, (found) => readOne(source, found), { concurrency: DEFINITION_READS });
}

async function* flatten<T>(batches: AsyncIterable<T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield* batch;
}

type FoundItem = { named: NamedJob; item: JobItem | undefined };

/** What a batch leaves out, be it for want of capacity, is asked for alone. */
async function readItems({ table, projectId, abortSignal }: Source, jobs: NamedJob[]): Promise<FoundItem[]> {
  const command = table.table
    .build(BatchGetCommand)
    .requests(...jobs.map(({ name }) => table.job.build(BatchGetRequest).key(jobKey(projectId, name))))
    .options({ consistent: true });
  const { Responses } = await execute({ abortSignal }, command);
  const items = Responses?.[0] ?? [];
  return jobs.map((named, at) => ({ named, item: items[at] }));
}

async function readOne({ table, blobs, projectId, abortSignal }: Source, found: FoundItem): Promise<PackedJob> {
  const { named } = found;
  let item = found.item ?? (await readItem(table, projectId, named.name, abortSignal));
  for (let attempt = 0; attempt < DEFINITION_READ_ATTEMPTS; attempt++) {
    if (item?.job_id !== named.jobId) return { ...named, stored: undefined };
    const definition = await readPackedDefinition(blobs, item, abortSignal);
    if (definition) return { ...named, stored: { contentHash: item.content_hash, definition } };
    // It was replaced, and its object went.
    item = await readItem(table, projectId, named.name, abortSignal);
  }
  throw new Error(`a job was replaced under ${DEFINITION_READ_ATTEMPTS} reads`);
}

async function readPackedDefinition(
  blobs: Blobs,
  { definition, definition_key: key }: JobItem,
  abortSignal: AbortSignal,
): Promise<Uint8Array | undefined> {
  if (definition) return definition;
  return key === undefined ? undefined : readPacked(blobs, { key }, abortSignal);
}
