import { createHash } from 'node:crypto';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { isWritten } from './conditional-write.ts';
import { expiry } from './imports.ts';
import { requestKey } from './keys.ts';
import type { JobTable } from './table.ts';

/** A request that may be sent again: its key, and what it asks for. Both are stored as hashes only. */
export type KeyedRequest = { projectId: string; idempotencyKey: string; asksFor: string };
/** The import that a key stands for, and whether it was used to ask for the same. */
export type KnownRequest = { importId: number; isSame: boolean };

/** Which import a request is, if its key was used before. */
export async function findRequest({ request }: JobTable, keyed: KeyedRequest): Promise<KnownRequest | undefined> {
  const { Item } = await request.build(GetItemCommand).key(keyOf(keyed)).options({ consistent: true }).send();
  if (Item === undefined || Item.expires_at * 1000 <= Date.now()) return undefined;
  return { importId: Item.import_id, isSame: Item.request_hash === sha256(keyed.asksFor) };
}

/**
 * Makes a key stand for an import, once.
 * @returns that import, or the one of a request that was faster.
 */
export async function claimRequest(table: JobTable, keyed: KeyedRequest, importId: number): Promise<KnownRequest> {
  const now = Date.now();
  const put = table.request
    .build(PutItemCommand)
    .item({
      ...keyOf(keyed),
      import_id: importId,
      request_hash: sha256(keyed.asksFor),
      expires_at: expiry(now),
    })
    .options({
      condition: {
        or: [
          { attr: 'pk', exists: false },
          { attr: 'expires_at', lte: Math.floor(now / 1000) },
        ],
      },
    });
  if (await isWritten(put)) return { importId, isSame: true };
  const known = await findRequest(table, keyed);
  if (known === undefined) throw new Error('a request was neither claimed nor found');
  return known;
}

const keyOf = ({ projectId, idempotencyKey }: KeyedRequest) => requestKey(projectId, sha256(idempotencyKey));

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
