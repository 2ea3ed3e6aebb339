import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { $add, $delete, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { QUEUED_IMPORTS } from '../limits.ts';
import { isWritten } from './conditional-write.ts';
import { queuedKey } from './keys.ts';
import type { JobTable } from './table.ts';

/** An import that counts as being on the queue, and since when, in milliseconds since the epoch. */
export type QueuedImport = { importId: number; since: number };

/** The imports of a project that count as being on the queue. */
export async function readQueuedImports({ queued }: JobTable, projectId: string): Promise<QueuedImport[]> {
  const { Item } = await queued.build(GetItemCommand).key(queuedKey(projectId)).options({ consistent: true }).send();
  return [...(Item?.imports ?? [])].map((text) => {
    const [importId, since] = text.split('@').map(Number);
    return { importId: importId ?? 0, since: since ?? 0 };
  });
}

/**
 * Counts an import as being on the queue, if there is room for it.
 * @param isBounded whether there must be.
 * @returns false if there is none.
 */
export async function addQueuedImport(
  table: JobTable,
  projectId: string,
  queued: QueuedImport,
  { isBounded }: { isBounded: boolean },
): Promise<boolean> {
  const update = table.queued
    .build(UpdateItemCommand)
    .item({ ...queuedKey(projectId), imports: $add(new Set([textOf(queued)])) })
    .options(isBounded ? { condition: THERE_IS_ROOM } : {});
  if (await isWritten(update)) return true;
  // What refused it may be itself, if its answer was lost.
  return (await readQueuedImports(table, projectId)).some(({ importId }) => importId === queued.importId);
}

const THERE_IS_ROOM = {
  or: [
    { attr: 'imports' as const, exists: false },
    { size: 'imports' as const, lt: QUEUED_IMPORTS },
  ],
};

/** Counts imports that have ended no longer. */
export async function dropQueuedImports({ queued }: JobTable, projectId: string, ended: QueuedImport[]): Promise<void> {
  if (ended.length === 0) return;
  const imports = $delete(new Set(ended.map(textOf)));
  await queued
    .build(UpdateItemCommand)
    .item({ ...queuedKey(projectId), imports })
    .send();
}

const textOf = ({ importId, since }: QueuedImport) => `${importId}@${since}`;
