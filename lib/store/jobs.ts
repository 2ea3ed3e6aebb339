import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import pMap from 'p-map';
import { ApiError } from '../errors.ts';
import { isNarrow, isWanted, type JobFilter } from '../job/job-filter.ts';
import { DEFINITION_READS, INDEX_LAG_MS, INDEX_RETRY_MS, LISTED_JOBS } from '../limits.ts';
import { type Blobs, readText } from './blobs.ts';
import { idShard, idShards, jobKey } from './keys.ts';
import type { JobItem, JobTable, ListedJobItem } from './table.ts';

export type StoredJob = { item: ListedJobItem; definition: string };

/**
 * Finds a job by its id. The index lags behind the table, so a miss is looked up again for a while.
 * @returns the job with the definition that belongs to it, or undefined if there is none.
 */
export async function findJob(
  table: JobTable,
  blobs: Blobs,
  projectId: string,
  jobId: number,
): Promise<StoredJob | undefined> {
  return untilIndexed(Date.now() + INDEX_LAG_MS, async () => {
    const found = await findItem(table, projectId, jobId);
    const item = found && toListed(found);
    // One that is replaced between two reads is a miss.
    const definition = found && (await readDefinition(blobs, found));
    return item && definition !== undefined ? { item, definition } : undefined;
  });
}

/**
 * Looks again for what was not found, as long as the index by id may lag behind the table.
 * @param until milliseconds since the epoch.
 */
export async function untilIndexed<T>(until: number, look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (;;) {
    const found = await look();
    if (found !== undefined || Date.now() >= until) return found;
    await sleep(INDEX_RETRY_MS);
  }
}

/** The item of a job as it is now, if the index knows its id already. */
export async function findItem(table: JobTable, projectId: string, jobId: number): Promise<JobItem | undefined> {
  const name = await findName(table, projectId, jobId);
  const item = name === undefined ? undefined : await readItem(table, projectId, name);
  return item?.job_id === jobId ? item : undefined;
}

/** The item of a name as it is now: a job, or the tombstone of one. */
export async function readItem(
  { job }: JobTable,
  projectId: string,
  name: string,
  abortSignal?: AbortSignal,
): Promise<JobItem | undefined> {
  const command = job.build(GetItemCommand).key(jobKey(projectId, name)).options({ consistent: true });
  return (await command.send(abortSignal && { abortSignal })).Item;
}

/** An item as the index by id holds it. Undefined if it is a tombstone. */
function toListed({ pk, sk, job_id, id_shard, name, create_time, ...item }: JobItem): ListedJobItem | undefined {
  if (job_id === undefined || id_shard === undefined || create_time === undefined) return undefined;
  const { update_time, summary } = item;
  return { pk, sk, job_id, id_shard, name, create_time, update_time, summary };
}

async function readDefinition(blobs: Blobs, item: JobItem): Promise<string | undefined> {
  if (item.definition !== undefined) return readText(blobs, { inline: item.definition });
  if (item.definition_key !== undefined) return readText(blobs, { key: item.definition_key });
  return undefined;
}

async function findName({ table, listedJob }: JobTable, projectId: string, jobId: number): Promise<string | undefined> {
  const { Items = [] } = await table
    .build(QueryCommand)
    .entities(listedJob)
    .query({ index: 'by-id', partition: idShard(projectId, jobId), range: { eq: jobId } })
    .options({ entityAttrFilter: false })
    .send();
  return Items[0]?.name;
}

export type ListOptions = { limit: number; offset: number; order: 'asc' | 'desc' } & JobFilter;

/**
 * One page of a project's jobs in the order of their ids, which is that of their creation, and how many there are.
 * @throws ApiError DLI.0009 if they are too many to be counted.
 */
export async function listJobs(
  table: JobTable,
  projectId: string,
  options: ListOptions,
): Promise<{ total: number; jobs: ListedJobItem[] }> {
  const { limit, offset, order, name } = options;
  const direction = order === 'asc' ? 1 : -1;
  const pageOf = (jobs: ListedJobItem[]) =>
    jobs.sort((a, b) => direction * (a.job_id - b.job_id)).slice(offset, offset + limit);
  if (name !== undefined) {
    const item = await readItem(table, projectId, name);
    const job = item && toListed(item);
    const found = job && isWanted(job, options) ? [job] : [];
    return { total: found.length, jobs: pageOf(found) };
  }
  const shards = idShards(projectId);
  if (isNarrow(options)) {
    const found = (await Promise.all(shards.map((shard) => readShard(table, shard, options)))).flat();
    return { total: checkTotal(found.length), jobs: pageOf(found) };
  }
  const [counts, heads] = await Promise.all([
    Promise.all(shards.map((shard) => countShard(table, shard))),
    Promise.all(shards.map((shard) => headOfShard(table, shard, order, limit === 0 ? 0 : offset + limit))),
  ]);
  return { total: checkTotal(counts.reduce((sum, count) => sum + count, 0)), jobs: pageOf(heads.flat()) };
}

function checkTotal(total: number): number {
  if (total <= LISTED_JOBS) return total;
  throw new ApiError(
    'DLI.0009',
    `There are more than ${LISTED_JOBS} jobs to be listed. Ask for fewer by a filter, as name.`,
  );
}

async function countShard({ table, listedJob }: JobTable, shard: string): Promise<number> {
  const { Count = 0 } = await table
    .build(QueryCommand)
    .entities(listedJob)
    .query({ index: 'by-id', partition: shard })
    .options({ entityAttrFilter: false, select: 'COUNT', maxPages: Number.POSITIVE_INFINITY })
    .send();
  return Count;
}

/** All jobs of a shard that a filter lets through, one more than may be listed at the most. */
async function readShard({ table, listedJob }: JobTable, shard: string, filter: JobFilter): Promise<ListedJobItem[]> {
  const jobs: ListedJobItem[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await table
      .build(QueryCommand)
      .entities(listedJob)
      .query({ index: 'by-id', partition: shard })
      .options({ entityAttrFilter: false, ...(next && { exclusiveStartKey: next }) })
      .send();
    jobs.push(...Items.filter((job) => isWanted(job, filter)));
    next = LastEvaluatedKey;
  } while (next !== undefined && jobs.length <= LISTED_JOBS);
  return jobs;
}

/** Jobs of a list with their definitions. One that was deleted or replaced since is left as it was listed. */
export async function readDefinitions(
  table: JobTable,
  blobs: Blobs,
  projectId: string,
  jobs: ListedJobItem[],
): Promise<(StoredJob | { item: ListedJobItem; definition: undefined })[]> {
  const readOne = async (item: ListedJobItem) => {
    const found = await readItem(table, projectId, item.name);
    const isSame = found?.job_id === item.job_id;
    const now = isSame ? toListed(found) : undefined;
    const definition = isSame ? await readDefinition(blobs, found) : undefined;
    return now && definition !== undefined ? { item: now, definition } : { item, definition: undefined };
  };
  return pMap(jobs, readOne, { concurrency: DEFINITION_READS });
}

/** The first `wanted` jobs of one shard, through as many pages as it takes. */
async function headOfShard(
  { table, listedJob }: JobTable,
  shard: string,
  order: ListOptions['order'],
  wanted: number,
): Promise<ListedJobItem[]> {
  const jobs: ListedJobItem[] = [];
  let next: Record<string, unknown> | undefined;
  while (jobs.length < wanted) {
    const { Items = [], LastEvaluatedKey } = await table
      .build(QueryCommand)
      .entities(listedJob)
      .query({ index: 'by-id', partition: shard })
      .options({
        entityAttrFilter: false,
        limit: wanted - jobs.length,
        reverse: order === 'desc',
        ...(next && { exclusiveStartKey: next }),
      })
      .send();
    jobs.push(...Items);
    next = LastEvaluatedKey;
    if (next === undefined) break;
  }
  return jobs;
}
