import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobOrder } from '../../lib/job/order.ts';
import { DELETE_JOBS } from '../../lib/limits.ts';
import { deleteJobs } from '../../lib/store/delete-jobs.ts';
import { openTable } from '../../lib/store/table.ts';
import type { Call } from '../proxy.ts';
import { dynamodb, jobItem, newProject, objectKeys, type ProjectClient, s3, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const LARGE = `-- ${Array.from({ length: 60_000 }, (_, n) => (n * 2_654_435_761).toString(36)).join('')}`;

const idsOf = async (project: ProjectClient): Promise<number[]> =>
  (await project.send('GET', `${project.jobs}?limit=100&order=asc`)).json.job_list.jobs.map(
    ({ job_id }: { job_id: number }) => job_id,
  );
const remove = (project: ProjectClient, id: unknown) => project.send('DELETE', `${project.jobs}/${id}`);
const removeAll = (project: ProjectClient, job_ids: unknown) =>
  project.send('POST', `${project.jobs}/delete`, JSON.stringify({ job_ids }));

// At once: to look for an id that no job has takes two seconds.
describe.concurrent('a job that is deleted', () => {
  test('is gone from the list and from its address, and its name is free', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', [{ name: 'a', desc: 'old' }, { name: 'b' }]);
    await project.import(path);
    const { status, json } = await remove(project, 1);
    expect([status, json]).toEqual([200, { is_success: 'true', message: 'The job is successfully deleted.' }]);
    expect(await idsOf(project)).toEqual([2]);
    expect((await project.send('GET', `${project.jobs}/1`)).json.error_code).toBe('DLI.16001');
    const { json: again } = await project.import(await project.putJobs('y.zip', { name: 'a' }));
    expect(again.job_mapping).toMatchObject([{ action: 'created', new_job_id: 3 }]);
    const shown = (await project.send('GET', `${project.jobs}/3`)).json.job_detail;
    expect(shown).toMatchObject({ name: 'a', desc: '', job_id: 3 });
    expect(await jobItem(project.projectId, 'a')).toMatchObject({ revision: 2, deleted: 1 });
  });

  test('leaves a tombstone with the number of the last import, and nothing of its definition', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a', sql_body: LARGE }));
    await project.import(await project.putJobs('y.zip', { name: 'b' }));
    const before = await jobItem(project.projectId, 'a');
    expect(await objectKeys(`definitions/${project.projectId}/`)).toHaveLength(1);
    await remove(project, 1);
    const tombstone = await jobItem(project.projectId, 'a');
    expect(tombstone).toMatchObject({
      deleted: 2,
      was: { job_id: 1, created_by: 1, order: before?.['order'], content_hash: before?.['content_hash'] },
    });
    for (const gone of ['job_id', 'id_shard', 'created_by', 'create_time', 'order', 'definition', 'definition_key']) {
      expect(tombstone).not.toHaveProperty(gone);
    }
    expect(Number(tombstone?.['expires_at'])).toBeGreaterThan(Date.now() / 1000 + 89 * 24 * 60 * 60);
    expect(await objectKeys(`definitions/${project.projectId}/`)).toEqual([]);
  });

  test.each(['1', '999', '9007199254740991'])(
    'is told to be none the second time, or if it never was: %s',
    async (id) => {
      const project = await newProject();
      await project.import(await project.putJobs('x.zip', { name: 'a' }));
      await remove(project, 1);
      const { status, json } = await remove(project, id);
      expect([status, json.error_code]).toEqual([400, 'DLI.16001']);
      expect(json.error_msg).toContain(id);
    },
  );

  test('of another project is none', async () => {
    const [own, other] = [await newProject(), await newProject()];
    await other.import(await other.putJobs('x.zip', [{ name: 'a' }]));
    expect((await remove(own, 1)).json.error_code).toBe('DLI.16001');
    expect((await own.send('DELETE', `${other.jobs}/1`)).status).toBe(403);
    expect(await idsOf(other)).toEqual([1]);
  });

  test.runIf(stack.isEmbedded).each(['x', '1.5', '-1', '%31'])(
    'has an id of digits: %s is an unknown path',
    async (id) => {
      const project = await newProject();
      expect((await remove(project, id)).status).toBe(id === '%31' ? 400 : 404);
    },
  );
});

describe.concurrent('a batch of deletions', () => {
  test('answers one result for each id, in their order', async () => {
    const project = await newProject();
    await project.import(
      await project.putJobs(
        'x.zip',
        ['a', 'b', 'c'].map((name) => ({ name })),
      ),
    );
    const { status, json } = await removeAll(project, [3, 77, 1, 3]);
    expect(status).toBe(200);
    const deleted = { is_success: 'true', message: 'The job is successfully deleted.' };
    expect(json).toEqual([deleted, { is_success: 'false', message: expect.stringContaining('77') }, deleted, deleted]);
    expect(await idsOf(project)).toEqual([2]);
  });

  test.runIf(stack.isEmbedded).each([
    ['no list', undefined],
    ['an empty list', []],
    ['a text', ['1']],
    ['a fraction', [1.5]],
    [`${DELETE_JOBS + 1} ids`, Array.from({ length: DELETE_JOBS + 1 }, (_, n) => n)],
  ])('with %s is refused', async (_, ids) => {
    const { status, json } = await removeAll(await newProject(), ids);
    expect([status, json.error_code]).toEqual([400, 'DLI.0001']);
    expect(json.error_msg).toContain('job_ids');
  });

  test('may have ids of 64 bits, which no job can have, beside others', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', [{ name: 'a', job_id: 7 }]));
    const body = '{"job_ids":[9223372036854775807,1,-9223372036854775808,9007199254740993]}';
    const { status, json } = await project.send('POST', `${project.jobs}/delete`, body);
    expect(status).toBe(200);
    const none = { is_success: 'false', message: 'There is no Flink job with an id beyond 9007199254740991.' };
    const deleted = { is_success: 'true', message: 'The job is successfully deleted.' };
    expect(json).toEqual([none, deleted, none, none]);
  });

  test.runIf(stack.isEmbedded)(`may have ${DELETE_JOBS} ids`, async () => {
    const project = await newProject();
    await project.import(
      await project.putJobs(
        'x.zip',
        Array.from({ length: 60 }, (_, n) => ({ name: `j${n}` })),
      ),
    );
    const { status, json } = await removeAll(
      project,
      Array.from({ length: DELETE_JOBS }, (_, n) => n + 1),
    );
    expect(status).toBe(200);
    expect(json.map(({ is_success }: { is_success: string }) => is_success)).toEqual(
      Array.from({ length: DELETE_JOBS }, (_, n) => String(n < 60)),
    );
    expect(await idsOf(project)).toEqual([]);
  });
});

describe('a deletion on a table that is in the way', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await startOwnStack();
  });
  afterAll(() => own.close());

  const withJob = async () => {
    const project = await own.newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    return project;
  };

  test('whose answer is lost is done once', async () => {
    const project = await withJob();
    let cut = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"job#') && cut++ === 0 ? { reset: 'after' } : undefined;
    const { status, json } = await remove(project, 1);
    own.hooks.table = undefined;
    expect([status, json.is_success]).toEqual([200, 'true']);
    expect(await jobItem(project.projectId, 'a')).toMatchObject({ was: { job_id: 1 }, deleted: 1 });
  });

  test('deletes what was overwritten while it was deleted', async () => {
    const project = await withJob();
    let met = 0;
    own.hooks.table = ({ operation, body }) => {
      if (operation !== 'UpdateItem' || !body.includes('"job#') || met++ > 0) return undefined;
      return {
        first: async () =>
          void (await project.import(await project.putJobs('x.zip', { name: 'a', desc: 'new' }), { is_cover: true })),
      };
    };
    const { status } = await remove(project, 1);
    own.hooks.table = undefined;
    expect(status).toBe(200);
    // What it was last: whatever an import of then reads from the tombstone must be that.
    const order = jobOrder({ isCover: true, importId: 2, archivePlace: 0, jobPlace: 0 });
    const was = { job_id: 1, created_by: 1, order };
    expect(await jobItem(project.projectId, 'a')).toMatchObject({ was, deleted: 2 });
  });

  test('that does not come to pass leaves the job whole, its definition in S3 too', async () => {
    const project = await own.newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a', sql_body: LARGE }));
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"job#')
        ? { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}' }
        : undefined;
    expect((await remove(project, 1)).json.error_code).toBe('DLI.0999');
    own.hooks.table = undefined;
    expect((await project.send('GET', `${project.jobs}/1`)).json.job_detail.sql_body).toBe(LARGE);
  });

  test('for which there is no time is not begun', async () => {
    const project = await withJob();
    const { projectId } = project;
    const onFault = (error: unknown) => expect.unreachable(String(error));
    const home = { bucket: stack.bucket, owner: '000000000000' };
    const deletions = await deleteJobs(openTable(dynamodb, stack.table), { s3, home }, projectId, [1], {
      beginUntil: Date.now(),
      onFault,
    });
    expect([...deletions]).toEqual([[1, 'no_time']]);
    expect(await idsOf(project)).toEqual([1]);
  });

  test.each<[string, (call: Call) => boolean]>([
    ['its number cannot be read', ({ operation, body }) => operation === 'GetItem' && body.includes('"counter#')],
    [
      'its number cannot be written',
      ({ operation, body }) =>
        operation === 'UpdateItem' &&
        body.includes('"was"') &&
        body.includes('"deleted"') &&
        !body.includes('"revision"'),
    ],
  ])('says that it does not know, and leaves a tombstone that refuses, if %s', async (_, isHit) => {
    const project = await withJob();
    own.hooks.table = (call) =>
      isHit(call)
        ? { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}' }
        : undefined;
    const { status, json } = await remove(project, 1);
    own.hooks.table = undefined;
    expect([status, json.error_code]).toEqual([400, 'DLI.0999']);
    const tombstone = await jobItem(project.projectId, 'a');
    expect(tombstone).toMatchObject({ was: { job_id: 1 } });
    expect(tombstone).not.toHaveProperty('deleted');
    // Whoever meets it numbers it: an import that is accepted later may have the name.
    await project.import(await project.putJobs('y.zip', { name: 'a' }));
    expect((await project.import(await project.putJobs('y.zip', { name: 'a' }))).json.job_mapping).toMatchObject([
      { action: 'created' },
    ]);
  });
});
