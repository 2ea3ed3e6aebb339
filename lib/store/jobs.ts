import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import { INDEX_LAG_MS, INDEX_RETRY_MS } from '../limits.ts';
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
export async function readItem({ job }: JobTable, projectId: string, name: string): Promise<JobItem | undefined> {
  return (await job.build(GetItemCommand).key(jobKey(projectId, name)).options({ consistent: true }).send()).Item;
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

export type ListOptions = { limit: number; offset: number; order: 'asc' | 'desc'; name: string | undefined };

/** One page of a project's jobs in the order of their ids, which is that of their creation, and how many there are. */
export async function listJobs(
  table: JobTable,
  projectId: string,
  { limit, offset, order, name }: ListOptions,
): Promise<{ total: number; jobs: ListedJobItem[] }> {
  if (name !== undefined) return listByName(table, projectId, name, { limit, offset });
  const shards = idShards(projectId);
  const [counts, heads] = await Promise.all([
    Promise.all(shards.map((shard) => countShard(table, shard))),
    Promise.all(shards.map((shard) => headOfShard(table, shard, order, limit === 0 ? 0 : offset + limit))),
  ]);
  const direction = order === 'asc' ? 1 : -1;
  const jobs = heads.flat().sort((a, b) => direction * (a.job_id - b.job_id));
  return { total: counts.reduce((sum, count) => sum + count, 0), jobs: jobs.slice(offset, offset + limit) };
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

/** A name is unique in its project, so a list by name is one read by key. */
async function listByName(
  table: JobTable,
  projectId: string,
  name: string,
  { limit, offset }: Pick<ListOptions, 'limit' | 'offset'>,
): Promise<{ total: number; jobs: ListedJobItem[] }> {
  const item = await readItem(table, projectId, name);
  const found = item && toListed(item);
  if (found === undefined) return { total: 0, jobs: [] };
  return { total: 1, jobs: [found].slice(offset, offset + limit) };
}
