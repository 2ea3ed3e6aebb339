import pMap from 'p-map';
import { countActions } from '../job/outcome.ts';
import { IMPORT_EXAMINATIONS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { glanceAtImport } from '../store/import-states.ts';
import { readImport } from '../store/imports.ts';
import { type ListedImport as ListedItem, listImportItems } from '../store/list-imports.ts';
import type { JobTable } from '../store/table.ts';
import type { ImportList, ListedImport } from './import-answers.ts';
import { stateByProgress } from './progress-answer.ts';
import { examineImport, progressUnderWay } from './show-import.ts';

/** A page of imports: at most `limit`, and with `before` only those with a lower number. */
export type ImportPage = { before: number | undefined; limit: number };

/** Lists a project's imports, newest first. What is settled is told by its record, the rest by what is in the table now. */
export async function listImports(
  table: JobTable,
  blobs: Blobs,
  projectId: string,
  page: ImportPage,
): Promise<ImportList> {
  const { items, next } = await listImportItems(table, projectId, page);
  const imports = await pMap(items, (item) => describe(table, blobs, projectId, item), {
    concurrency: IMPORT_EXAMINATIONS,
  });
  return { is_success: 'true', message: '', imports, ...(next !== undefined && { next_marker: String(next) }) };
}

async function describe(table: JobTable, blobs: Blobs, projectId: string, item: ListedItem): Promise<ListedImport> {
  const { state, counts } =
    item.counts === undefined ? await examine(table, blobs, projectId, item) : { ...item, counts: item.counts };
  return {
    import_id: item.import_id,
    zip_file: item.zip_file,
    is_cover: item.is_cover,
    ...(item.upload === undefined
      ? { source: 'request' as const, requested_by: item.requested_by }
      : { source: 'upload' as const, ...item.upload }),
    state,
    archives_total: item.archives_total,
    counts,
    start_time: item.start_time,
    ...(item.end_time !== undefined && { end_time: item.end_time }),
  };
}

async function examine(table: JobTable, blobs: Blobs, projectId: string, { import_id, state }: ListedItem) {
  const glance = await glanceAtImport(table, projectId, import_id);
  const progress = glance && (await progressUnderWay(table, glance));
  if (progress !== undefined) return { state: stateByProgress(progress), counts: {} };
  const record = await readImport(table, blobs, projectId, import_id);
  // It expired between the two reads.
  if (record === undefined) return { state, counts: {} };
  const examined = await examineImport(table, blobs, record);
  return { state: examined.state, counts: countActions(examined.entries) };
}
