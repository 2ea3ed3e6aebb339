import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { describeIssues, expected } from '../schema.ts';
import { UPLOADS } from '../store/blobs.ts';
import { type Location, listProjects, type Project, putProject, readProject } from '../store/projects.ts';
import { ACCESS_KEY, makeAccessKey, makeToken } from './credentials.ts';
import { type KeyServices, keyCommands, manageKeys, projectIdField, putKeys } from './manage-keys.ts';

const MIN_SECRET_CHARACTERS = 16;
/** As paths of imports are: no segment that is empty, `.` or `..`; slashes around it do no harm. */
const PREFIX = /^\/*(?:(?!\.{1,2}(?:\/|$))[^/]+(?:\/|$))*\/*$/;
const secretField = z.string().check(z.minLength(MIN_SECRET_CHARACTERS));
/** As a header can carry it, and without the comma that joins the values of one that is sent twice. */
const TOKEN = new RegExp(`^[!-+\\--~]{${MIN_SECRET_CHARACTERS},}$`);

const addCommand = z.object({
  action: z.literal('add'),
  project_id: projectIdField,
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
      access_key: z.string().check(z.regex(ACCESS_KEY, expected('4 to 128 letters, digits, - or _'))),
      secret_key: secretField,
      token: z.string().check(z.regex(TOKEN, expected('16 or more printable characters, no space or comma'))),
    }),
  ),
});

const command = z.discriminatedUnion('action', [addCommand, z.object({ action: z.literal('list') }), ...keyCommands]);

export type ProjectServices = KeyServices & {
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
 * - What may be asked of the keys of one is told at `manageKeys`.
 * @throws ApiError DLI.0001 for a malformed command, DLI.0006 if keys are another project's or revoked, DLI.0011 for a
 * foreign bucket, or a place to write that imports by itself.
 */
export async function manageProjects(services: ProjectServices, event: unknown) {
  const parsed = command.safeParse(event);
  if (!parsed.success) throw new ApiError('DLI.0001', describeIssues(parsed.error.issues, 'the command'));
  switch (parsed.data.action) {
    case 'add':
      return addProject(services, parsed.data);
    case 'list':
      return { projects: (await listProjects(services.table)).map(toWire) };
    default:
      return manageKeys(services, parsed.data);
  }
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
  const newKeys = keys ?? (existing ? undefined : { ...makeAccessKey(), ...makeToken() });
  // Keys first: a project that is there but has none could never be used.
  if (newKeys) await putKeys(services, project_id, newKeys);
  const project = { projectId: project_id, name: name ?? existing?.name ?? project_id, locations: places };
  await putProject(table, project);
  return { project: toWire(project), ...(newKeys && { keys: newKeys }) };
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
