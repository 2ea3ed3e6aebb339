import { $remove, $set, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import pMap from 'p-map';
import type { Deletion } from '../job/deletion.ts';
import { canBeJobId } from '../job/job-id.ts';
import { INDEX_LAG_MS, JOB_WRITE_ATTEMPTS, JOB_WRITES } from '../limits.ts';
import { type Blobs, dropText } from './blobs.ts';
import { isWritten } from './conditional-write.ts';
import { expiry } from './imports.ts';
import { findItem, readItem, untilIndexed } from './jobs.ts';
import { jobKey } from './keys.ts';
import type { JobItem, JobTable } from './table.ts';
import { numberTombstones, type Tombstone } from './tombstones.ts';

type Options = {
  /** Milliseconds since the epoch after which no deletion is begun. */
  beginUntil: number;
  /** Hears of faults that became results, and of objects that could not be removed: nothing points to them. */
  onFault: (error: unknown) => void;
};

/**
 * Deletes jobs by their ids. Each leaves a tombstone, so that no write that is on its way brings it back. A job counts
 * as deleted when its tombstone has its number: until then no import could write its name.
 * @returns what came of each id.
 */
export async function deleteJobs(
  table: JobTable,
  blobs: Blobs,
  projectId: string,
  jobIds: number[],
  { beginUntil, onFault }: Options,
): Promise<Map<number, Deletion>> {
  const indexedBy = Date.now() + INDEX_LAG_MS;
  const results = new Map<number, Deletion>();
  const buried: Buried[] = [];
  const deleteOne = async (jobId: number) => {
    if (!canBeJobId(jobId)) return results.set(jobId, 'no_such_job');
    if (Date.now() >= beginUntil) return results.set(jobId, 'no_time');
    try {
      const found = await bury(table, projectId, jobId, indexedBy);
      if (found) buried.push(found);
      return results.set(jobId, found ? 'deleted' : 'no_such_job');
    } catch (error) {
      onFault(error);
      return results.set(jobId, 'not_known');
    }
  };
  await pMap(new Set(jobIds), deleteOne, { concurrency: JOB_WRITES });
  try {
    await numberTombstones(table, projectId, buried);
  } catch (error) {
    onFault(error);
    for (const { jobId } of buried) results.set(jobId, 'not_known');
  }
  const drop = ({ definitionKey }: Buried) =>
    definitionKey === undefined ? undefined : dropText(blobs, { key: definitionKey }).catch(onFault);
  await pMap(buried, drop, { concurrency: JOB_WRITES });
  return results;
}

type Buried = Tombstone & { definitionKey: string | undefined };

/** Makes a job a tombstone without a number, which refuses every import. Undefined if there is no such job. */
async function bury(table: JobTable, projectId: string, jobId: number, indexedBy: number): Promise<Buried | undefined> {
  let item = await untilIndexed(indexedBy, () => findItem(table, projectId, jobId));
  for (let attempt = 0; attempt < JOB_WRITE_ATTEMPTS; attempt++) {
    if (item === undefined) return undefined;
    const { name, definition_key: definitionKey } = item;
    if (await replaceByTombstone(table, projectId, item)) return { name, jobId, definitionKey };
    item = await readItem(table, projectId, name);
    // Our own write, repeated because its answer was lost; or that of another deletion.
    if (item?.job_id === undefined && item?.was?.job_id === jobId) return { name, jobId, definitionKey };
    if (item?.job_id !== jobId) return undefined;
  }
  throw new Error(`a job changed under ${JOB_WRITE_ATTEMPTS} deletions`);
}

/** On condition that the job is as it was read. What makes an item a job goes, and what a new life must not inherit. */
async function replaceByTombstone({ job }: JobTable, projectId: string, item: JobItem): Promise<boolean> {
  const { name, job_id, created_by, order, content_hash, revision } = item;
  if (job_id === undefined || created_by === undefined || order === undefined) throw new Error('a job lacks its order');
  const update = job
    .build(UpdateItemCommand)
    .item({
      ...jobKey(projectId, name),
      job_id: $remove(),
      id_shard: $remove(),
      created_by: $remove(),
      create_time: $remove(),
      order: $remove(),
      deleted: $remove(),
      definition: $remove(),
      definition_key: $remove(),
      was: $set({ job_id, created_by, order, content_hash }),
      expires_at: expiry(Date.now()),
    })
    .options({
      condition: {
        and: [
          { attr: 'job_id', eq: job_id },
          { attr: 'revision', eq: revision },
        ],
      },
    });
  return isWritten(update);
}
