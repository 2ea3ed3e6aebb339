import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LISTED_JOBS } from '../../lib/limits.ts';
import { newProject, type ProjectClient, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

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

  test.runIf(stack.isEmbedded).each([
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

  test('are not found by an id that none has, in this project or in another', async () => {
    const other = await newProject();
    // At once: each takes two seconds.
    const answers = await Promise.all([
      project.send('GET', `${project.jobs}/26`),
      project.send('GET', `${project.jobs}/99999999999999999999`),
      other.send('GET', `${other.jobs}/7`),
    ]);
    expect(answers.map(({ status, json }) => [status, json.error_code])).toEqual(Array(3).fill([400, 'DLI.16001']));
  });
});

describe('a list that is filtered', () => {
  const TAGS = [
    { key: 'team', value: 'a,b' },
    { key: 'env', value: 'x=y' },
    { key: 'tier', value: '1' },
  ];
  let project: ProjectClient;
  beforeAll(async () => {
    project = await newProject();
    const jobs = Array.from({ length: 12 }, (_, n) => ({
      name: `job-${n + 1}`,
      job_type: n % 2 === 0 ? 'flink_jar_job' : 'flink_sql_job',
      queue_name: n < 3 ? 'few' : 'many',
      sql_body: `SELECT ${n + 1}`,
      ...(n === 4 && { tags: TAGS }),
      ...(n === 5 && { tags: TAGS.slice(1, 2) }),
    }));
    await project.import(await project.putJobs('x.zip', jobs));
  });
  const list = async (query: string) => (await project.send('GET', `${project.jobs}?${query}`)).json.job_list;
  const found = async (query: string) => {
    const { total_count, jobs } = await list(`limit=100&order=asc&${query}`);
    expect(jobs).toHaveLength(total_count);
    return jobs.map(({ job_id }: { job_id: number }) => job_id);
  };

  test.each([
    ['job_type=flink_jar_job', [1, 3, 5, 7, 9, 11]],
    ['job_type=flink_jar_job&queue_name=few', [1, 3]],
    ['queue_name=few', [1, 2, 3]],
    ['queue_name=FEW', []],
    ['status=job_init&queue_name=few', [1, 2, 3]],
    ['status=job_running', []],
    ['user_name=somebody', []],
    ['root_job_id=-1&queue_name=few', [1, 2, 3]],
    ['root_job_id=7', []],
    ['tags=env%3Dx%3Dy', [5, 6]],
    ['tags=env=x', []],
    ['tags=tier=1,env=x=y', [5]],
    ['tags=tier=1,env=x', []],
    ['name=job-2&queue_name=few', [2]],
    ['name=job-2&queue_name=many', []],
    ['job_type=&tags=&queue_name=few', [1, 2, 3]],
  ])('by %s has %j', async (query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  test('is paged, and counted whole', async () => {
    const { total_count, jobs } = await list('job_type=flink_jar_job&limit=2&offset=1');
    expect(total_count).toBe(6);
    expect(jobs.map(({ job_id }: { job_id: number }) => job_id)).toEqual([9, 7]);
    expect(await list('job_type=flink_jar_job&limit=0')).toEqual({ total_count: 6, jobs: [] });
  });

  test('shows the tags of its jobs', async () => {
    expect((await list('name=job-5')).jobs).toMatchObject([{ tags: TAGS }]);
  });

  test('in detail shows each job as its own address does', async () => {
    const { jobs } = await list('show_detail=true&limit=3&order=asc');
    const own = [1, 2, 3].map(async (id) => (await project.send('GET', `${project.jobs}/${id}`)).json.job_detail);
    expect(jobs).toEqual(await Promise.all(own));
    expect(jobs[0]).toMatchObject({ sql_body: 'SELECT 1', job_config: { parallel_number: 1 } });
    expect((await list('show_detail=false&limit=1')).jobs[0]).not.toHaveProperty('job_config');
  });

  test.runIf(stack.isEmbedded)(
    'in detail that is more than an answer can hold is refused, and says what to do',
    async () => {
      const own = await newProject();
      const large = Array.from({ length: 7 }, (_, n) => ({ name: `j${n}`, sql_body: `${n}`.repeat(1_000_000) }));
      await own.import(await own.putJobs('x.zip', large));
      const { status, json } = await own.send('GET', `${own.jobs}?show_detail=true`);
      expect([status, json.error_code]).toEqual([400, 'DLI.0009']);
      expect(json.error_msg).toMatch(/7 jobs in detail .* Ask for fewer by limit/);
      expect((await own.send('GET', `${own.jobs}?show_detail=true&limit=4`)).json.job_list.jobs).toHaveLength(4);
    },
  );
});

describe('a list of very many jobs', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await startOwnStack();
  });
  afterAll(() => own.close());

  const SHARDS = 8;
  /** As many jobs in each shard as told, to whoever counts them. */
  const withCount = async (perShard: number) => {
    const project = await own.newProject();
    own.hooks.table = ({ operation, body }) =>
      operation === 'Query' && body.includes('"COUNT"')
        ? {
            status: 200,
            headers: { 'content-type': 'application/x-amz-json-1.0' },
            body: JSON.stringify({ Count: perShard, ScannedCount: perShard }),
          }
        : undefined;
    const answer = await project.send('GET', project.jobs);
    own.hooks.table = undefined;
    return answer;
  };

  test(`tells of ${LISTED_JOBS}`, async () => {
    expect((await withCount(LISTED_JOBS / SHARDS)).json.job_list.total_count).toBe(LISTED_JOBS);
  });

  test('asks for a filter beyond that', async () => {
    const { status, json } = await withCount(LISTED_JOBS / SHARDS + 1);
    expect([status, json.error_code]).toEqual([400, 'DLI.0009']);
    expect(json.error_msg).toContain('filter');
  });

  test.each([
    ['limit=100&order=asc', (id: number) => id > 0],
    ['limit=100&order=asc&queue_name=odd', (id: number) => id % 2 === 1],
    ['limit=7&offset=20&order=asc', (id: number) => id > 20 && id <= 27],
  ])('is whole and in order over as many pages of the index as it takes: %s', async (query, isListed) => {
    const project = await own.newProject();
    const ids = Array.from({ length: 60 }, (_, n) => n + 1);
    const jobs = ids.map((id) => ({ name: `j${id}`, queue_name: id % 2 === 1 ? 'odd' : 'even' }));
    await project.import(await project.putJobs('x.zip', jobs));
    own.table.reset();
    own.hooks.table = ({ operation, body }) =>
      operation === 'Query' ? { sent: JSON.stringify({ ...JSON.parse(body.toString()), Limit: 2 }) } : undefined;
    const { total_count, jobs: listed } = (await project.send('GET', `${project.jobs}?${query}`)).json.job_list;
    own.hooks.table = undefined;
    expect(listed.map(({ job_id }: { job_id: number }) => job_id)).toEqual(ids.filter(isListed));
    expect(total_count).toBe(query.includes('queue_name') ? 30 : 60);
    expect(own.table.calls.get('Query')).toBeGreaterThan(2 * SHARDS);
  });

  test('costs eight queries for a page, and eight for the count', async () => {
    const project = await own.newProject();
    await project.import(
      await project.putJobs(
        'x.zip',
        Array.from({ length: 200 }, (_, n) => ({ name: `j${n}` })),
      ),
    );
    own.table.reset();
    await project.send('GET', `${project.jobs}?limit=100`);
    expect(own.table.calls.get('Query')).toBe(16);
  });
});
