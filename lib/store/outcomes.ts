import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { $add, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import pMap from 'p-map';
import { type ArchiveOutcomes, archiveOutcomes, asShared, mergeOutcomes } from '../job/outcome.ts';
import { OUTCOME_READS, OUTCOME_WRITE_ATTEMPTS } from '../limits.ts';
import { type Blobs, dropText, readText, type StoredText, storeText } from './blobs.ts';
import { isWritten } from './conditional-write.ts';
import { archivePlaceOf, OUTCOMES, outcomesKey } from './keys.ts';
import type { JobTable } from './table.ts';

export type ArchivePlace = { projectId: string; importId: number; archivePlace: number };

/** Outcomes as they are stored: where, and what they say. */
export type KeptOutcomes = { stored: StoredText; found: ArchiveOutcomes };

/** What is stored of an archive now. Version 0 stands for nothing. */
export type ArchiveState = {
  version: number;
  isShared: boolean;
  run: string | undefined;
  kept: KeptOutcomes | undefined;
  /** The run of the import in which the queue gave the archive up. */
  givenUp: string | undefined;
  /** Milliseconds since the epoch of the last write; 0 if there was none. */
  updateTime: number;
};

/** Of an archive that no other run has been at. */
export const UNTOUCHED: ArchiveState = {
  version: 0,
  isShared: false,
  run: undefined,
  kept: undefined,
  givenUp: undefined,
  updateTime: 0,
};

/** Finds what is stored of an archive. */
export async function findOutcomes({ outcomes }: JobTable, blobs: Blobs, place: ArchivePlace): Promise<ArchiveState> {
  const { Item } = await outcomes.build(GetItemCommand).key(keyOf(place)).options({ consistent: true }).send();
  return Item ? toState(blobs, Item) : UNTOUCHED;
}

/**
 * Notes that a run goes over an archive, before it writes a job, if none did before: others will see that they are not
 * the first.
 * @param expiresAt seconds since the epoch.
 * @returns undefined if one did; it may be itself, if its answer was lost.
 */
export async function claimArchive(
  { outcomes }: JobTable,
  place: ArchivePlace,
  expiresAt: number,
): Promise<ArchiveState | undefined> {
  const claim = { version: 1, update_time: Date.now() };
  const put = outcomes
    .build(PutItemCommand)
    .item({ ...keyOf(place), ...claim, expires_at: expiresAt })
    .options({ condition: { attr: 'pk', exists: false } });
  return (await isWritten(put)) ? { ...UNTOUCHED, version: claim.version, updateTime: claim.update_time } : undefined;
}

/**
 * Notes that another run goes over an archive, before it writes a job: whatever is stored by others, before or after,
 * is not read as if they had been alone.
 * @param expiresAt seconds since the epoch.
 */
export async function shareArchive(
  { outcomes }: JobTable,
  blobs: Blobs,
  place: ArchivePlace,
  expiresAt: number,
): Promise<ArchiveState> {
  const { Attributes } = await outcomes
    .build(UpdateItemCommand)
    .item({ ...keyOf(place), version: $add(1), is_shared: true, update_time: Date.now(), expires_at: expiresAt })
    .options({ returnValues: 'ALL_NEW' })
    .send();
  if (Attributes === undefined) throw new Error('the table did not tell what it holds of an archive');
  return toState(blobs, Attributes);
}

/**
 * Stores the outcomes of an archive. What another run has stored since is merged with them: nothing settled is lost.
 * @param seen what was stored when the run began.
 * @param run tells this run, and its objects, from others.
 * @param expiresAt seconds since the epoch.
 */
export async function putOutcomes(
  table: JobTable,
  blobs: Blobs,
  place: ArchivePlace,
  { found, seen, run, expiresAt }: { found: ArchiveOutcomes; seen: ArchiveState; run: string; expiresAt: number },
): Promise<KeptOutcomes> {
  const { projectId, importId, archivePlace } = place;
  let [state, ours] = [seen, seen.isShared ? asShared(found) : found];
  for (let attempt = 1; attempt <= OUTCOME_WRITE_ATTEMPTS; attempt++) {
    const objectKey = `outcomes/${projectId}/${importId}/${archivePlace}.${run}.${attempt}`;
    const stored = await storeText(blobs, objectKey, JSON.stringify(ours));
    if (await replace(table, place, state, { stored, run, expiresAt })) return { stored, found: ours };
    const other = await findOutcomes(table, blobs, place);
    // The refused write may have been our own, repeated because its answer was lost.
    if (other.run === run && other.kept !== undefined) return other.kept;
    await dropText(blobs, stored);
    ours = mergeOutcomes(other.kept?.found, found);
    state = { ...other, isShared: true };
  }
  throw new Error(`the outcomes of an archive changed under ${OUTCOME_WRITE_ATTEMPTS} writes`);
}

/**
 * Notes that the queue gave an archive up in a run of its import: what others stored of it stays.
 * @param version of what was seen of it.
 * @throws if it has changed since.
 * @param expiresAt seconds since the epoch.
 */
export async function giveUpArchive(
  { outcomes }: JobTable,
  place: ArchivePlace,
  { importRun, version, expiresAt }: { importRun: string; version: number; expiresAt: number },
): Promise<void> {
  const update = outcomes
    .build(UpdateItemCommand)
    .item({
      ...keyOf(place),
      version: $add(1),
      is_shared: true,
      given_up: importRun,
      update_time: Date.now(),
      expires_at: expiresAt,
    })
    .options({ condition: asSeen(version) });
  if (!(await isWritten(update))) throw new Error('an archive that is to be given up is being written');
}

/** Puts outcomes in the place of what was seen. Returns false if that has changed. */
async function replace(
  { outcomes }: JobTable,
  place: ArchivePlace,
  { version, isShared }: ArchiveState,
  { stored, run, expiresAt }: { stored: StoredText; run: string; expiresAt: number },
): Promise<boolean> {
  const put = outcomes
    .build(PutItemCommand)
    .item({
      ...keyOf(place),
      version: version + 1,
      ...(isShared && { is_shared: true }),
      run,
      ...('inline' in stored ? { outcomes: stored.inline } : { outcomes_key: stored.key }),
      update_time: Date.now(),
      expires_at: expiresAt,
    })
    .options({ condition: asSeen(version) });
  return isWritten(put);
}

const asSeen = (version: number) =>
  version === 0 ? { attr: 'pk' as const, exists: false } : { attr: 'version' as const, eq: version };

const keyOf = ({ projectId, importId, archivePlace }: ArchivePlace) => outcomesKey(projectId, importId, archivePlace);

/** Reads outcomes back. @throws if they are not there, or are not what was stored. */
export async function readOutcomes(blobs: Blobs, stored: StoredText): Promise<ArchiveOutcomes> {
  const text = await readText(blobs, stored);
  if (text === undefined) throw new Error('the stored outcomes of an archive are gone');
  return archiveOutcomes.parse(JSON.parse(text));
}

/** What is stored of all archives of an import, by their places. */
export async function readAllOutcomes(
  { table, outcomes }: JobTable,
  blobs: Blobs,
  { projectId, importId }: Pick<ArchivePlace, 'projectId' | 'importId'>,
): Promise<Map<number, ArchiveState>> {
  const { Items = [] } = await table
    .build(QueryCommand)
    .entities(outcomes)
    .query({ partition: outcomesKey(projectId, importId, 0).pk, range: { beginsWith: OUTCOMES } })
    .options({ consistent: true, entityAttrFilter: false, maxPages: Number.POSITIVE_INFINITY })
    .send();
  const read = async (item: (typeof Items)[number]) => [archivePlaceOf(item), await toState(blobs, item)] as const;
  return new Map(await pMap(Items, read, { concurrency: OUTCOME_READS }));
}

type OutcomesItem = Omit<FormattedItem<JobTable['outcomes']>, 'pk' | 'sk'>;

async function toState(blobs: Blobs, item: OutcomesItem): Promise<ArchiveState> {
  const { version, is_shared: isShared = false, run, given_up: givenUp, update_time: updateTime } = item;
  const state = { version, isShared, run, givenUp, updateTime };
  const stored = storedOf(item);
  if (stored === undefined) return { ...state, kept: undefined };
  const found = await readOutcomes(blobs, stored);
  return { ...state, kept: { stored, found: isShared ? asShared(found) : found } };
}

function storedOf({ outcomes, outcomes_key: key }: OutcomesItem): StoredText | undefined {
  if (outcomes !== undefined) return { inline: outcomes };
  return key === undefined ? undefined : { key };
}
