import { MAPPING_PAGE } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { glanceAtImport, stopImport } from '../store/import-states.ts';
import type { JobTable } from '../store/table.ts';
import type { ShownImport } from './import-answers.ts';
import { giveRoom } from './queue-room.ts';
import { showImport } from './show-import.ts';

/**
 * Stops an import between its archives: what is done stays, and workers end what they are at. One that has ended stays as
 * it is.
 * @returns what is known of it then; undefined if there is no such import.
 */
export async function cancelImport(
  table: JobTable,
  blobs: Blobs,
  place: { projectId: string; importId: number },
): Promise<ShownImport | undefined> {
  const glance = await glanceAtImport(table, place.projectId, place.importId);
  if (glance === undefined) return undefined;
  if (glance.state === 'running') {
    await stopImport(table, glance, 'cancelled');
    if (glance.isQueued) await giveRoom(table, place.projectId, place.importId);
  }
  return showImport(table, blobs, place, { first: 0, limit: MAPPING_PAGE });
}
