import { type AttributeValue, ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { EntityFormatter } from 'dynamodb-toolbox/entity/actions/format';
import type { JobPlace } from '../job/order.ts';
import type { PackedText } from '../job/packed-text.ts';
import { JOB_WRITE_ATTEMPTS } from '../limits.ts';
import { type Blobs, dropText, type StoredText, storeText } from './blobs.ts';
import { jobUpdate } from './job-update.ts';
import { readItem } from './jobs.ts';
import type { JobItem, JobTable } from './table.ts';
import { numberTombstones } from './tombstones.ts';
import { readRefusal, readWrite, type Written } from './write-rules.ts';

/** A job as one import would write it. */
export type Candidate = {
  projectId: string;
  place: JobPlace;
  name: string;
  /** Becomes the job's id if there is no job of that name yet. */
  newJobId: number;
  contentHash: string;
  /** The definition's canonical text. */
  definition: PackedText;
  summary: JobItem['summary'];
  archive: string;
  entry: string;
};

/** One run over one archive, which writes its jobs. */
export type Writer = {
  /** Unlike that of any other run. */
  id: string;
  /** Milliseconds since the epoch after which no update is begun. */
  writeUntil: number;
  /** Aborted when an update under way must end, too. */
  giveUp: AbortSignal;
  /** Hears of faults that became outcomes, and of objects that could not be cleaned up: nothing points to them. */
  onFault: (error: unknown) => void;
};

/**
 * Writes a job by one conditional update, which decides alone: whoever comes first, however often it is repeated.
 * @throws if the table fails for longer than the SDK retries, the item keeps changing, or the time is up.
 */
export async function writeJob(table: JobTable, blobs: Blobs, candidate: Candidate, writer: Writer): Promise<Written> {
  const { giveUp } = writer;
  const dropObject = (object: StoredText) => dropText(blobs, object).catch(writer.onFault);
  const stored = await storeText(blobs, definitionKey(candidate, writer.id), candidate.definition, {
    abortSignal: giveUp,
  });
  for (let attempt = 0; attempt < JOB_WRITE_ATTEMPTS; attempt++) {
    if (Date.now() >= writer.writeUntil) throw new Error('the time was up before a job was written');
    const { old, refused, found } = await update(table, candidate, { stored, giveUp });
    if (!refused) {
      if (old?.definition_key !== undefined) await dropObject({ key: old.definition_key });
      return readWrite(candidate.place, candidate.newJobId, old);
    }
    const read = readRefusal(candidate.place, found);
    if (read.action === 'unnumbered')
      await numberTombstones(table, candidate.projectId, [{ name: candidate.name, jobId: read.jobId }]);
    if (read.action === 'unnumbered' || read.action === 'again') continue;
    if ('key' in stored && found?.definition_key !== stored.key) await dropObject(stored);
    return read;
  }
  throw new Error(`the item of a job changed under ${JOB_WRITE_ATTEMPTS} writes`);
}

/** Unlike any other, also of a second run over the same archive, so that whoever drops it harms nobody. */
function definitionKey({ projectId, place }: Candidate, run: string): string {
  return `definitions/${projectId}/${place.importId}/${place.archivePlace}.${place.jobPlace}.${run}`;
}

type Update = { refused: boolean; old?: JobItem | undefined; found?: JobItem | undefined };

async function update(
  table: JobTable,
  candidate: Candidate,
  { stored, giveUp }: { stored: StoredText; giveUp: AbortSignal },
): Promise<Update> {
  const command = new UpdateItemCommand(jobUpdate(table, candidate, stored));
  try {
    const { Attributes } = await table.table.getDocumentClient().send(command, { abortSignal: giveUp });
    return { refused: false, old: Attributes && toItem(table, Attributes) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { refused: true, found: await readFound(table, candidate, error) };
  }
}

/** The item that refused a write: DynamoDB sends it along, other servers of its protocol may not. */
async function readFound(
  table: JobTable,
  { projectId, name }: Candidate,
  refusal: ConditionalCheckFailedException,
): Promise<JobItem | undefined> {
  if (refusal.Item) return toItem(table, refusal.Item);
  return readItem(table, projectId, name);
}

function toItem({ job }: JobTable, attributes: Record<string, AttributeValue>): JobItem {
  return job.build(EntityFormatter).format(unmarshall(attributes));
}
