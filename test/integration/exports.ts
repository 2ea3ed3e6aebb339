import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type ArchiveJob, readJobs } from '../../lib/import/read-jobs.ts';
import { readWhole } from '../read-whole.ts';
import { type Answer, newProject, objectKeys, type ProjectClient, s3, stack } from './client.ts';

/** A project that may write to all of the bucket. */
export const newExporter = () => newProject(WRITABLE);
export const WRITABLE = [{ bucket: stack.bucket, write: true }];

/** Asks for an export of all jobs to the project's own folder, unless told otherwise. */
export function exportAll(project: ProjectClient, fields: Record<string, unknown> = {}): Promise<Answer> {
  const request = { obs_dir: folderOf(project), is_selected: false, ...fields };
  return project.send('POST', `${project.jobs}/export`, JSON.stringify(request));
}

export const exportSome = (project: ProjectClient, ids: unknown, fields: Record<string, unknown> = {}) =>
  exportAll(project, { is_selected: true, job_selected: ids, ...fields });

export const folderOf = (project: ProjectClient) => `${stack.bucket}/exports/${project.projectId}`;

/** Keys of what lies in the folder of a project's exports. */
export const exportedKeys = (project: ProjectClient) => objectKeys(`exports/${project.projectId}/`);

/** An object by its path, bucket first. */
export async function readObject(path: string): Promise<Buffer> {
  const [bucket = '', ...key] = path.split('/');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key.join('/') }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

/** The files of an archive as texts, by their names in the archive's order. */
export async function textsOf(path: string): Promise<Map<string, string>> {
  const entries = await readWhole(await readObject(path));
  return new Map(entries.map(({ name, bytes }) => [name, bytes.toString()]));
}

/** The jobs of an archive as an import reads them. */
export const jobsOf = async (path: string): Promise<ArchiveJob[]> => readJobs(await readObject(path));
