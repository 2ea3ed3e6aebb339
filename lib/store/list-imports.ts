import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import { importKey } from './keys.ts';
import type { ImportItem, JobTable } from './table.ts';

const LISTED: (keyof ListedImport)[] = [
  'pk',
  'sk',
  'import_id',
  'zip_file',
  'requested_by',
  'upload',
  'is_cover',
  'state',
  'archives_total',
  'start_time',
  'end_time',
  'counts',
  'expires_at',
];

/** An import of a list: without its archives, which may be long. */
export type ListedImport = Omit<ImportItem, 'archives' | 'archives_key' | 'refused' | 'run' | 'begun' | 'lease'>;

/**
 * A page of a project's imports, newest first.
 * @param before only those with a lower number.
 * @returns the number that the next page begins before, if there may be more.
 */
export async function listImportItems(
  store: JobTable,
  projectId: string,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<{ items: ListedImport[]; next: number | undefined }> {
  const partition = importKey(projectId, 0).pk;
  const items: ListedImport[] = [];
  let next = before;
  do {
    const { Items = [], LastEvaluatedKey } = await store.table
      .build(QueryCommand)
      .entities(store.import)
      .query({ partition, ...(next !== undefined && { range: { lt: importKey(projectId, next).sk } }) })
      .options({
        consistent: true,
        entityAttrFilter: false,
        reverse: true,
        limit: limit - items.length,
        attributes: LISTED,
      })
      .send();
    items.push(...Items);
    next = LastEvaluatedKey && Items.at(-1)?.import_id;
  } while (items.length < limit && next !== undefined);
  return { items: items.filter(({ expires_at }) => expires_at * 1000 > Date.now()), next };
}
