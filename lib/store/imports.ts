import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { $remove, $set, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import * as z from 'zod/mini';
import { type Refused, refusedOutcomes } from '../job/outcome.ts';
import { IMPORT_KEPT_DAYS, IMPORT_LEASE_MS, RECORD_LIST_BYTES } from '../limits.ts';
import { type Blobs, readText, storeText } from './blobs.ts';
import { isWritten } from './conditional-write.ts';
import { importKey } from './keys.ts';
import { type SeenObject, seenObject } from './objects.ts';
import type { ImportItem, JobTable } from './table.ts';

/** An import as it was accepted. */
export type AcceptedImport = {
  projectId: string;
  importId: number;
  zipFile: string;
  isCover: boolean;
  origin: Origin;
  archives: SeenObject[];
  /** Why its one archive cannot be imported, if that was seen before any worker was asked. */
  refusal?: Refused | undefined;
  /** Whether its archives are handed to workers by the queue. */
  isQueued: boolean;
};

/** What started an import: a request, by its credential as it may be shown, or the upload of an archive. */
type Origin = { requestedBy: string } | { upload: { key: string; etag: string } };

/** How far an import came while its request was answered. */
export type Conclusion = {
  state: ImportItem['state'];
  begun: number;
  /** Jobs by action; undefined if what became of some may still change without another request. */
  counts: Record<string, number> | undefined;
};

/** An import as its record tells it. */
export type ImportRecord = AcceptedImport & {
  state: ImportItem['state'];
  /** Archives that a request handed to a worker, the first ones; unknown if it died before it could say. */
  begun: number | undefined;
  /** Milliseconds since the epoch by which all workers of the import have ended. */
  lease: number;
  /** Who carries it out, or did so last. */
  run: string;
  /** Whether its end is noted: nothing more will be known of it, unless it is continued. */
  isConcluded: boolean;
  /** Whether a message for each of its archives was sent. */
  isPlanned: boolean;
  /** Milliseconds since the epoch; the end is that of the run that ended last. */
  startTime: number;
  endTime: number | undefined;
};

/**
 * Writes the record of an import that begins, once.
 * @param run unlike that of any other request.
 * @returns false if another request began it.
 * @throws the signal's reason if it is aborted by then.
 */
export async function beginImport(
  { table, blobs, timeOut }: { table: JobTable; blobs: Blobs; timeOut: AbortSignal },
  { projectId, importId, zipFile, isCover, origin, archives, refusal, isQueued }: AcceptedImport,
  run: string,
): Promise<boolean> {
  const now = Date.now();
  const list = await storeText(blobs, `imports/${projectId}/${importId}.${run}`, JSON.stringify(archives), {
    inlineBytes: RECORD_LIST_BYTES,
  });
  const put = table.import
    .build(PutItemCommand)
    .item({
      ...importKey(projectId, importId),
      import_id: importId,
      zip_file: zipFile,
      is_cover: isCover,
      ...('upload' in origin ? origin : { requested_by: origin.requestedBy }),
      state: refusal ? 'failed' : 'running',
      ...refusal,
      // Its workers note what they begin.
      ...(isQueued && { is_queued: true, begun: 0 }),
      run,
      ...('inline' in list ? { archives: list.inline } : { archives_key: list.key }),
      archives_total: archives.length,
      bytes_total: archives.reduce((sum, { size }) => sum + size, 0),
      start_time: now,
      lease: now + IMPORT_LEASE_MS,
      expires_at: expiry(now),
    })
    .options({ condition: { attr: 'pk', exists: false } });
  return putByRun(table, { projectId, importId, run }, put, timeOut);
}

/**
 * Opens an import that has ended, to be continued.
 * @param record as it was read.
 * @param run unlike that of any other request.
 * @returns false if another request opened it since.
 */
export async function reopenImport(
  { table, timeOut }: { table: JobTable; timeOut: AbortSignal },
  record: ImportRecord,
  { run, isQueued }: { run: string; isQueued: boolean },
): Promise<boolean> {
  const { projectId, importId, state, lease } = record;
  const update = table.import
    .build(UpdateItemCommand)
    .item({
      ...importKey(projectId, importId),
      state: 'running',
      is_queued: isQueued,
      is_planned: $remove(),
      run,
      lease: Date.now() + IMPORT_LEASE_MS,
      begun: isQueued ? (record.begun ?? record.archives.length) : $remove(),
      counts: $remove(),
      end_time: $remove(),
    })
    .options({
      condition: {
        and: [
          { attr: 'state', eq: state },
          { attr: 'lease', eq: lease },
        ],
      },
    });
  return putByRun(table, { projectId, importId, run }, update, timeOut);
}

/** A request that carries an import out. */
export type ImportRun = Pick<AcceptedImport, 'projectId' | 'importId'> & { run: string };

/** Sends a conditional write that makes an import this run's. What refused it may be itself, if its answer was lost. */
async function putByRun(
  table: JobTable,
  { projectId, importId, run }: ImportRun,
  write: { send: (options: { abortSignal: AbortSignal }) => Promise<unknown> },
  timeOut: AbortSignal,
): Promise<boolean> {
  const isOurs = await isWritten({ send: () => write.send({ abortSignal: timeOut }) });
  return isOurs || (await getRecord(table, projectId, importId))?.run === run;
}

/**
 * Writes into the record of an import what its request came to. It says nothing any more if another request has
 * continued the import since.
 */
export async function concludeImport(
  table: JobTable,
  { projectId, importId, run }: ImportRun,
  { state, begun, counts }: Conclusion,
  abortSignal?: AbortSignal,
): Promise<void> {
  const ours = { attr: 'run' as const, eq: run };
  // Nothing else takes the place of a cancel.
  const isEnd = state === 'cancelled' || (state !== 'interrupted' && counts !== undefined);
  const update = table.import
    .build(UpdateItemCommand)
    .item({
      ...importKey(projectId, importId),
      state,
      begun,
      counts: counts === undefined ? $remove() : $set(counts),
      end_time: state === 'running' ? $remove() : Date.now(),
    })
    .options({ condition: isEnd ? ours : { and: [ours, { attr: 'state', eq: 'running' }] } });
  await isWritten({ send: () => update.send(abortSignal && { abortSignal }) });
}

/** Whether the table may drop an item at any time. */
export const isExpired = ({ expires_at: expiresAt }: { expires_at: number }) => expiresAt * 1000 <= Date.now();

/** Reads the record of an import, with its archives. Undefined if there is none, or it has expired. */
export async function readImport(
  table: JobTable,
  blobs: Blobs,
  projectId: string,
  importId: number,
): Promise<ImportRecord | undefined> {
  const item = await getRecord(table, projectId, importId);
  if (item === undefined || isExpired(item)) return undefined;
  return toRecord(blobs, projectId, item);
}

async function getRecord(table: JobTable, projectId: string, importId: number): Promise<ImportItem | undefined> {
  const key = importKey(projectId, importId);
  return (await table.import.build(GetItemCommand).key(key).options({ consistent: true }).send()).Item;
}

/** An item of an import as its record, its archives read from where they are. */
async function toRecord(blobs: Blobs, projectId: string, item: ImportItem): Promise<ImportRecord> {
  const origin = item.upload ? { upload: item.upload } : { requestedBy: item.requested_by ?? '' };
  const { import_id: importId, zip_file: zipFile, is_cover: isCover, state, begun, lease, run } = item;
  return {
    ...{ projectId, importId, zipFile, isCover, origin, state, begun, lease, run },
    archives: await readArchiveList(blobs, item),
    refusal: item.refused && refusedOutcomes.parse({ refused: item.refused }),
    isConcluded: item.counts !== undefined,
    isQueued: item.is_queued ?? false,
    isPlanned: item.is_planned ?? false,
    startTime: item.start_time,
    endTime: item.end_time,
  };
}

async function readArchiveList(blobs: Blobs, { archives, archives_key: key }: ImportItem): Promise<SeenObject[]> {
  const stored = archives === undefined ? key !== undefined && { key } : { inline: archives };
  const text = stored ? await readText(blobs, stored) : undefined;
  if (text === undefined) throw new Error('the archive list of an import is gone');
  return z.array(seenObject).parse(JSON.parse(text));
}

const DAY_SECONDS = 24 * 60 * 60;

/** Seconds since the epoch at which a record, and the outcomes that belong to it, may go. */
export function expiry(nowMs: number): number {
  return Math.floor(nowMs / 1000) + IMPORT_KEPT_DAYS * DAY_SECONDS;
}
