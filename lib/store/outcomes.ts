import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import pMap from 'p-map';
import { type ArchiveOutcomes, archiveOutcomes } from '../job/outcome.ts';
import { OUTCOME_READS } from '../limits.ts';
import { type Blobs, dropText, readText, type StoredText, storeText } from './blobs.ts';
import { archivePlaceOf, OUTCOMES, outcomesKey } from './keys.ts';
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
    const others = Item && storedOf(Item);
    if (others !== undefined) return others;
    throw new Error('the outcomes of an archive were neither written nor found', { cause: error });
  }
}

/** Reads outcomes back. @throws if they are not there, or are not what was stored. */
export async function readOutcomes(blobs: Blobs, stored: StoredText): Promise<ArchiveOutcomes> {
  const text = await readText(blobs, stored);
  if (text === undefined) throw new Error('the stored outcomes of an archive are gone');
  return archiveOutcomes.parse(JSON.parse(text));
}

/** All outcomes of an import that are stored, by the place of their archive. */
export async function readAllOutcomes(
  { table, outcomes }: JobTable,
  blobs: Blobs,
  { projectId, importId }: Pick<ArchivePlace, 'projectId' | 'importId'>,
): Promise<Map<number, ArchiveOutcomes>> {
  const { Items = [] } = await table
    .build(QueryCommand)
    .entities(outcomes)
    .query({ partition: outcomesKey(projectId, importId, 0).pk, range: { beginsWith: OUTCOMES } })
    .options({ consistent: true, entityAttrFilter: false, maxPages: Number.POSITIVE_INFINITY })
    .send();
  const read = async (item: (typeof Items)[number]) => {
    const stored = storedOf(item);
    if (stored === undefined) throw new Error('an item of outcomes holds none');
    return [archivePlaceOf(item), await readOutcomes(blobs, stored)] as const;
  };
  return new Map(await pMap(Items, read, { concurrency: OUTCOME_READS }));
}

type OutcomesItem = Pick<FormattedItem<JobTable['outcomes']>, 'outcomes' | 'outcomes_key'>;

function storedOf({ outcomes, outcomes_key: key }: OutcomesItem): StoredText | undefined {
  if (outcomes !== undefined) return { inline: outcomes };
  return key === undefined ? undefined : { key };
}
