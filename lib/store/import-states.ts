import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { isWritten } from './conditional-write.ts';
import { type ImportRun, isExpired } from './imports.ts';
import { importKey } from './keys.ts';
import type { ImportItem, JobTable } from './table.ts';

/**
 * Hands an import that is running to the queue.
 * @param begun how many archives, the first ones, its run may have handed to a worker, if that is known.
 * @returns false if it ended since, or is another run's.
 */
export async function queueImport(
  table: JobTable,
  { projectId, importId, run }: ImportRun,
  begun?: number,
): Promise<boolean> {
  const update = table.import
    .build(UpdateItemCommand)
    .item({ ...importKey(projectId, importId), is_queued: true, ...(begun !== undefined && { begun }) })
    .options({ condition: runningIn(run) });
  return isWritten(update);
}

/** Notes that a message for each archive of an import was sent. It says nothing if the import is another run's since. */
export async function noteImportPlanned(table: JobTable, { projectId, importId, run }: ImportRun): Promise<void> {
  const update = table.import
    .build(UpdateItemCommand)
    .item({ ...importKey(projectId, importId), is_planned: true })
    .options({ condition: runningIn(run) });
  await isWritten(update);
}

/** Ends an import that is running, with what is done. @returns false if it ended since, or is another run's. */
export async function stopImport(
  table: JobTable,
  { projectId, importId, run }: ImportRun,
  state: 'cancelled' | 'interrupted',
): Promise<boolean> {
  const update = table.import
    .build(UpdateItemCommand)
    .item({ ...importKey(projectId, importId), state, end_time: Date.now() })
    .options({ condition: runningIn(run) });
  return isWritten(update);
}

const runningIn = (run: string) => ({
  and: [
    { attr: 'run' as const, eq: run },
    { attr: 'state' as const, eq: 'running' as const },
  ],
});

/** What a worker must know of its import, without the list of archives. */
export type ImportGlance = ImportRun & {
  state: ImportItem['state'];
  isQueued: boolean;
  archivesTotal: number;
  bytesTotal: number;
  /** Milliseconds since the epoch. */
  startTime: number;
};

const GLANCED: ('run' | 'state' | 'is_queued' | 'archives_total' | 'bytes_total' | 'start_time' | 'expires_at')[] = [
  'run',
  'state',
  'is_queued',
  'archives_total',
  'bytes_total',
  'start_time',
  'expires_at',
];

/** Looks at the record of an import. Undefined if there is none, or it has expired. */
export async function glanceAtImport(
  table: JobTable,
  projectId: string,
  importId: number,
): Promise<ImportGlance | undefined> {
  const { Item } = await table.import
    .build(GetItemCommand)
    .key(importKey(projectId, importId))
    .options({ consistent: true, attributes: GLANCED })
    .send();
  if (Item === undefined || isExpired(Item)) return undefined;
  const { run, state, is_queued: isQueued = false } = Item;
  const { archives_total: archivesTotal, bytes_total: bytesTotal, start_time: startTime } = Item;
  return { projectId, importId, run, state, isQueued, archivesTotal, bytesTotal, startTime };
}
