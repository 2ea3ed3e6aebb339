import { canBeSent } from '../answer-size.ts';
import { type ArchiveOutcomes, countActions, isSettled } from '../job/outcome.ts';
import { DIRECT_ARCHIVES } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { glanceAtImport, type ImportGlance } from '../store/import-states.ts';
import { type ImportRecord, readImport } from '../store/imports.ts';
import { type ArchiveState, readAllOutcomes } from '../store/outcomes.ts';
import { type Progress, readProgress } from '../store/progress.ts';
import type { JobTable } from '../store/table.ts';
import { importResult, toRow } from './answer.ts';
import type { ImportState, ShownImport } from './import-answers.ts';
import { isDone, stateOf } from './import-state.ts';
import { type ArchiveResult, joinOutcomes, type MappingEntry } from './mapping.ts';
import { progressAnswer } from './progress-answer.ts';

/** A page of a mapping: rows from `first` on, at most `limit`. */
export type Page = { first: number; limit: number };

/**
 * Tells of an import what is in the table now: a pure function of its record and of its archives' outcomes. Of a large
 * one that is under way only how far it is: its mapping comes when it has ended.
 * @returns undefined if there is no such import.
 */
export async function showImport(
  table: JobTable,
  blobs: Blobs,
  { projectId, importId }: { projectId: string; importId: number },
  page: Page,
): Promise<ShownImport | undefined> {
  const glance = await glanceAtImport(table, projectId, importId);
  if (glance === undefined) return undefined;
  const progress = await progressUnderWay(table, glance);
  if (progress !== undefined) return progressAnswer(glance, progress);
  return showMapping(table, blobs, { projectId, importId }, page);
}

/** How far a large import on the queue is, while it is under way: its outcomes are too many to be read at each look. */
export async function progressUnderWay(table: JobTable, glance: ImportGlance): Promise<Progress | undefined> {
  if (!glance.isQueued || glance.state !== 'running' || glance.archivesTotal <= DIRECT_ARCHIVES) return undefined;
  const progress = await readProgress(table, glance);
  return progress.archives.size < glance.archivesTotal ? progress : undefined;
}

async function showMapping(
  table: JobTable,
  blobs: Blobs,
  { projectId, importId }: { projectId: string; importId: number },
  { first, limit }: Page,
): Promise<ShownImport | undefined> {
  const record = await readImport(table, blobs, projectId, importId);
  if (record === undefined) return undefined;
  const { results, entries, state, updateTime } = await examineImport(table, blobs, record);
  const jobs = entries.filter(({ entry }) => entry !== null);
  const bytes = record.archives.map(({ size }) => size);
  const bytesDone = results.map((result, place) => (isDone(result) ? (bytes[place] ?? 0) : 0));
  const shown = {
    ...importResult({ state, entries, results }),
    import_id: importId,
    state,
    archives_total: results.length,
    archives_done: results.filter(isDone).length,
    jobs_total: jobs.length,
    jobs_done: jobs.filter(({ action }) => action !== 'not_started').length,
    bytes_total: sum(bytes),
    bytes_done: sum(bytesDone),
    counts: countActions(entries),
    start_time: record.startTime,
    update_time: updateTime,
  };
  return withPage(shown, entries, first, limit);
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

/** Rows of the longest names are fewer to a page than were asked for: an answer has its limit. */
function withPage(
  shown: Omit<ShownImport, 'job_mapping' | 'next_marker'>,
  entries: MappingEntry[],
  first: number,
  limit: number,
): ShownImport {
  for (let size = limit; ; size = Math.ceil(size / 2)) {
    const next = first + size;
    const page = {
      ...shown,
      job_mapping: entries.slice(first, next).map(toRow),
      ...(next < entries.length && { next_marker: String(next) }),
    };
    if (size === 1 || canBeSent(page)) return page;
  }
}

/** What the table tells of an import now. */
export async function examineImport(table: JobTable, blobs: Blobs, record: ImportRecord) {
  const states = record.refusal ? new Map() : await readAllOutcomes(table, blobs, record);
  const known = knownOf(record, states);
  const results = resultsOf(record, known, states, Date.now());
  // Whoever waited for the import is gone: nobody was told how it ended.
  const isOpen = !record.isQueued && record.state !== 'finished' && record.state !== 'cancelled';
  const isLost = isOpen && results.some(({ outcomes }) => outcomes === 'lost');
  const state: ImportState = isLost ? 'interrupted' : stateOf(record, results, record.state === 'cancelled');
  const updateTime = Math.max(record.endTime ?? record.startTime, ...[...states.values()].map((one) => one.updateTime));
  return { known, results, entries: joinOutcomes(record, results), state, updateTime };
}

/** Outcomes of archives, by their places. */
function knownOf({ refusal }: ImportRecord, states: Map<number, ArchiveState>): Map<number, ArchiveOutcomes> {
  if (refusal) return new Map([[0, refusal]]);
  return new Map([...states].flatMap(([place, { kept }]) => (kept ? [[place, kept.found]] : [])));
}

/** What is known of each archive: its stored outcomes, or what their lack means. */
function resultsOf(
  record: ImportRecord,
  known: Map<number, ArchiveOutcomes>,
  states: Map<number, ArchiveState>,
  now: number,
): ArchiveResult[] {
  const { archives, begun, lease, run, isQueued } = record;
  const isGoingOn = record.state === 'running' && (isQueued || now < lease);
  return archives.map(({ bucket, key }, place) => {
    const archive = `${bucket}/${key}`;
    const found = known.get(place);
    const isGivenUp = states.get(place)?.givenUp === run;
    if (found !== undefined)
      return { archive, outcomes: isGoingOn && !isGivenUp && !isSettled(found) ? 'running' : found };
    if (isGivenUp) return { archive, outcomes: 'lost' };
    // Archives that workers are handed directly are begun in their order; what was not begun will not come any more.
    if (!isQueued && begun !== undefined && place >= begun) return { archive, outcomes: 'not_started' };
    // A request that was answered waits for nobody any more, unless it said so.
    if (isGoingOn) return { archive, outcomes: 'running' };
    // Of one that was begun and told nothing it is not known what was written.
    const isBegun = states.has(place) || begun === undefined || place < begun;
    return { archive, outcomes: isBegun ? 'lost' : 'not_started' };
  });
}
