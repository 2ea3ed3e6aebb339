import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXPORT_FILE_JOBS, EXPORT_JOBS, ID_LIST_BODY_BYTES } from '../../lib/limits.ts';
import { INTERNAL_PREFIXES } from '../../lib/store/blobs.ts';
import { newProject, objectKeys, type ProjectClient, s3, stack } from './client.ts';
import { exportAll, exportedKeys, exportSome, folderOf, jobsOf, newExporter, readObject, textsOf } from './exports.ts';

const MIB = 1_048_576;
const numbered = (count: number, name = 'j') => Array.from({ length: count }, (_, n) => ({ name: `${name}${n}` }));
const namesIn = async (paths: string[]) =>
  (await Promise.all(paths.map(jobsOf))).map((jobs) => jobs.map((job) => job.name));

describe('an export', () => {
  let project: ProjectClient;
  beforeAll(async () => {
    project = await newExporter();
    const jobs = ['c', 'a', 'b', 'd'].map((name) => ({ name, desc: `job ${name}` }));
    await project.import(await project.putJobs('x.zip', jobs));
  });

  test('of all jobs is one file, and answers where it is', async () => {
    const { status, json, headers } = await exportAll(project);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(json).toEqual({
      is_success: 'true',
      message: 'The job is exported successfully.',
      zip_file: [expect.stringMatching(new RegExp(`^${folderOf(project)}/aggregate_[0-9]{13}\\.zip$`))],
    });
    expect([...(await textsOf(json.zip_file[0]))].slice(1)).toEqual([
      ['c.json', '{"desc":"job c","job_id":1,"name":"c"}'],
      ['a.json', '{"desc":"job a","job_id":2,"name":"a"}'],
      ['b.json', '{"desc":"job b","job_id":3,"name":"b"}'],
      ['d.json', '{"desc":"job d","job_id":4,"name":"d"}'],
    ]);
  });

  test('has a manifest with the hash of each job, which its import takes', async () => {
    const { json } = await exportSome(project, [2, 4]);
    const texts = await textsOf(json.zip_file[0]);
    const [a, d] = await jobsOf(json.zip_file[0]);
    expect(JSON.parse(texts.get('manifest.json') ?? '')).toEqual({
      format: 'flink-job-export',
      version: 1,
      jobs: 2,
      content_hashes: { 'a.json': a?.ok && a.contentHash, 'd.json': d?.ok && d.contentHash },
    });
  });

  test('of some jobs holds them once each, in the order of their ids', async () => {
    const { json } = await exportSome(project, [4, 1, 4, 3]);
    expect(await namesIn(json.zip_file)).toEqual([['c', 'b', 'd']]);
  });

  test('of all jobs does not mind ids, as clients send an empty list then', async () => {
    const { json } = await exportAll(project, { job_selected: [] });
    expect(await namesIn(json.zip_file)).toEqual([['c', 'a', 'b', 'd']]);
    expect((await exportAll(project, { job_selected: null })).status).toBe(200);
  });

  test('made twice is the same bytes under another name', async () => {
    const [first, second] = [await exportAll(project), await exportSome(project, [1, 2, 3, 4])];
    const [one, other] = [first.json.zip_file[0], second.json.zip_file[0]];
    expect(one).not.toBe(other);
    expect((await readObject(one)).equals(await readObject(other))).toBe(true);
  });

  test('is the same bytes again after it covered the jobs that it is of', async () => {
    const first = (await exportAll(project)).json.zip_file[0];
    const { json } = await project.import(first, { is_cover: true });
    expect(json.job_mapping.map(({ action }: { action: string }) => action)).toEqual(Array(4).fill('overwritten'));
    const again = (await exportAll(project)).json.zip_file[0];
    expect((await readObject(again)).equals(await readObject(first))).toBe(true);
  });

  test('is an archive to everybody: its type says so', async () => {
    const { json } = await exportAll(project);
    const key = json.zip_file[0].slice(stack.bucket.length + 1);
    const response = await fetch(`${stack.s3Endpoint}/${stack.bucket}/${key}`, { method: 'HEAD' });
    expect(response.headers.get('content-type')).toBe('application/zip');
  });

  test.each(['', '/'])('takes every spelling of its folder: %j at the end', async (end) => {
    const folder = folderOf(project);
    for (const begin of ['', '/', 'obs://', 's3://', 'S3://']) {
      const { json } = await exportAll(project, { obs_dir: `${begin}${folder}${end}` });
      expect(json.zip_file).toEqual([expect.stringMatching(`^${folder}/aggregate_`)]);
    }
  });

  test('may go to a whole bucket', async () => {
    const { json } = await exportAll(project, { obs_dir: stack.bucket });
    expect(json.zip_file).toEqual([expect.stringMatching(`^${stack.bucket}/aggregate_[0-9]+.zip$`)]);
  });
});

describe('an export is refused', () => {
  let project: ProjectClient;
  beforeAll(async () => {
    project = await newExporter();
    await project.import(await project.putJobs('x.zip', numbered(2)));
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no obs_dir', { obs_dir: undefined }, /^obs_dir: expected string, found nothing/],
    ['an obs_dir that is no text', { obs_dir: 3 }, /^obs_dir: expected string, found number/],
    ['no is_selected', { is_selected: undefined }, /^is_selected: expected true or false/],
    ['an is_selected that is a text', { is_selected: 'false' }, /^is_selected: expected true or false/],
    ['no selection', { is_selected: true }, /^job_selected: expected array, found nothing/],
    ['an empty selection', { is_selected: true, job_selected: [] }, /^job_selected: expected at least one id/],
    ['an id that is a text', { is_selected: true, job_selected: [1, '2'] }, /^job_selected\.1: expected number/],
    ['an id that is a fraction', { is_selected: true, job_selected: [1.5] }, /^job_selected\.0: expected an integer/],
    ['the path of an archive', { obs_dir: `${stack.bucket}/x.zip` }, /^obs_dir names an archive/],
    ['a path that leads up', { obs_dir: `${stack.bucket}/a/../b` }, /^obs_dir holds an empty segment, "\." or "\.\."/],
  ])('for %s', async (_, fields, message) => {
    const { status, json } = await exportAll(project, fields);
    expect([status, json.error_code]).toEqual([400, 'DLI.0001']);
    expect(json.error_msg).toMatch(message);
  });

  test.each([
    ['1', [7], '7'],
    ['some', [2, 9, 1, 8], '8, 9'],
    ['many', [1, ...Array.from({ length: 9 }, (_, n) => n + 100)], '100, 101, 102, 103, 104 and 4 more'],
    ['no possible', [-1, 0, 2 ** 53 - 1], '-1, 0, 9007199254740991'],
  ])('for %s unknown ids, which it names, and writes nothing', async (_, ids, shown) => {
    const { status, json } = await exportSome(project, ids);
    expect([status, json]).toEqual([
      400,
      {
        error_code: 'DLI.16001',
        error_msg: `job_selected holds ids that no Flink job of this project has: ${shown}. Nothing was exported.`,
      },
    ]);
    expect(await exportedKeys(project)).toEqual([]);
  });

  test.each(['9007199254740993', '9223372036854775807', '-9223372036854775808', '1e300'])(
    'for an id that no job can have, and says so: %s',
    async (id) => {
      const body = `{"obs_dir":"${folderOf(project)}","is_selected":true,"job_selected":[1,${id}]}`;
      const { status, json } = await project.send('POST', `${project.jobs}/export`, body);
      expect([status, json.error_code]).toEqual([400, 'DLI.16001']);
      expect(json.error_msg).toMatch(/ids beyond 9007199254740991, which no Flink job has/);
      expect(await exportedKeys(project)).toEqual([]);
    },
  );

  test("for a job of another project, as if it wasn't there", async () => {
    const other = await newProject();
    await other.import(await other.putJobs('x.zip', numbered(3)));
    expect((await exportSome(project, [3])).json.error_code).toBe('DLI.16001');
    expect((await project.send('POST', `${other.jobs}/export`, '{}')).status).toBe(403);
  });

  test(`for more than ${EXPORT_JOBS} ids, not for as many`, async () => {
    const ids = (count: number) => Array.from({ length: count }, (_, n) => n + 1);
    const { status, json } = await exportSome(project, ids(EXPORT_JOBS + 1));
    expect([status, json.error_code]).toEqual([400, 'DLI.0009']);
    expect(json.error_msg).toBe(`An export takes at most ${EXPORT_JOBS} jobs; job_selected has 20001. Select fewer.`);
    expect((await exportSome(project, [...ids(EXPORT_JOBS), 1])).json.error_code).toBe('DLI.16001');
  });

  test('for a body that is too large', async () => {
    const body = (bytes: number) => `{"obs_dir":"${folderOf(project)}","is_selected":false}`.padEnd(bytes);
    const ask = (bytes: number) => project.send('POST', `${project.jobs}/export`, body(bytes));
    expect((await ask(ID_LIST_BODY_BYTES + 1)).json.error_code).toBe('APIGW.0201');
    expect((await ask(ID_LIST_BODY_BYTES)).status).toBe(200);
  });
});

describe('an export goes to a location that may be written', () => {
  let project: ProjectClient;
  let own: string;
  beforeAll(async () => {
    own = `own-${process.pid}-${Date.now()}`;
    project = await newProject([
      { bucket: stack.bucket, prefix: `${own}/read` },
      { bucket: stack.bucket, prefix: `${own}/write`, write: true },
      { bucket: stack.bucket, prefix: `${own}/read/write`, write: true },
    ]);
    await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: `${own}/other/there.zip`, Body: 'x' }));
  });
  const refusal = () => ({
    error_code: 'DLI.0011',
    error_msg:
      'obs_dir names a location that this project may not write. ' +
      `It may write ${stack.bucket}/${own}/write/, ${stack.bucket}/${own}/read/write/.`,
  });

  test.each(['write', 'write/more', 'read/write'])('as %s', async (folder) => {
    expect((await exportAll(project, { obs_dir: `${stack.bucket}/${own}/${folder}` })).status).toBe(200);
  });

  test.each(['read', 'read/more', 'other', 'nowhere', 'write2', 'WRITE', ''])(
    'and to no other, be it there or not: %j',
    async (folder) => {
      const { status, json } = await exportAll(project, { obs_dir: `${stack.bucket}/${own}/${folder}` });
      expect([status, json]).toEqual([400, refusal()]);
    },
  );

  test.each(['no-such-bucket', 'test/a', 'another-bucket/x'])('nor to another bucket: %s', async (path) => {
    expect((await exportAll(project, { obs_dir: path })).json).toEqual(refusal());
  });

  test('never to where archives import themselves, also if all of the bucket is open', async () => {
    const open = await newExporter();
    await open.import(await open.putJobs('x.zip', numbered(1)));
    for (const folder of ['uploads', 'uploads/', `uploads/${open.projectId}`, `uploads/${open.projectId}/a`]) {
      const { status, json } = await exportAll(open, { obs_dir: `${stack.bucket}/${folder}` });
      expect([status, json.error_code]).toEqual([400, 'DLI.0011']);
      expect(json.error_msg).toMatch(/^obs_dir lies below uploads\/, where every archive is imported by itself/);
    }
    expect(await objectKeys(`uploads/${open.projectId}/`)).toEqual([]);
  });

  test.each([...INTERNAL_PREFIXES])('never to what the service keeps for itself: %s', async (prefix) => {
    const open = await newExporter();
    const { json } = await exportAll(open, { obs_dir: `${stack.bucket}/${prefix}` });
    expect(json).toMatchObject({ error_code: 'DLI.0011', error_msg: expect.stringContaining('keeps for itself') });
  });
});

describe('a project without jobs', () => {
  test('exports nothing, and is told so', async () => {
    const project = await newExporter();
    const { status, json } = await exportAll(project);
    expect([status, json]).toEqual([200, { is_success: 'true', message: 'There is no job to export.', zip_file: [] }]);
    expect(await exportedKeys(project)).toEqual([]);
  });

  test('is one whose jobs were deleted', async () => {
    const project = await newExporter();
    await project.import(await project.putJobs('x.zip', numbered(2)));
    await project.send('DELETE', `${project.jobs}/1`);
    expect(await namesIn((await exportAll(project)).json.zip_file)).toEqual([['j1']]);
    await project.send('DELETE', `${project.jobs}/2`);
    expect((await exportAll(project)).json.zip_file).toEqual([]);
  });
});

describe('a large export', () => {
  test(`has a new file after ${EXPORT_FILE_JOBS} jobs`, async () => {
    const project = await newExporter();
    await project.import(await project.putJobs('x.zip', numbered(EXPORT_FILE_JOBS)));
    const { json: whole } = await exportAll(project, { obs_dir: `${folderOf(project)}/whole` });
    expect(whole.zip_file).toHaveLength(1);
    await project.import(await project.putJobs('y.zip', numbered(1, 'more')));
    const { json } = await exportAll(project, { obs_dir: `${folderOf(project)}/more` });
    expect((await namesIn(json.zip_file)).map((names) => names.length)).toEqual([EXPORT_FILE_JOBS, 1]);
    expect(new Set(json.zip_file).size).toBe(2);
  });

  test('has a new file after 48 MiB of definitions, and is imported again as a folder', async () => {
    const [project, other] = [await newExporter(), await newProject()];
    const jobs = Array.from({ length: 50 }, (_, n) => ({ name: `j${n}`, sql_body: String(n % 10).repeat(MIB - 60) }));
    const files = jobs.map((job) => ({ name: `${job.name}.json`, data: JSON.stringify(job) }));
    await project.import(await project.put('x.zip', files));
    const { json } = await exportAll(project);
    expect((await namesIn(json.zip_file)).map((names) => names.length)).toEqual([48, 2]);
    const { json: imported } = await other.import(folderOf(project));
    expect(imported).toMatchObject({ is_success: 'true' });
    expect(imported.job_mapping).toHaveLength(jobs.length);
  });
});

describe('an export that was changed', () => {
  let path: string;
  let texts: Map<string, string>;
  beforeAll(async () => {
    const project = await newExporter();
    await project.import(await project.putJobs('x.zip', numbered(3)));
    path = (await exportAll(project)).json.zip_file[0];
    texts = await textsOf(path);
  });
  const importOf = async (files: Map<string, string>) => {
    const project = await newProject();
    return project.import(
      await project.put(
        'x.zip',
        [...files].map(([name, data]) => ({ name, data })),
      ),
    );
  };

  test('is taken as it is', async () => {
    expect((await importOf(texts)).json.is_success).toBe('true');
  });

  test.each<[string, (files: Map<string, string>) => void]>([
    ['a job of it is missing', (files) => files.delete('j1.json')],
    ['a job of it is another', (files) => files.set('j1.json', '{"name":"j1","desc":"new"}')],
    ['a job came to it', (files) => files.set('x.json', '{"name":"x"}')],
  ])('is refused whole if %s, and says what to do', async (_, change) => {
    const files = new Map(texts);
    change(files);
    const { status, json } = await importOf(files);
    expect([status, json.error_code]).toEqual([400, 'DLI.0018']);
    expect(json.error_msg).toMatch(/Entry "manifest\.json": expected .*pack what was changed without it/);
  });

  test('is taken without its manifest', async () => {
    const files = new Map(texts);
    files.delete('manifest.json');
    files.delete('j1.json');
    expect((await importOf(files)).json.job_mapping).toHaveLength(2);
  });
});
