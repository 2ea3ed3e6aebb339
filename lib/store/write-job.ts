import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { EntityFormatter } from 'dynamodb-toolbox/entity/actions/format';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import type { Condition } from 'dynamodb-toolbox/entity/actions/parseCondition';
import { $add, $get, $remove, $set, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { importOrder, type JobPlace, jobOrder } from '../job/order.ts';
import { JOB_WRITE_ATTEMPTS } from '../limits.ts';
import { type Blobs, dropText, type StoredText, storeText } from './blobs.ts';
import { idShard, jobKey } from './keys.ts';
import type { JobItem, JobTable } from './table.ts';

/** A job as one import would write it. */
export type Candidate = {
  projectId: string;
  place: JobPlace;
  name: string;
  /** Becomes the job's id if there is no job of that name yet. */
  newJobId: number;
  contentHash: string;
  /** The definition's canonical text. */
  definition: string;
  summary: JobItem['summary'];
  archive: string;
  entry: string;
};

/** What an item tells of the job that stands in a candidate's way. */
type Found = Pick<JobItem, 'job_id' | 'order' | 'created_by' | 'content_hash' | 'deleted'>;

/** What became of a candidate. `jobId` is the job's that has the name now. */
export type Written =
  | { action: 'created' | 'overwritten' | 'skipped' | 'superseded'; jobId: number }
  /** Another job of this import has the name and comes first in its order. */
  | { action: 'duplicate'; jobId: number; metOrder: string; metHash: string };

/**
 * When a candidate may be written: there is no job of its name, or one that it beats. `readRefusal` reads what this
 * refuses, and `import/winners.ts` finds by the same order who won: they change together. Alternatives stand side by
 * side, since the embedded table parses nested ones slowly.
 */
function condition({ place }: Candidate): Condition<JobTable['job']> {
  const order = jobOrder(place);
  // A tombstone has no order: what has one is a job.
  const isBefore = { attr: 'order', lt: order } as const;
  const isLater = { attr: 'deleted', lt: place.importId } as const;
  return {
    or: [
      { attr: 'pk', exists: false },
      { and: [{ attr: 'job_id', exists: false }, isLater] },
      ...(place.isCover
        ? // The last of all imports wins, unless it was accepted before a deletion.
          [{ and: [isBefore, { attr: 'deleted', exists: false } as const] }, { and: [isBefore, isLater] }]
        : // The first of an import wins; a job of another import is never replaced.
          [
            {
              and: [{ attr: 'order', beginsWith: importOrder(place) } as const, { attr: 'order', gt: order } as const],
            },
          ]),
    ],
  };
}

/**
 * Reads why a write was refused. The SDK repeats a write whose answer was lost, so the item found may be our own.
 * Pure: the first rule that fits decides. `again` means that the item found would not have refused it.
 */
export function readRefusal({ place }: Pick<Candidate, 'place'>, found: Found | undefined): Written | 'again' {
  if (found?.job_id === undefined) return 'again';
  const { job_id: jobId, order: metOrder, content_hash: metHash } = found;
  const order = jobOrder(place);
  const createdHere = found.created_by === place.importId;
  if (metOrder === order) return { action: createdHere ? 'created' : 'overwritten', jobId };

  const ofThisImport = metOrder.startsWith(importOrder(place));
  const beatsUs = place.isCover ? metOrder > order : !ofThisImport || metOrder < order;
  const tooLate = place.isCover && (found.deleted ?? 0) >= place.importId;
  if (!beatsUs && !tooLate) return 'again';
  if (ofThisImport) return { action: 'duplicate', jobId, metOrder, metHash };
  // Ours came first and was replaced since.
  if (createdHere) return { action: 'created', jobId };
  return { action: place.isCover ? 'superseded' : 'skipped', jobId };
}

/**
 * Writes a job by one conditional update, which decides alone: whoever comes first, however often it is repeated.
 * @throws if the table fails for longer than the SDK retries, or the item keeps changing.
 */
export async function writeJob(table: JobTable, blobs: Blobs, candidate: Candidate, run: string): Promise<Written> {
  const stored = await storeText(blobs, definitionKey(candidate, run), candidate.definition);
  for (let attempt = 0; attempt < JOB_WRITE_ATTEMPTS; attempt++) {
    const { old, refused, found } = await update(table, candidate, stored);
    if (!refused) {
      if (old?.definition_key !== undefined) await dropText(blobs, { key: old.definition_key });
      const jobId = old?.job_id ?? candidate.newJobId;
      const createdHere = old?.job_id === undefined || old.created_by === candidate.place.importId;
      return { action: createdHere ? 'created' : 'overwritten', jobId };
    }
    const written = readRefusal(candidate, found);
    if (written === 'again') continue;
    if ('key' in stored && found?.definition_key !== stored.key) await dropText(blobs, stored);
    return written;
  }
  throw new Error(`the item of a job changed under ${JOB_WRITE_ATTEMPTS} writes`);
}

/** Unlike any other, also of a second run over the same archive, so that whoever drops it harms nobody. */
function definitionKey({ projectId, place }: Candidate, run: string): string {
  return `definitions/${projectId}/${place.importId}/${place.archivePlace}.${place.jobPlace}.${run}`;
}

type Update = { refused: boolean; old?: JobItem | undefined; found?: JobItem | undefined };

/** Every attribute but `deleted` is set or removed: what the former definition had and this one lacks must go. */
async function update({ job }: JobTable, candidate: Candidate, stored: StoredText): Promise<Update> {
  const { projectId, place, name, newJobId } = candidate;
  const now = Date.now();
  const command = job
    .build(UpdateItemCommand)
    .item({
      ...jobKey(projectId, name),
      job_id: $get('job_id', newJobId),
      id_shard: $get('id_shard', idShard(projectId, newJobId)),
      created_by: $get('created_by', place.importId),
      create_time: $get('create_time', now),
      name,
      revision: $add(1),
      content_hash: candidate.contentHash,
      order: jobOrder(place),
      archive: candidate.archive,
      entry: candidate.entry,
      update_time: now,
      summary: $set(candidate.summary),
      definition: 'inline' in stored ? stored.inline : $remove(),
      definition_key: 'key' in stored ? stored.key : $remove(),
    })
    .options({
      condition: condition(candidate),
      returnValues: 'ALL_OLD',
      returnValuesOnConditionFalse: 'ALL_OLD',
    });
  try {
    const { Attributes } = await command.send();
    return { refused: false, old: Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { refused: true, found: await readFound(job, candidate, error) };
  }
}

/** The item that refused a write: DynamoDB sends it along, other servers of its protocol may not. */
async function readFound(
  job: JobTable['job'],
  { projectId, name }: Candidate,
  refusal: ConditionalCheckFailedException,
): Promise<JobItem | undefined> {
  if (refusal.Item) return job.build(EntityFormatter).format(unmarshall(refusal.Item));
  const { Item } = await job.build(GetItemCommand).key(jobKey(projectId, name)).options({ consistent: true }).send();
  return Item;
}
