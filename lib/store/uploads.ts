import { createHash } from 'node:crypto';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { $remove, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { isWritten } from './conditional-write.ts';
import { expiry } from './imports.ts';
import { uploadKey } from './keys.ts';
import type { JobTable } from './table.ts';

/** One version of an object below `uploads/`. `sequencer` sorts as the versions of the object came. */
export type UploadedVersion = { projectId: string; key: string; sequencer: string; etag: string };

/** Whether a version is the newest that is known of its object, and the import that it has, if it has one yet. */
export type Claim = { isNewest: false } | { isNewest: true; importId: number | undefined };

/**
 * Makes a version the one that its object's imports are about, unless a newer one is.
 * Before it takes an import number: so that a newer version, claimed later, has the higher one.
 */
export async function claimUpload(table: JobTable, version: UploadedVersion): Promise<Claim> {
  const { sequencer, etag, key } = version;
  const update = table.upload
    .build(UpdateItemCommand)
    .item({
      ...keyOf(version),
      object_key: key,
      sequencer,
      etag,
      import_id: $remove(),
      expires_at: expiry(Date.now()),
    })
    .options({
      condition: {
        or: [
          { attr: 'pk', exists: false },
          { attr: 'sequencer', lt: sequencer },
        ],
      },
    });
  return (await isWritten(update)) ? { isNewest: true, importId: undefined } : readClaim(table, version);
}

/** Gives a claimed version its import, once: another delivery of its event may have been faster, or a newer version. */
export async function numberUpload(table: JobTable, version: UploadedVersion, importId: number): Promise<Claim> {
  const update = table.upload
    .build(UpdateItemCommand)
    .item({ ...keyOf(version), import_id: importId })
    .options({
      condition: {
        and: [
          { attr: 'sequencer', eq: version.sequencer },
          { attr: 'import_id', exists: false },
        ],
      },
    });
  return (await isWritten(update)) ? { isNewest: true, importId } : readClaim(table, version);
}

/** What refused a write may be itself, if its answer was lost: the item tells. */
async function readClaim({ upload }: JobTable, version: UploadedVersion): Promise<Claim> {
  const { Item } = await upload.build(GetItemCommand).key(keyOf(version)).options({ consistent: true }).send();
  if (Item === undefined || Item.sequencer < version.sequencer)
    throw new Error('an upload was neither claimed nor found');
  return Item.sequencer === version.sequencer ? { isNewest: true, importId: Item.import_id } : { isNewest: false };
}

const keyOf = ({ projectId, key }: UploadedVersion) =>
  uploadKey(projectId, createHash('sha256').update(key).digest('hex'));
