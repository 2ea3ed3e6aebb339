import * as z from 'zod/mini';
import { errorCode } from '../errors.ts';
import { integer } from '../job/job-schema.ts';
import { described, isSuccess } from '../schema.ts';

/** What is answered about imports. Nothing is checked against these at run time: code imports their types only. */

const importId = z.int().check(z.minimum(1));
const count = z.int().check(z.minimum(0));
const time = described(z.int().check(z.minimum(0)), 'Milliseconds since the epoch.');
const state = z.enum(['queued', 'running', 'finished', 'failed', 'cancelled', 'interrupted']);
const action = z.enum(['created', 'overwritten', 'skipped', 'duplicate', 'superseded', 'failed', 'not_started']);
const counts = z.partialRecord(action, count);
const nextMarker = described(z.optional(z.string()), 'The marker of the next page. Absent on the last one.');

const mappingRowSchema = z
  .object({
    old_job_id: described(z.optional(integer), 'The id in the archive. Absent if it has none.'),
    new_job_id: described(z.int().check(z.minimum(-1)), '-1 if nothing was imported for this row.'),
    remark: z.string(),
    job_name: z.optional(z.string()),
    archive: z.string(),
    entry: described(z.optional(z.string()), 'Absent in the row of an archive of which no job is known.'),
    action,
    error_code: z.optional(errorCode),
  })
  .register(z.globalRegistry, { id: 'MappingRow' });

const result = { is_success: isSuccess, message: z.string(), job_mapping: z.array(mappingRowSchema) };

/** An import that is done, with its whole mapping. */
export const finishedImportSchema = z
  .object({ ...result, import_id: importId })
  .register(z.globalRegistry, { id: 'FinishedImport' });

/** An import that is not finished, or whose mapping is too large for one answer. */
export const acceptedImportSchema = z
  .object({ ...result, job_mapping: result.job_mapping.check(z.maxLength(0)), import_id: importId, state })
  .register(z.globalRegistry, { id: 'AcceptedImport' });

/** What is known of an import now, with a page of its mapping. */
export const shownImportSchema = z
  .object({
    ...result,
    import_id: importId,
    state,
    archives_total: count,
    archives_done: count,
    jobs_total: count,
    jobs_done: count,
    bytes_total: count,
    bytes_done: count,
    counts,
    start_time: time,
    update_time: time,
    next_marker: nextMarker,
  })
  .register(z.globalRegistry, { id: 'Import' });

const listed = {
  import_id: importId,
  zip_file: z.string(),
  is_cover: z.boolean(),
  state,
  archives_total: count,
  counts,
  start_time: time,
  end_time: z.optional(time),
};

const listedImportSchema = z
  .discriminatedUnion('source', [
    z.object({ ...listed, source: z.literal('request'), requested_by: z.optional(z.string()) }),
    z.object({ ...listed, source: z.literal('upload'), key: z.string(), etag: z.string() }),
  ])
  .register(z.globalRegistry, { id: 'ListedImport' });

/** A page of a project's imports. */
export const importListSchema = z
  .object({ is_success: isSuccess, message: z.string(), imports: z.array(listedImportSchema), next_marker: nextMarker })
  .register(z.globalRegistry, { id: 'ImportList' });

export type ImportState = z.output<typeof state>;
export type MappingRow = z.output<typeof mappingRowSchema>;
export type FinishedImport = z.output<typeof finishedImportSchema>;
export type AcceptedImport = z.output<typeof acceptedImportSchema>;
export type ShownImport = z.output<typeof shownImportSchema>;
export type ListedImport = z.output<typeof listedImportSchema>;
export type ImportList = z.output<typeof importListSchema>;
