import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { readLastImportId } from './counters.ts';
import { jobKey } from './keys.ts';
import type { JobTable } from './table.ts';

/**
 * Numbers a tombstone: from then on it refuses the imports that were accepted before, whose writes may still be on
 * their way, and lets later ones through. Without a number it refuses everybody. Called by whoever has seen it: the
 * number is read after that, since an import accepted between a reading and the deletion would bring the job back.
 * One that somebody else numbered, or that is no more, stays as it is.
 * @param jobId of the job that it was: the next tombstone of the name is another one.
 */
export async function numberTombstone(
  table: JobTable,
  { projectId, name }: { projectId: string; name: string },
  jobId: number,
): Promise<void> {
  const deleted = await readLastImportId(table, projectId);
  try {
    await table.job
      .build(UpdateItemCommand)
      .item({ ...jobKey(projectId, name), deleted })
      .options({
        condition: {
          and: [
            { attr: 'deleted', exists: false },
            { attr: 'was.job_id', eq: jobId },
          ],
        },
      })
      .send();
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
