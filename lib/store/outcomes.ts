import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { type ArchiveOutcomes, archiveOutcomes } from '../job/outcome.ts';
import { type Blobs, dropText, readText, type StoredText, storeText } from './blobs.ts';
import { outcomesKey } from './keys.ts';
import type { JobTable } from './table.ts';

export type ArchivePlace = { projectId: string; importId: number; archivePlace: number };

/**
 * Stores the outcomes of an archive, once: if another run of it stored its own before, those stand and are
 * returned.
 * @param run tells the two runs' objects apart.
 * @param expiresAt seconds since the epoch.
 */
export async function putOutcomes(
  { outcomes }: JobTable,
  blobs: Blobs,
  place: ArchivePlace,
  { found, run, expiresAt }: { found: ArchiveOutcomes; run: string; expiresAt: number },
): Promise<StoredText> {
  const { projectId, importId, archivePlace } = place;
  const objectKey = `outcomes/${projectId}/${importId}/${archivePlace}.${run}`;
  const stored = await storeText(blobs, objectKey, JSON.stringify(found));
  const key = outcomesKey(projectId, importId, archivePlace);
  try {
    await outcomes
      .build(PutItemCommand)
      .item({
        ...key,
        ...('inline' in stored ? { outcomes: stored.inline } : { outcomes_key: stored.key }),
        expires_at: expiresAt,
      })
      .options({ condition: { attr: 'pk', exists: false } })
      .send();
    return stored;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const { Item } = await outcomes.build(GetItemCommand).key(key).options({ consistent: true }).send();
    // The refused write may have been our own, repeated because its answer was lost.
    if ('key' in stored && Item?.outcomes_key !== stored.key) await dropText(blobs, stored);
    if (Item?.outcomes !== undefined) return { inline: Item.outcomes };
    if (Item?.outcomes_key !== undefined) return { key: Item.outcomes_key };
    throw new Error('the outcomes of an archive were neither written nor found', { cause: error });
  }
}

/** Reads outcomes back. @throws if they are not there, or are not what was stored. */
export async function readOutcomes(blobs: Blobs, stored: StoredText): Promise<ArchiveOutcomes> {
  const text = await readText(blobs, stored);
  if (text === undefined) throw new Error('the stored outcomes of an archive are gone');
  return archiveOutcomes.parse(JSON.parse(text));
}
