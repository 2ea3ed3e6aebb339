import pMap from 'p-map';
import { countActions } from '../job/outcome.ts';
import { IMPORT_EXAMINATIONS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { listImportItems, toRecord } from '../store/imports.ts';
import type { ImportItem, JobTable } from '../store/table.ts';
import { examineImport } from './show-import.ts';

/** A page of imports: at most `limit`, and with `before` only those with a lower number. */
export type ImportPage = { before: number | undefined; limit: number };

/** Lists a project's imports, newest first. What ended is told by its record, the others by what is in the table now. */
export async function listImports(table: JobTable, blobs: Blobs, projectId: string, page: ImportPage) {
  const items = await listImportItems(table, projectId, page);
  const imports = await pMap(items, (item) => describe(table, blobs, projectId, item), {
    concurrency: IMPORT_EXAMINATIONS,
  });
  const last = items.length === page.limit ? items.at(-1) : undefined;
  return { imports, ...(last && { next_marker: String(last.import_id) }) };
}

async function describe(table: JobTable, blobs: Blobs, projectId: string, item: ImportItem) {
  const { state, counts } =
    item.state === 'running' ? await examine(table, blobs, projectId, item) : { ...item, counts: item.counts ?? {} };
  return {
    import_id: item.import_id,
    zip_file: item.zip_file,
    is_cover: item.is_cover,
    requested_by: item.requested_by,
    state,
    archives_total: item.archives_total,
    counts,
    start_time: item.start_time,
    ...(item.end_time !== undefined && { end_time: item.end_time }),
  };
}

async function examine(table: JobTable, blobs: Blobs, projectId: string, item: ImportItem) {
  const { state, entries } = await examineImport(table, blobs, await toRecord(blobs, projectId, item));
  return { state, counts: countActions(entries) };
}
