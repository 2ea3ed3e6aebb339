import { UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import pMap from 'p-map';
import { JOB_WRITES } from '../limits.ts';
import { isWritten } from './conditional-write.ts';
import { readLastImportId } from './counters.ts';
import { jobKey } from './keys.ts';
import type { JobTable } from './table.ts';

/** Where a job was. `jobId` is its id: the next tombstone of the name is another one. */
export type Tombstone = { name: string; jobId: number };

/**
 * Numbers tombstones: from then on they refuse the imports that were accepted before, whose writes may still be on
 * their way, and let later ones through. Without a number they refuse everybody. Called by whoever has seen them: the
 * number is read after that, since an import accepted between a reading and the deletion would bring the job back.
 * One that somebody else numbered, or that is no more, stays as it is.
 */
export async function numberTombstones(table: JobTable, projectId: string, tombstones: Tombstone[]): Promise<void> {
  if (tombstones.length === 0) return;
  const deleted = await readLastImportId(table, projectId);
  await pMap(tombstones, (tombstone) => numberOne(table, projectId, tombstone, deleted), { concurrency: JOB_WRITES });
}

async function numberOne(
  { job }: JobTable,
  projectId: string,
  { name, jobId }: Tombstone,
  deleted: number,
): Promise<void> {
  const update = job
    .build(UpdateItemCommand)
    .item({ ...jobKey(projectId, name), deleted })
    .options({
      condition: {
        and: [
          { attr: 'deleted', exists: false },
          { attr: 'was.job_id', eq: jobId },
        ],
      },
    });
  await isWritten(update);
}
