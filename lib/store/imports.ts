import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { $set, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { IMPORT_KEPT_DAYS } from '../limits.ts';
import { importKey } from './keys.ts';
import type { SeenObject } from './objects.ts';
import type { JobTable } from './table.ts';

/** An import as it was accepted. */
export type AcceptedImport = {
  projectId: string;
  importId: number;
  zipFile: string;
  isCover: boolean;
  archives: SeenObject[];
};

export type ImportEnd = { state: 'finished' | 'failed'; counts: Record<string, number> };

/** Writes the record of an import that begins. */
export async function beginImport(table: JobTable, accepted: AcceptedImport): Promise<void> {
  const { projectId, importId, zipFile, isCover, archives } = accepted;
  const now = Date.now();
  await table.import
    .build(PutItemCommand)
    .item({
      ...importKey(projectId, importId),
      import_id: importId,
      zip_file: zipFile,
      is_cover: isCover,
      state: 'running',
      archives: archives.map(({ bucket, key, etag, size }) => ({ bucket, key, etag, size })),
      start_time: now,
      expires_at: expiry(now),
    })
    .send();
}

/** Writes into the record of an import how it ended. */
export async function endImport(
  table: JobTable,
  { projectId, importId }: Pick<AcceptedImport, 'projectId' | 'importId'>,
  { state, counts }: ImportEnd,
): Promise<void> {
  await table.import
    .build(UpdateItemCommand)
    .item({ ...importKey(projectId, importId), state, counts: $set(counts), end_time: Date.now() })
    .send();
}

const DAY_SECONDS = 24 * 60 * 60;

/** Seconds since the epoch at which a record, and the outcomes that belong to it, may go. */
export function expiry(nowMs: number): number {
  return Math.floor(nowMs / 1000) + IMPORT_KEPT_DAYS * DAY_SECONDS;
}
