import type { FormattedItem } from 'dynamodb-toolbox/entity';
import { BatchGetRequest } from 'dynamodb-toolbox/entity/actions/batchGet';
import { GetItemCommand } from 'dynamodb-toolbox/entity/actions/get';
import { PutItemCommand } from 'dynamodb-toolbox/entity/actions/put';
import { BatchGetCommand, execute } from 'dynamodb-toolbox/table/actions/batchGet';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import pMap from 'p-map';
import { BATCH_GET_ATTEMPTS, DOOR_MS, PROJECT_READS } from '../limits.ts';
import { credentialKey, directoryKey, projectKey } from './keys.ts';
import type { JobTable } from './table.ts';

type StoredProject = FormattedItem<JobTable['project']>;
type StoredCredential = FormattedItem<JobTable['credential']>;

/** A place that a project may read archives from, or, with `write`, put exports to. */
export type Location = StoredProject['locations'][number];
export type Project = { projectId: string; name: string; locations: Location[] };

/** Reads a credential and the project that it is used for, in one batch, as they are now: a revocation counts at once. */
export async function findAccess(
  { table, credential, project }: JobTable,
  credentialId: string,
  projectId: string,
): Promise<{ credential: StoredCredential | undefined; project: Project | undefined }> {
  const command = table
    .build(BatchGetCommand)
    .requests(
      credential.build(BatchGetRequest).key(credentialKey(credentialId)),
      project.build(BatchGetRequest).key(projectKey(projectId)),
    )
    .options({ consistent: true });
  const { Responses, UnprocessedKeys } = await execute(
    { maxAttempts: BATCH_GET_ATTEMPTS, abortSignal: AbortSignal.timeout(DOOR_MS) },
    command,
  );
  // A key that was not read is not a key that is not there.
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('the table did not read all of a batch');
  const [foundCredential, foundProject] = Responses[0];
  return { credential: foundCredential, project: foundProject && toProject(projectId, foundProject) };
}

export async function readProject({ project }: JobTable, projectId: string): Promise<Project | undefined> {
  const { Item } = await project.build(GetItemCommand).key(projectKey(projectId)).options({ consistent: true }).send();
  return Item && toProject(projectId, Item);
}

/** Writes a project, new or again, and its line in the list of all. */
export async function putProject(
  { directory, project }: JobTable,
  { projectId, name, locations }: Project,
): Promise<void> {
  await directory.build(PutItemCommand).item(directoryKey(projectId)).send();
  await project
    .build(PutItemCommand)
    .item({ ...projectKey(projectId), name, locations })
    .send();
}

/** All projects, by their id. */
export async function listProjects(store: JobTable): Promise<Project[]> {
  const { Items = [] } = await store.table
    .build(QueryCommand)
    .entities(store.directory)
    .query({ partition: 'projects' })
    .options({ maxPages: Number.POSITIVE_INFINITY, entityAttrFilter: false, consistent: true })
    .send();
  const projects = await pMap(Items, ({ sk }) => readProject(store, sk), { concurrency: PROJECT_READS });
  return projects.filter((project) => project !== undefined);
}

function toProject(projectId: string, { name, locations }: StoredProject): Project {
  return { projectId, name, locations };
}
