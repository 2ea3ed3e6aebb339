import { beforeAll, describe, expect, test } from 'vitest';
import { newProject, type ProjectClient } from './client.ts';

describe('the jobs of a project', () => {
  let project: ProjectClient;
  beforeAll(async () => {
    project = await newProject();
    const jobs = Array.from({ length: 25 }, (_, n) => ({
      name: `job-${n + 1}`,
      desc: `number ${n + 1}`,
      queue_name: 'q',
    }));
    await project.import(await project.putJobs('x.zip', jobs));
  });
  const list = async (query: string) => (await project.send('GET', `${project.jobs}${query}`)).json.job_list;
  const ids = (jobs: { job_id: number }[]) => jobs.map(({ job_id }) => job_id);

  test('are listed ten at a time, the newest first', async () => {
    const { total_count, jobs } = await list('');
    expect(total_count).toBe(25);
    expect(ids(jobs)).toEqual([25, 24, 23, 22, 21, 20, 19, 18, 17, 16]);
  });

  test('are paged by limit and offset in either order', async () => {
    expect(ids((await list('?limit=4&offset=3&order=asc')).jobs)).toEqual([4, 5, 6, 7]);
    expect(ids((await list('?limit=100&offset=22&order=desc')).jobs)).toEqual([3, 2, 1]);
    expect(await list('?limit=0')).toEqual({ total_count: 25, jobs: [] });
    expect(ids((await list('?offset=25')).jobs)).toEqual([]);
  });

  test('are found by their exact name', async () => {
    expect(await list('?name=job-7')).toMatchObject({
      total_count: 1,
      jobs: [{ job_id: 7, name: 'job-7', queue_name: 'q' }],
    });
    expect(await list('?name=job')).toEqual({ total_count: 0, jobs: [] });
    expect((await list('?name=')).total_count).toBe(25);
  });

  test('are shown with what the API owns and with defaults', async () => {
    const { status, json } = await project.send('GET', `${project.jobs}/7`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      is_success: 'true',
      job_detail: {
        job_id: 7,
        name: 'job-7',
        desc: 'number 7',
        status: 'job_init',
        start_time: 0,
        run_mode: 'shared_cluster',
        job_type: 'flink_opensource_sql_job',
        project_id: project.projectId,
        job_config: { parallel_number: 1, root_id: -1 },
      },
    });
  });

  test('never take from an archive what the API owns', async () => {
    const own = await newProject();
    const claims = {
      name: 'a',
      job_id: 77,
      status: 'job_running',
      user_name: 'eve',
      project_id: 'other',
      create_time: 5,
      pk: 'job#other#x',
    };
    await own.import(await own.putJobs('x.zip', claims));
    const { json } = await own.send('GET', `${own.jobs}/1`);
    expect(json.job_detail).toMatchObject({ job_id: 1, status: 'job_init', project_id: own.projectId });
    expect(json.job_detail.create_time).toBeGreaterThan(5);
    expect(json.job_detail).not.toHaveProperty('user_name');
    expect(json.job_detail).not.toHaveProperty('pk');
  });

  test.each([
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=ten', 'limit'],
    ['offset=-1', 'offset'],
    ['offset=1.5', 'offset'],
    ['order=up', 'order'],
    [`name=${'n'.repeat(58)}`, 'name'],
  ])('are refused for ?%s, naming the parameter', async (query, parameter) => {
    const { status, json } = await project.send('GET', `${project.jobs}?${query}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error_code: 'DLI.0001',
      error_msg: expect.stringMatching(new RegExp(`^${parameter}: `)),
    });
  });

  test.each(['status=job_running', 'job_type=flink_jar_job', 'show_detail=true', 'tags=a=b'])(
    'are not listed as if ?%s was not asked for',
    async (query) => {
      const { status, json } = await project.send('GET', `${project.jobs}?${query}`);
      expect(status).toBe(400);
      expect(json).toMatchObject({
        error_code: 'DLI.0007',
        error_msg: expect.stringMatching(/^\w+: not supported yet/),
      });
    },
  );

  test('are not found by an id that none has, in this project or in another', async () => {
    const other = await newProject();
    for (const [client, id] of [
      [project, '26'],
      [project, '99999999999999999999'],
      [other, '7'],
    ] as const) {
      const { status, json } = await client.send('GET', `${client.jobs}/${id}`);
      expect(status).toBe(400);
      expect(json.error_code).toBe('DLI.16001');
    }
  });
});
