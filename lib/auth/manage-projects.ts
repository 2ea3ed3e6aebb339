import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { PROJECT_ID } from '../http/paths.ts';
import { describeIssues, expected } from '../schema.ts';
import { UPLOADS } from '../store/blobs.ts';
import {
  type Location,
  listProjects,
  type Project,
  putCredential,
  putProject,
  readProject,
} from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { hashToken, makeKeys, type ProjectKeys } from './credentials.ts';
import { encryptSecret, type SecretKeys } from './secrets.ts';

const MIN_SECRET_CHARACTERS = 16;
/** As paths of imports are: no segment that is empty, `.` or `..`; slashes around it do no harm. */
const PREFIX = /^\/*(?:(?!\.{1,2}(?:\/|$))[^/]+(?:\/|$))*\/*$/;
const secret = z.string().check(z.minLength(MIN_SECRET_CHARACTERS));

const addCommand = z.object({
  action: z.literal('add'),
  project_id: z.string().check(z.regex(PROJECT_ID, expected('1 to 64 letters, digits, - or _'))),
  name: z.optional(z.string()),
  locations: z
    .array(
      z.object({
        bucket: z.string(),
        /** All keys below it; the empty one opens the whole bucket. */
        prefix: z._default(
          z.string().check(z.regex(PREFIX, expected('segments without ".", ".." or an empty one'))),
          '',
        ),
        /** The account that owns the bucket, if it is not the deployment's. */
        owner: z.optional(z.string()),
        write: z._default(z.boolean(), false),
      }),
    )
    .check(z.minLength(1)),
  /** Keys that clients have already; without them a new project gets fresh ones. */
  keys: z.optional(
    z.object({
      access_key: z.string().check(z.regex(/^[A-Za-z0-9_-]{4,128}$/, expected('4 to 128 letters, digits, - or _'))),
      secret_key: secret,
      token: secret,
    }),
  ),
});

const command = z.discriminatedUnion('action', [addCommand, z.object({ action: z.literal('list') })]);

export type ProjectServices = {
  table: JobTable;
  secretKeys: SecretKeys;
  /** Buckets that a location may lie in; the deployment's own first. */
  buckets: string[];
  /** The account that owns them, unless a location says otherwise. */
  owner: string;
};

/**
 * What the operator may ask of the projects.
 * - `add` registers a project, or changes the name and locations of one; its counters and jobs stay as they are. A new
 *   one gets keys, told in this answer and never again.
 * - `list` tells all projects, without their keys.
 * @throws ApiError DLI.0001 for a malformed command, DLI.0006 if keys are another project's, DLI.0011 for a
 * foreign bucket, or a place to write that imports by itself.
 */
export async function manageProjects(services: ProjectServices, event: unknown) {
  const parsed = command.safeParse(event);
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the command'));
  if (parsed.data.action === 'list') return { projects: (await listProjects(services.table)).map(toWire) };
  return addProject(services, parsed.data);
}

async function addProject(
  services: ProjectServices,
  { project_id, name, locations, keys }: z.output<typeof addCommand>,
) {
  const { table, owner } = services;
  const places = locations.map((location) =>
    toLocation(services.buckets, { ...location, owner: location.owner ?? owner }),
  );
  const existing = await readProject(table, project_id);
  const newKeys = keys ?? (existing ? undefined : makeKeys());
  // Keys first: a project that is there but has none could never be used.
  if (newKeys) await putKeys(services, project_id, newKeys);
  const project = { projectId: project_id, name: name ?? existing?.name ?? project_id, locations: places };
  await putProject(table, project);
  return { project: toWire(project), ...(newKeys && { keys: newKeys }) };
}

async function putKeys({ table, secretKeys }: ProjectServices, projectId: string, keys: ProjectKeys): Promise<void> {
  const { access_key: id, secret_key, token } = keys;
  const shared = { project_id: projectId, create_time: Date.now() };
  const encrypted_secret = encryptSecret(secretKeys, id, secret_key);
  await putCredential(table, { ...shared, id, kind: 'access_key', encrypted_secret });
  await putCredential(table, { ...shared, id: hashToken(token), kind: 'token' });
}

function toLocation(buckets: string[], { bucket, prefix, owner, write }: Location): Location {
  if (!buckets.includes(bucket)) {
    throw new ApiError('DLI.0011', `bucket ${bucket} is not one of this deployment's: ${buckets.join(', ')}`);
  }
  const trimmed = prefix.replace(/^\/+|\/+$/g, '');
  const place = trimmed === '' ? '' : `${trimmed}/`;
  if (write && bucket === buckets[0] && place.startsWith(UPLOADS)) {
    throw new ApiError('DLI.0011', `nothing may be written below ${UPLOADS}: what is put there is imported`);
  }
  return { bucket, prefix: place, owner, write };
}

function toWire({ projectId, name, locations }: Project) {
  return { project_id: projectId, name, locations };
}
