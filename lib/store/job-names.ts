import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import { INDEX_PAGE_JOBS } from '../limits.ts';
import { idShard, idShards } from './keys.ts';
import type { JobTable } from './table.ts';

/** A job as the index by id tells of it: both stay as long as it lives. */
export type NamedJob = { jobId: number; name: string };

/**
 * The jobs of a project in the order of their ids. One of the last moment may be missing, since the index lags.
 * @param most as many as are wanted; if there are more, some of them come on top.
 */
export async function listNames(
  table: JobTable,
  projectId: string,
  most: number,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  const shards = idShards(projectId).map((shard) => listShard(table, shard, most, abortSignal));
  return (await Promise.all(shards)).flat().sort((a, b) => a.jobId - b.jobId);
}

async function listShard(
  { table, listedJob }: JobTable,
  shard: string,
  most: number,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  const jobs: NamedJob[] = [];
  let next: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await table
      .build(QueryCommand)
      .entities(listedJob)
      .query({ index: 'by-id', partition: shard })
      .options({ entityAttrFilter: false, ...(next && { exclusiveStartKey: next }) })
      .send({ abortSignal });
    jobs.push(...Items.map(({ job_id, name }) => ({ jobId: job_id, name })));
    next = LastEvaluatedKey;
  } while (next !== undefined && jobs.length <= most);
  return jobs;
}

/** Those of some jobs that the index knows, in no order. */
export async function findNames(
  table: JobTable,
  projectId: string,
  jobIds: ReadonlySet<number>,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  const shards = Map.groupBy(jobIds, (jobId) => idShard(projectId, jobId));
  const found = [...shards].map(([shard, ids]) => findInShard(table, shard, new Set(ids), abortSignal));
  return (await Promise.all(found)).flat();
}

/** Reads on from one id to the next that is wanted: ids that lie together come at once, and gaps are left out. */
async function findInShard(
  { table, listedJob }: JobTable,
  shard: string,
  wanted: ReadonlySet<number>,
  abortSignal: AbortSignal,
): Promise<NamedJob[]> {
  const jobs: NamedJob[] = [];
  let rest = [...wanted].sort((a, b) => a - b);
  for (;;) {
    const [first, last = first] = [rest[0], rest.at(-1)];
    if (first === undefined || last === undefined) return jobs;
    const { Items = [], LastEvaluatedKey } = await table
      .build(QueryCommand)
      .entities(listedJob)
      .query({ index: 'by-id', partition: shard, range: { between: [first, last] } })
      .options({ entityAttrFilter: false, limit: Math.min(rest.length, INDEX_PAGE_JOBS) })
      .send({ abortSignal });
    jobs.push(...Items.flatMap(({ job_id, name }) => (wanted.has(job_id) ? [{ jobId: job_id, name }] : [])));
    const seen = Items.at(-1)?.job_id;
    if (LastEvaluatedKey === undefined || seen === undefined) return jobs;
    rest = rest.filter((id) => id > seen);
  }
}
