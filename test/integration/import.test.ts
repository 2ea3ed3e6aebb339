import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { zip } from '../zip.ts';
import { itemsOf, jobItem, newProject, s3 } from './client.ts';

const JOBS = [
  { job_id: 100, name: 'a', sql_body: 'SELECT 1' },
  { job_id: '9007199254740993', name: 'b', cu_number: 3 },
  { name: 'c', job_type: 'flink_jar_job', main_class: 'com.example.Main' },
];

describe('an import of one archive', () => {
  test('creates its jobs and answers their ids', async () => {
    const project = await newProject();
    const { status, json } = await project.import(await project.putJobs('x.zip', JOBS));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      is_success: 'true',
      message: 'The job is imported successfully.',
      import_id: 1,
      job_mapping: [
        { old_job_id: 100, new_job_id: 1, remark: 'Job successfully created', action: 'created', job_name: 'a' },
        { new_job_id: 2, action: 'created', job_name: 'b', entry: 'jobs.json' },
        { new_job_id: 3, action: 'created', job_name: 'c' },
      ],
    });
    expect(json.job_mapping[2]).not.toHaveProperty('old_job_id');
  });

  test('writes is_success as a string and ids as bare integers, int64 digit for digit', async () => {
    const project = await newProject();
    const document =
      '[{"job_id": 9223372036854775807, "name": "a"}, {"job_id": "-12", "name": "b"}, {"job_id": 7.0, "name": "c"}]';
    const { text } = await project.import(await project.putJobs('x.zip', document));
    expect(text).toMatch(/^\{"is_success":"true",/);
    expect(text).toMatch(/"old_job_id":9223372036854775807,"new_job_id":1,/);
    expect(text).toMatch(/"old_job_id":-12,"new_job_id":2,/);
    expect(text).toMatch(/"old_job_id":7,"new_job_id":3,/);
  });

  test('leaves jobs of a known name as they are without is_cover', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', JOBS));
    const before = await jobItem(project.projectId, 'a');
    const { json } = await project.import(
      await project.putJobs('y.zip', [{ ...JOBS[0], sql_body: 'SELECT 2' }, ...JOBS.slice(1)]),
    );
    expect(json.is_success).toBe('true');
    expect(json.job_mapping.map(({ new_job_id, action }: Row) => [new_job_id, action])).toEqual([
      [-1, 'skipped'],
      [-1, 'skipped'],
      [-1, 'skipped'],
    ]);
    expect(await jobItem(project.projectId, 'a')).toEqual(before);
  });

  test('overwrites jobs of a known name with is_cover, keeps their ids and adds a revision', async () => {
    const project = await newProject();
    const first = await project.import(await project.putJobs('x.zip', JOBS));
    const again = await project.import(await project.putJobs('x.zip', JOBS), { is_cover: true });
    expect(again.json.job_mapping.map(({ action }: Row) => action)).toEqual([
      'overwritten',
      'overwritten',
      'overwritten',
    ]);
    expect(ids(again.json)).toEqual(ids(first.json));
    expect(await jobItem(project.projectId, 'a')).toMatchObject({ revision: 2, created_by: 1, job_id: 1 });
  });

  test('takes the strings "true" and "false" as is_cover', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', JOBS.slice(0, 1));
    await project.import(path);
    expect((await project.import(path, { is_cover: 'false' })).json.job_mapping[0].action).toBe('skipped');
    expect((await project.import(path, { is_cover: 'true' })).json.job_mapping[0].action).toBe('overwritten');
  });

  test("answers the reference's own example", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'test' })).catch(() => undefined);
    const project = await newProject([{ bucket: 'test' }]);
    const archive = zip([{ name: 'aggregate.json', data: '{"job_id": "100", "name": "myJob"}' }]);
    await s3.send(new PutObjectCommand({ Bucket: 'test', Key: 'ggregate_1582677879475.zip', Body: archive }));
    const body = '{"zip_file": "test/ggregate_1582677879475.zip", "is_cover": true}';
    const { status, text, json } = await project.send('POST', `${project.jobs}/import`, body);
    expect(status).toBe(200);
    expect(json).toMatchObject({ is_success: 'true', message: 'The job is imported successfully.' });
    expect(json.job_mapping[0].remark).toBe('Job successfully created');
    expect(text).toContain('"old_job_id":100,');
  });

  test.each(['obs://', 's3://', '/'])('takes a path that begins with %s', async (prefix) => {
    const project = await newProject();
    const { json } = await project.import(`${prefix}${await project.putJobs('x.ZIP', JOBS)}`);
    expect(json.is_success).toBe('true');
  });

  test('lets sound jobs in beside one that breaks a rule, and says which', async () => {
    const project = await newProject();
    const { status, json } = await project.import(
      await project.putJobs('x.zip', [{ name: 'ok' }, { job_id: 5, name: 'not ok' }, { name: 'a', cu_number: '2' }]),
    );
    expect(status).toBe(200);
    expect(json.is_success).toBe('false');
    expect(json.message).toMatch(/^2 of 3 jobs failed: /);
    expect(json.job_mapping).toMatchObject([
      { action: 'created', new_job_id: 1 },
      {
        action: 'failed',
        new_job_id: -1,
        old_job_id: 5,
        error_code: 'DLI.0001',
        remark: expect.stringMatching(
          /^Job 2 of ".*x\.zip", in "jobs\.json": name: expected 1 to 57 letters, digits, - or _, found a string of 6 characters$/,
        ),
      },
      {
        action: 'failed',
        job_name: 'a',
        remark: expect.stringMatching(
          /^Job 3 .*: job_config\.cu_number: expected an integer, found a string of 1 characters$/,
        ),
      },
    ]);
  });

  test('gives one job to a name that the archive holds twice: the first without cover, the last with', async () => {
    const twice = [
      { name: 'a', desc: '1' },
      { name: 'a', desc: '2' },
      { name: 'a', desc: '1' },
    ];
    for (const isCover of [false, true]) {
      const project = await newProject();
      const { json } = await project.import(await project.putJobs('x.zip', twice), { is_cover: isCover });
      expect(json.is_success).toBe('true');
      const [first, second, third] = json.job_mapping;
      const winner = isCover ? third : first;
      expect(winner.action).toBe('created');
      expect(second).toMatchObject({ action: 'duplicate', new_job_id: -1 });
      expect(isCover ? first : third).toMatchObject({ action: 'duplicate', new_job_id: winner.new_job_id });
      expect((await project.send('GET', project.jobs)).json.job_list.total_count).toBe(1);
    }
  });
});

describe('what an import leaves in the table', () => {
  test('is its record, its outcomes and counters that only grow', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', JOBS);
    await project.import(path);
    await project.import(path);
    const records = await itemsOf(`imports#${project.projectId}`);
    expect(records).toMatchObject([
      { import_id: 1, state: 'finished', is_cover: false, zip_file: path, counts: { created: 3 } },
      { import_id: 2, state: 'finished', counts: { skipped: 3 } },
    ]);
    expect(await itemsOf(`import#${project.projectId}#1`)).toMatchObject([{ sk: 'archive#00000' }]);
    expect(await itemsOf(`counter#${project.projectId}`)).toMatchObject([{ last_job_id: 6, last_import_id: 2 }]);
  });
});

type Row = { new_job_id: number; action: string };
const ids = ({ job_mapping }: { job_mapping: Row[] }) => job_mapping.map(({ new_job_id }) => new_job_id);
