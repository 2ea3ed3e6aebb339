import { canBeSent } from '../answer-size.ts';
import type { ArchiveOutcomes } from '../job/outcome.ts';
import { countActions, isSettled } from '../job/outcome.ts';
import type { Blobs } from '../store/blobs.ts';
import { type ImportRecord, readImport } from '../store/imports.ts';
import { readAllOutcomes } from '../store/outcomes.ts';
import type { JobTable } from '../store/table.ts';
import { importAnswer } from './answer.ts';
import type { ImportState, MappingRow, ShownImport } from './import-answers.ts';
import { isDone, stateOf } from './import-state.ts';
import { type ArchiveResult, joinOutcomes } from './mapping.ts';

/** A page of a mapping: rows from `first` on, at most `limit`. */
export type Page = { first: number; limit: number };

/**
 * Tells of an import what is in the table now: a pure function of its record and of its archives' outcomes.
 * @returns undefined if there is no such import.
 */
export async function showImport(
  table: JobTable,
  blobs: Blobs,
  { projectId, importId }: { projectId: string; importId: number },
  { first, limit }: Page,
): Promise<ShownImport | undefined> {
  const record = await readImport(table, blobs, projectId, importId);
  if (record === undefined) return undefined;
  const { results, entries, state } = await examineImport(table, blobs, record);
  const { job_mapping: rows, ...answer } = importAnswer({ state, entries, results });
  const jobs = entries.filter(({ entry }) => entry !== null);
  const shown = {
    ...answer,
    import_id: importId,
    state,
    archives_total: results.length,
    archives_done: results.filter(isDone).length,
    jobs_total: jobs.length,
    jobs_done: jobs.filter(({ action }) => action !== 'not_started').length,
    counts: countActions(entries),
  };
  return withPage(shown, rows, first, limit);
}

/** Rows of the longest names are fewer to a page than were asked for: an answer has its limit. */
function withPage(
  shown: Omit<ShownImport, 'job_mapping' | 'next_marker'>,
  rows: MappingRow[],
  first: number,
  limit: number,
): ShownImport {
  for (let size = limit; ; size = Math.ceil(size / 2)) {
    const next = first + size;
    const page = {
      ...shown,
      job_mapping: rows.slice(first, next),
      ...(next < rows.length && { next_marker: String(next) }),
    };
    if (size === 1 || canBeSent(page)) return page;
  }
}

/** What the table tells of an import now. */
export async function examineImport(table: JobTable, blobs: Blobs, record: ImportRecord) {
  const known = record.refusal ? new Map([[0, record.refusal]]) : await readAllOutcomes(table, blobs, record);
  const results = resultsOf(record, known, Date.now());
  // Whoever waited for the import is gone: nobody was told how it ended.
  const isLost = record.state !== 'finished' && results.some((result) => result.outcomes === 'lost');
  const state: ImportState = isLost ? 'interrupted' : stateOf(record, results);
  return { known, results, entries: joinOutcomes(record, results), state };
}

/** What is known of each archive: its stored outcomes, or what their lack means. */
function resultsOf(record: ImportRecord, outcomes: Map<number, ArchiveOutcomes>, now: number): ArchiveResult[] {
  const { archives, begun, lease } = record;
  return archives.map(({ bucket, key }, place) => {
    const archive = `${bucket}/${key}`;
    const isRunning = record.state === 'running' && now < lease;
    const found = outcomes.get(place);
    if (found !== undefined) return { archive, outcomes: isRunning && !isSettled(found) ? 'running' : found };
    // Archives are begun in their order; what was never handed to a worker will not come any more.
    if (begun !== undefined && place >= begun) return { archive, outcomes: 'not_started' };
    // A request that was answered waits for nobody any more, unless it said so.
    return { archive, outcomes: isRunning ? 'running' : 'lost' };
  });
}
