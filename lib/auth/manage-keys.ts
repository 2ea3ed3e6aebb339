import pMap from 'p-map';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { PROJECT_ID } from '../http/paths.ts';
import { SECRET_WRITES } from '../limits.ts';
import { expected } from '../schema.ts';
import {
  type Credential,
  listCredentials,
  putCredential,
  replaceSecret,
  revokeCredential,
  type Secret,
} from '../store/credentials.ts';
import { listProjects, readProject } from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { hashToken, makeAccessKey, makeToken, type ProjectKeys, shownHash } from './credentials.ts';
import { decryptSecret, encryptSecret, keyIdOf, type SecretKeys } from './secrets.ts';

export const projectIdField = z.string().check(z.regex(PROJECT_ID, expected('1 to 64 letters, digits, - or _')));

/** What keys are stored with. */
export type KeyServices = { table: JobTable; secretKeys: SecretKeys };

export const keyCommands = [
  z.object({ action: z.literal('list-keys'), project_id: projectIdField }),
  z.object({ action: z.literal('add-key'), project_id: projectIdField, kind: z.enum(['access_key', 'token']) }),
  /** `key` is the id that `list-keys` tells; of a token more of its hash will do. */
  z.object({ action: z.literal('revoke-key'), project_id: projectIdField, key: z.string() }),
  /** Without a project: of all. */
  z.object({ action: z.literal('rotate'), project_id: z.optional(projectIdField) }),
] as const;

export type KeyCommand = z.output<(typeof keyCommands)[number]>;

/**
 * What the operator may ask of the keys of a project.
 * - `list-keys` tells them, revoked ones too: an access key by itself, a token by the beginning of its hash.
 * - `add-key` makes one more, told in this answer and never again.
 * - `revoke-key` revokes one, for good. Functions that have seen it in the minute before admit it until that ends.
 * - `rotate` encrypts every secret anew that is not encrypted with the first of the deployment's keys: after it the
 *   others may go, unless it names secrets that none of them decrypts. `rotated` counts those that it found.
 * @throws ApiError DLI.0002 if there is no such project, or it has no such key.
 */
export async function manageKeys(services: KeyServices, command: KeyCommand) {
  if (command.action === 'rotate') return rotate(services, command.project_id);
  await requireProject(services.table, command.project_id);
  switch (command.action) {
    case 'list-keys':
      return { keys: (await listCredentials(services.table, command.project_id)).map(toWire) };
    case 'add-key':
      return { keys: await addKey(services, command.project_id, command.kind) };
    case 'revoke-key':
      return { key: toWire(await revoke(services.table, command.project_id, command.key)) };
  }
}

/** Stores keys of a project. @throws ApiError DLI.0006 if they are another project's, or were revoked. */
export async function putKeys(
  { table, secretKeys }: KeyServices,
  project_id: string,
  { access_key: id, secret_key, token }: Partial<ProjectKeys>,
): Promise<void> {
  const shared = { project_id, create_time: Date.now() };
  if (id !== undefined && secret_key !== undefined) {
    const encrypted_secret = encryptSecret(secretKeys, id, secret_key);
    await putCredential(table, { ...shared, id, kind: 'access_key', encrypted_secret });
  }
  if (token !== undefined) await putCredential(table, { ...shared, id: hashToken(token), kind: 'token' });
}

async function requireProject(table: JobTable, projectId: string): Promise<void> {
  if ((await readProject(table, projectId)) === undefined) {
    throw new ApiError('DLI.0002', `there is no project ${projectId}; see the action list`);
  }
}

async function addKey(services: KeyServices, projectId: string, kind: Credential['kind']) {
  const keys = kind === 'token' ? makeToken() : makeAccessKey();
  await putKeys(services, projectId, keys);
  return keys;
}

async function revoke(table: JobTable, projectId: string, key: string): Promise<Credential> {
  const credentials = await listCredentials(table, projectId);
  const called = credentials.filter(({ id }) => id === key);
  const tokens = credentials.filter(
    ({ kind, id }) => kind === 'token' && shownHash(id) === shownHash(key) && id.startsWith(key),
  );
  const [credential, ...others] = called.length > 0 ? called : tokens;
  if (credential === undefined) throw new ApiError('DLI.0002', 'the project has no such key; see the action list-keys');
  if (others.length > 0)
    throw new ApiError('DLI.0001', 'key: expected more of the hash, found several tokens that begin so');
  return revokeCredential(table, credential.id);
}

async function rotate({ table, secretKeys }: KeyServices, ofProject: string | undefined) {
  const [first = ''] = secretKeys.keys();
  const projects = ofProject === undefined ? await listProjects(table) : [{ projectId: ofProject }];
  const stale: Secret[] = [];
  for (const { projectId } of projects) {
    for (const { id, encrypted_secret: encrypted = '' } of await listCredentials(table, projectId)) {
      if (encrypted !== '' && keyIdOf(encrypted) !== first) stale.push({ id, encrypted });
    }
  }
  const readable = stale.filter(({ encrypted }) => secretKeys.has(keyIdOf(encrypted)));
  const reencrypt = async ({ id, encrypted }: Secret) => {
    const secret = decryptSecret(secretKeys, id, encrypted);
    await replaceSecret(table, { id, encrypted }, encryptSecret(secretKeys, id, secret));
  };
  await pMap(readable, reencrypt, { concurrency: SECRET_WRITES });
  const unreadable = stale.filter(({ encrypted }) => !secretKeys.has(keyIdOf(encrypted)));
  return { secret_key_id: first, rotated: readable.length, unreadable: unreadable.map(({ id }) => id) };
}

/** A key as the operator may see it. */
function toWire({ id, kind, create_time, revoked, encrypted_secret }: Credential) {
  return {
    id: kind === 'token' ? shownHash(id) : id,
    kind,
    create_time,
    ...(encrypted_secret !== undefined && { secret_key_id: keyIdOf(encrypted_secret) }),
    ...(revoked !== undefined && { revoked }),
  };
}
