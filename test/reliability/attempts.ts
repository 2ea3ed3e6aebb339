import { isArchivePath } from '../../lib/location/object-path.ts';
import { FOREIGN_LOCATIONS, type Ground } from '../foreign-locations.ts';
import { jobsOf, type Reply, type Request } from './two-projects.ts';

/** A request for what is another project's, and how its refusal is known. */
type Attempt = Request & { isRefusal: (reply: Reply) => boolean };
/** @param isLookedUp whether the door reads the registration of a project that is not the sender's: the path names it. */
export type Group = { title: string; attempts: Attempt[]; isLookedUp?: boolean };

/** Of the two projects: the sender's, and the other one. */
export type Projects = { own: string; other: string; ground: Ground };

/** The request under a key by which the other project has its jobs. */
export const keyedImport = ({ bucket, foreign }: Ground, projectId: string): Request => ({
  method: 'POST',
  path: `${jobsOf(projectId)}/import`,
  body: { zip_file: `${bucket}/${foreign}/x.zip` },
  headers: { 'idempotency-key': 'key-of-the-other' },
});

const withCode =
  (status: number, code: string) =>
  (reply: Reply): boolean =>
    reply.status === status && reply.text.startsWith(`{"error_code":"${code}"`);

/** All that is tried, by what it goes for. */
export function attemptsOf({ own, other, ground }: Projects): Group[] {
  return [
    ...Object.entries(FOREIGN_LOCATIONS).map(([title, locations]) => ({
      title: `locations: ${title}`,
      attempts: locations.flatMap(({ code, spell }) => [
        ...['', '/x.zip'].map((end) => importOf(own, spell(ground, end), code)),
        exportOf(own, spell(ground, ''), code),
      ]),
    })),
    { title: 'paths of another project', attempts: pathAttempts(own, other, ground), isLookedUp: true },
    { title: 'ids of its jobs', attempts: jobAttempts(jobsOf(own), ground) },
    { title: 'numbers of its imports', attempts: importAttempts(jobsOf(own)) },
    {
      title: 'its Idempotency-Key, with its very request',
      attempts: [{ ...keyedImport(ground, own), isRefusal: withCode(400, 'DLI.0011') }],
    },
  ];
}

const importOf = (projectId: string, zip_file: string, code: string): Attempt => ({
  method: 'POST',
  path: `${jobsOf(projectId)}/import`,
  body: { zip_file },
  isRefusal: withCode(400, code),
});

/** Whatever its place, no folder has the name of an archive. */
const exportOf = (projectId: string, obs_dir: string, code: string): Attempt => ({
  method: 'POST',
  path: `${jobsOf(projectId)}/export`,
  body: { obs_dir, is_selected: false },
  isRefusal: withCode(400, isArchivePath(obs_dir) ? 'DLI.0001' : code),
});

/** Whatever the operation, and however the other project is spelt into the path. */
function pathAttempts(own: string, other: string, { bucket, foreign }: Ground): Attempt[] {
  const jobs = jobsOf(other);
  const operations: Request[] = [
    { method: 'GET', path: jobs },
    { method: 'GET', path: `${jobs}/1` },
    { method: 'DELETE', path: `${jobs}/1` },
    { method: 'POST', path: `${jobs}/delete`, body: { job_ids: [1] } },
    { method: 'POST', path: `${jobs}/import`, body: { zip_file: `${bucket}/${foreign}/x.zip` } },
    { method: 'POST', path: `${jobs}/export`, body: { obs_dir: `${bucket}/${foreign}`, is_selected: false } },
    { method: 'GET', path: `${jobs}/imports` },
    { method: 'GET', path: `${jobs}/imports/1` },
    { method: 'GET', path: `${jobs}?project_id=${own}` },
    { method: 'GET', path: jobs, headers: { 'x-project-id': own } },
    { method: 'GET', path: jobsOf(other.toUpperCase()) },
  ];
  const unknown = [
    `/v1.0/${own}/../${other}/streaming/jobs`,
    `/v1.0/${own}/streaming/../../${other}/streaming/jobs`,
    `/v1.0/${own}/%2e%2e/${other}/streaming/jobs`,
    `/v1.0/${own}%2f..%2f${other}/streaming/jobs`,
    `/v1.0//${other}/streaming/jobs`,
    `/v1.0/${other}%00/streaming/jobs`,
    `/v1.0/${other}%0d%0a/streaming/jobs`,
    `/v1.0/${other}%20/streaming/jobs`,
    `/v1.0/${other};${own}/streaming/jobs`,
    `/v1.0/${own},${other}/streaming/jobs`,
    `/v1.0/${own}%23${other}/streaming/jobs`,
  ];
  return [
    ...operations.map((request) => ({ ...request, isRefusal: withCode(403, 'APIGW.0302') })),
    ...unknown.map((path) => ({ method: 'GET', path, isRefusal: withCode(404, 'APIGW.0101') })),
  ];
}

function jobAttempts(jobs: string, { bucket, own }: Ground): Attempt[] {
  const isRefusal = withCode(400, 'DLI.16001');
  return [
    { method: 'GET', path: `${jobs}/1`, isRefusal },
    { method: 'DELETE', path: `${jobs}/2`, isRefusal },
    {
      method: 'POST',
      path: `${jobs}/export`,
      body: { obs_dir: `${bucket}/${own}`, is_selected: true, job_selected: [3] },
      isRefusal,
    },
    {
      method: 'POST',
      path: `${jobs}/delete`,
      body: { job_ids: [1, 2, 3] },
      isRefusal: ({ text }) => text.split('"is_success":"false"').length === 4,
    },
  ];
}

function importAttempts(jobs: string): Attempt[] {
  return ['1', '1?limit=1', '2'].map((id) => ({
    method: 'GET',
    path: `${jobs}/imports/${id}`,
    isRefusal: withCode(400, 'DLI.0002'),
  }));
}
