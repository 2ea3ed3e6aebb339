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
  const deadline = Date.now() + INDEX_LAG_MS;
  for (;;) {
    const name = await findName(table, projectId, jobId);
    const job = name === undefined ? undefined : await readJob(table, blobs, projectId, name);
    if (job?.item.job_id === jobId) return job;
    if (Date.now() >= deadline) return undefined;
    await sleep(INDEX_RETRY_MS);
  }
}

/** Reads a job by its name, as it is now. A definition that is replaced between two reads is a miss. */
async function readJob(
  { job }: JobTable,
  blobs: Blobs,
  projectId: string,
  name: string,
): Promise<StoredJob | undefined> {
  const { Item } = await job.build(GetItemCommand).key(jobKey(projectId, name)).options({ consistent: true }).send();
  if (Item === undefined) return undefined;
  const item = toListed(Item);
  const definition = await readDefinition(blobs, Item);
  return item && definition !== undefined ? { item, definition } : undefined;
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
  { job }: JobTable,
  projectId: string,
  name: string,
  { limit, offset }: Pick<ListOptions, 'limit' | 'offset'>,
): Promise<{ total: number; jobs: ListedJobItem[] }> {
  const { Item } = await job.build(GetItemCommand).key(jobKey(projectId, name)).options({ consistent: true }).send();
  const found = Item && toListed(Item);
  if (found === undefined) return { total: 0, jobs: [] };
  return { total: 1, jobs: [found].slice(offset, offset + limit) };
}
