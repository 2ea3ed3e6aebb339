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

/** Outcomes as they are stored. Version 0 stands for none. */
export type StoredOutcomes = { stored: StoredText; version: number };

/** Finds what is stored of an archive's outcomes. */
export async function findOutcomes({ outcomes }: JobTable, place: ArchivePlace): Promise<StoredOutcomes | undefined> {
  const { Item } = await outcomes.build(GetItemCommand).key(keyOf(place)).options({ consistent: true }).send();
  const stored = Item && storedOf(Item);
  return stored && { stored, version: Item.version };
}

/**
 * Stores the outcomes of an archive, if nobody did since they were last seen: else what another run of it stored
 * stands, and is returned.
 * @param seenVersion 0 if there were none.
 * @param run tells the two runs' objects apart.
 * @param expiresAt seconds since the epoch.
 */
export async function putOutcomes(
  table: JobTable,
  blobs: Blobs,
  place: ArchivePlace,
  {
    found,
    seenVersion,
    run,
    expiresAt,
  }: { found: ArchiveOutcomes; seenVersion: number; run: string; expiresAt: number },
): Promise<StoredText> {
  const { projectId, importId, archivePlace } = place;
  const objectKey = `outcomes/${projectId}/${importId}/${archivePlace}.${run}`;
  const stored = await storeText(blobs, objectKey, JSON.stringify(found));
  try {
    await table.outcomes
      .build(PutItemCommand)
      .item({
        ...keyOf(place),
        version: seenVersion + 1,
        ...('inline' in stored ? { outcomes: stored.inline } : { outcomes_key: stored.key }),
        expires_at: expiresAt,
      })
      .options({ condition: seenVersion === 0 ? { attr: 'pk', exists: false } : { attr: 'version', eq: seenVersion } })
      .send();
    return stored;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const other = await findOutcomes(table, place);
    if (other === undefined)
      throw new Error('the outcomes of an archive were neither written nor found', { cause: error });
    // The refused write may have been our own, repeated because its answer was lost.
    const isOurs = 'key' in stored && 'key' in other.stored && other.stored.key === stored.key;
    if (!isOurs) await dropText(blobs, stored);
    return other.stored;
  }
}

const keyOf = ({ projectId, importId, archivePlace }: ArchivePlace) => outcomesKey(projectId, importId, archivePlace);

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
