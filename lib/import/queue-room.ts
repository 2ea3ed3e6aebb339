import { ApiError } from '../errors.ts';
import { IMPORT_ACCEPT_MS, QUEUED_IMPORTS, QUEUED_RETRY_SECONDS } from '../limits.ts';
import { glanceAtImport } from '../store/import-states.ts';
import { readProgress } from '../store/progress.ts';
import { addQueuedImport, dropQueuedImports, type QueuedImport, readQueuedImports } from '../store/queued-imports.ts';
import type { JobTable } from '../store/table.ts';

/**
 * Takes a place for an import on the queue, of which a project has a few: so that its many imports do not keep those of
 * others waiting. The place of one that has ended is free.
 * @throws ApiError APIGW.0308 if all are taken.
 */
export async function takeRoom(table: JobTable, projectId: string, importId: number): Promise<void> {
  const there = await readQueuedImports(table, projectId);
  // From an earlier run of it.
  if (there.some((queued) => queued.importId === importId)) return;
  const ours = { importId, since: Date.now() };
  if (await addQueuedImport(table, projectId, ours, { isBounded: true })) return;
  const areOver = await Promise.all(there.map((queued) => isOver(table, projectId, queued)));
  await dropQueuedImports(
    table,
    projectId,
    there.filter((_, place) => areOver[place]),
  );
  if (await addQueuedImport(table, projectId, ours, { isBounded: true })) return;
  throw new ApiError(
    'APIGW.0308',
    `${QUEUED_IMPORTS} large imports of this project are under way, as many as may be at once. ` +
      'Send the request again when one of them has ended.',
    { retryAfter: QUEUED_RETRY_SECONDS },
  );
}

/** Takes a place for an import that goes to the queue because it found no worker, even if there is none: no other is let in then. */
export async function keepRoom(table: JobTable, projectId: string, importId: number): Promise<void> {
  await addQueuedImport(table, projectId, { importId, since: Date.now() }, { isBounded: false });
}

/** Gives the place of an import that has ended to another. */
export async function giveRoom(table: JobTable, projectId: string, importId: number): Promise<void> {
  const there = await readQueuedImports(table, projectId);
  await dropQueuedImports(
    table,
    projectId,
    there.filter((queued) => queued.importId === importId),
  );
}

/** One that took its place just now is about to run, or whoever accepted it died. */
async function isOver(table: JobTable, projectId: string, { importId, since }: QueuedImport): Promise<boolean> {
  if (Date.now() <= since + IMPORT_ACCEPT_MS) return false;
  const glance = await glanceAtImport(table, projectId, importId);
  if (glance === undefined) return true;
  return glance.state !== 'running' || (await readProgress(table, glance)).archives.size >= glance.archivesTotal;
}
