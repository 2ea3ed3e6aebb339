import type { PlanTask } from '../dispatch/plan-task.ts';
import type { SendArchives } from '../dispatch/send-tasks.ts';
import { GIVEN_UP_RECEIVES, WORKER_MS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { noteImportPlanned, queueImport, stopImport } from '../store/import-states.ts';
import { readImport } from '../store/imports.ts';
import { readProgress } from '../store/progress.ts';
import type { JobTable } from '../store/table.ts';

export type PlannerServices = { table: JobTable; blobs: Blobs; sendArchives: SendArchives };

/**
 * Puts the archives of an import on the queue that are not done. Twice is like once: a worker that finds its archive
 * done leaves it so.
 * @param receives deliveries of the message: after many the import is stopped, so that it ends.
 * @returns what came of it, for the log.
 */
export async function planImport(
  { table, blobs, sendArchives }: PlannerServices,
  { requestId, projectId, importId, run, underWay }: PlanTask,
  { receives }: { receives: number },
): Promise<{ outcome: 'planned'; archives: number } | { outcome: 'ended' | 'interrupted' }> {
  const record = await readImport(table, blobs, projectId, importId);
  const isOurs = record?.run === run && record.state === 'running' && !record.isPlanned;
  if (!isOurs) return { outcome: 'ended' };
  if (receives >= GIVEN_UP_RECEIVES) {
    await stopImport(table, record, 'interrupted');
    return { outcome: 'interrupted' };
  }
  // Of a run that died while it handed archives to workers itself.
  if (!record.isQueued && !(await queueImport(table, record))) return { outcome: 'ended' };
  const { archives: done } = await readProgress(table, record);
  const atWork = new Set(underWay);
  const begun = record.begun ?? record.archives.length;
  const open = record.archives.flatMap((object, archivePlace) => {
    if (done.has(archivePlace)) return [];
    const isContinued = archivePlace < begun;
    const task = { requestId, projectId, importId, run, isCover: record.isCover, archivePlace, isContinued, object };
    return [{ task, delaySeconds: atWork.has(archivePlace) ? WORKER_MS / 1_000 : 0 }];
  });
  await sendArchives(open);
  await noteImportPlanned(table, record);
  return { outcome: 'planned', archives: open.length };
}
