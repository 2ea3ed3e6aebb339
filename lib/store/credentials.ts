import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { $get, $remove, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import pMap from 'p-map';
import { ApiError } from '../errors.ts';
import { CREDENTIAL_READS } from '../limits.ts';
import { isWritten } from './conditional-write.ts';
import { credentialDirectoryKey, credentialKey } from './keys.ts';
import type { JobTable } from './table.ts';

/** What a client proves its right with. `id` is an access key, or the SHA-256 of a token. */
export type Credential = Omit<FormattedItem<JobTable['credential']>, 'pk' | 'sk'> & { id: string };

/** The secret of an access key, as it is stored. */
export type Secret = { id: string; encrypted: string };

/**
 * Writes a credential of a project, new or again: then it keeps its time.
 * @throws ApiError DLI.0006 if it is one of another project, or was revoked: what was revoked stays so.
 */
export async function putCredential(
  { credential, directory }: JobTable,
  { id, create_time, ...attributes }: Credential,
): Promise<void> {
  // First its line in the project's list: a key that opens the door but is not listed could not be revoked.
  await directory.build(PutItemCommand).item(credentialDirectoryKey(attributes.project_id, id)).send();
  const update = credential
    .build(UpdateItemCommand)
    .item({ ...credentialKey(id), ...attributes, create_time: $get('create_time', create_time) })
    .options({
      condition: {
        or: [
          { attr: 'pk', exists: false },
          {
            and: [
              { attr: 'project_id', eq: attributes.project_id },
              { attr: 'kind', eq: attributes.kind },
              { attr: 'revoked', exists: false },
            ],
          },
        ],
      },
    });
  if (!(await isWritten(update))) {
    throw new ApiError('DLI.0006', 'these keys are in use by another project, or were revoked');
  }
}

/** All credentials of a project, revoked ones too, the oldest first. */
export async function listCredentials(store: JobTable, projectId: string): Promise<Credential[]> {
  const { Items = [] } = await store.table
    .build(QueryCommand)
    .entities(store.directory)
    .query({ partition: credentialDirectoryKey(projectId, '').pk })
    .options({ maxPages: Number.POSITIVE_INFINITY, entityAttrFilter: false, consistent: true })
    .send();
  const found = await pMap(Items, ({ sk }) => readCredential(store, sk), { concurrency: CREDENTIAL_READS });
  return (
    found
      .filter((credential) => credential !== undefined)
      // A line may be left of a key that turned out to be another project's.
      .filter(({ project_id }) => project_id === projectId)
      .sort((a, b) => a.create_time - b.create_time || a.kind.localeCompare(b.kind))
  );
}

/** Revokes a credential, for good, and forgets its secret. One that is revoked already keeps its time. */
export async function revokeCredential(store: JobTable, id: string): Promise<Credential> {
  await isWritten(
    store.credential
      .build(UpdateItemCommand)
      .item({ ...credentialKey(id), revoked: Date.now(), encrypted_secret: $remove() })
      .options({
        condition: {
          and: [
            { attr: 'pk', exists: true },
            { attr: 'revoked', exists: false },
          ],
        },
      }),
  );
  // What refused the write may be itself, if its answer was lost: the item tells.
  const credential = await readCredential(store, id);
  if (credential?.revoked === undefined) throw new Error('a credential was neither revoked nor found so');
  return credential;
}

/** Puts a secret, encrypted anew, in place of the text that was read; not if that was replaced or revoked since. */
export async function replaceSecret({ credential }: JobTable, { id, encrypted }: Secret, anew: string): Promise<void> {
  await isWritten(
    credential
      .build(UpdateItemCommand)
      .item({ ...credentialKey(id), encrypted_secret: anew })
      .options({ condition: { attr: 'encrypted_secret', eq: encrypted } }),
  );
}

async function readCredential({ credential }: JobTable, id: string): Promise<Credential | undefined> {
  const { Item } = await credential.build(GetItemCommand).key(credentialKey(id)).options({ consistent: true }).send();
  if (Item === undefined) return undefined;
  const { pk: _pk, sk: _sk, ...attributes } = Item;
  return { id, ...attributes };
}
