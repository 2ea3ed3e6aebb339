import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { $add, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { counterKey } from './keys.ts';
import type { JobTable } from './table.ts';

/**
 * Takes the next import number of a project. Numbers grow in the order in which imports are accepted, are never
 * given twice, and start at 1; a lost answer leaves a gap.
 */
export async function takeImportId({ counter }: JobTable, projectId: string): Promise<number> {
  const { Attributes } = await counter
    .build(UpdateItemCommand)
    .item({ ...counterKey(projectId), last_import_id: $add(1) })
    .options({ returnValues: 'UPDATED_NEW' })
    .send();
  return taken(Attributes?.last_import_id);
}

/** The number of the import that was accepted last, as it is now; 0 if none was. */
export async function readLastImportId({ counter }: JobTable, projectId: string): Promise<number> {
  const { Item } = await counter.build(GetItemCommand).key(counterKey(projectId)).options({ consistent: true }).send();
  return Item?.last_import_id ?? 0;
}

/** Takes a block of job ids, never given twice. Returns the first; the others follow it. */
export async function takeJobIds({ counter }: JobTable, projectId: string, count: number): Promise<number> {
  const { Attributes } = await counter
    .build(UpdateItemCommand)
    .item({ ...counterKey(projectId), last_job_id: $add(count) })
    .options({ returnValues: 'UPDATED_NEW' })
    .send();
  return taken(Attributes?.last_job_id) - count + 1;
}

function taken(value: number | undefined): number {
  if (value === undefined) throw new Error('the counter answered without its new value');
  return value;
}
