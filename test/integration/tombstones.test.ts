import { describe, expect, test } from 'vitest';
import { jobOrder } from '../../lib/job/order.ts';
import { openTable } from '../../lib/store/table.ts';
import { numberTombstones } from '../../lib/store/tombstones.ts';
import { dynamodb, jobItem, newProject, type ProjectClient, putItem, stack } from './client.ts';

/** The import that meets the tombstone. */
const OURS = 5;
const LAST_JOB = 100;
const NEVER = 4_000_000_000;
const WAS = {
  job_id: 77,
  created_by: 2,
  order: jobOrder({ isCover: false, importId: 2, archivePlace: 0, jobPlace: 0 }),
  content_hash: 'theirs',
};

/** A project whose next import is ours, and the tombstone of a job in it, as a delete leaves it. */
async function newProjectWithTombstone(deleted: number | undefined, was: Partial<typeof WAS> = {}) {
  const project = await newProject();
  const { projectId } = project;
  await putItem({ pk: `counter#${projectId}`, sk: 'counter', last_import_id: OURS - 1, last_job_id: LAST_JOB });
  await putItem({
    pk: `job#${projectId}#a`,
    sk: 'job',
    name: 'a',
    revision: 3,
    content_hash: WAS.content_hash,
    archive: 'bucket/old.zip',
    entry: 'old.json',
    update_time: 1,
    summary: {
      desc: 'old',
      job_type: 'x',
      run_mode: 'y',
      queue_name: 'q',
      status: 'z',
      status_desc: '',
      start_time: 0,
    },
    was: { ...WAS, ...was },
    expires_at: NEVER,
    ...(deleted !== undefined && { deleted }),
  });
  return project;
}

async function importOne(project: ProjectClient, isCover: boolean) {
  const path = await project.putJobs('x.zip', { name: 'a', desc: 'new' });
  const { json } = await project.import(path, { is_cover: isCover });
  return json;
}

describe.each([false, true])('an import with is_cover %s', (isCover) => {
  const refused = isCover
    ? { action: 'superseded', new_job_id: WAS.job_id, job_name: 'a' }
    : { action: 'skipped', new_job_id: -1, job_name: 'a' };

  test('begins a new life over the tombstone of a deletion before it, and leaves of it the number alone', async () => {
    const project = await newProjectWithTombstone(OURS - 1);
    const { import_id, job_mapping } = await importOne(project, isCover);
    expect(import_id).toBe(OURS);
    expect(job_mapping).toMatchObject([{ action: 'created', new_job_id: LAST_JOB + 1 }]);
    const item = await jobItem(project.projectId, 'a');
    expect(item).toMatchObject({ job_id: LAST_JOB + 1, created_by: OURS, deleted: OURS - 1, revision: 4 });
    expect(item).not.toHaveProperty('was');
    expect(item).not.toHaveProperty('expires_at');
    expect(item?.['summary']).toEqual(expect.not.objectContaining({ queue_name: 'q' }));
    const { json } = await project.send('GET', `${project.jobs}/${LAST_JOB + 1}`);
    expect(json.job_detail).toMatchObject({ name: 'a', desc: 'new', job_id: LAST_JOB + 1 });
    expect(Date.now() - json.job_detail.create_time).toBeLessThan(60_000);
  });

  test.each([OURS, OURS + 4])('leaves the tombstone of deletion %i as it is', async (deleted) => {
    const project = await newProjectWithTombstone(deleted);
    const tombstone = await jobItem(project.projectId, 'a');
    const { job_mapping } = await importOne(project, isCover);
    expect(job_mapping).toMatchObject([refused]);
    expect(await jobItem(project.projectId, 'a')).toEqual(tombstone);
  });

  test('numbers a tombstone without a number, and the next import begins a new life', async () => {
    const project = await newProjectWithTombstone(undefined);
    const tombstone = await jobItem(project.projectId, 'a');
    expect((await importOne(project, isCover)).job_mapping).toMatchObject([refused]);
    expect(await jobItem(project.projectId, 'a')).toEqual({ ...tombstone, deleted: OURS });
    expect((await importOne(project, isCover)).job_mapping).toMatchObject([{ action: 'created' }]);
    const item = await jobItem(project.projectId, 'a');
    expect(item).toMatchObject({ created_by: OURS + 1, deleted: OURS });
    expect(item).not.toHaveProperty('was');
  });

  test.each([OURS, undefined])('tells of its own job that was deleted since, with number %s', async (deleted) => {
    const order = jobOrder({ isCover, importId: OURS, archivePlace: 0, jobPlace: 0 });
    const project = await newProjectWithTombstone(deleted, { created_by: OURS, order });
    const { is_success, job_mapping } = await importOne(project, isCover);
    expect(is_success).toBe('true');
    expect(job_mapping).toMatchObject([{ action: 'created', new_job_id: WAS.job_id }]);
    expect(await jobItem(project.projectId, 'a')).toMatchObject({ was: { job_id: WAS.job_id }, deleted: OURS });
  });
});

describe('a tombstone', () => {
  const table = openTable(dynamodb, stack.table);

  test('is no job', async () => {
    const project = await newProjectWithTombstone(OURS - 1);
    for (const query of ['', '?name=a']) {
      const { json } = await project.send('GET', `${project.jobs}${query}`);
      expect(json.job_list).toEqual({ total_count: 0, jobs: [] });
    }
    const { status, json } = await project.send('GET', `${project.jobs}/${WAS.job_id}`);
    expect([status, json.error_code]).toEqual([400, 'DLI.16001']);
  });

  test('is numbered with the import that was accepted last', async () => {
    const { projectId } = await newProjectWithTombstone(undefined);
    await numberTombstones(table, projectId, [{ name: 'a', jobId: WAS.job_id }]);
    expect(await jobItem(projectId, 'a')).toMatchObject({ deleted: OURS - 1, was: WAS, expires_at: NEVER });
  });

  test('keeps the number that it has', async () => {
    const { projectId } = await newProjectWithTombstone(1);
    await numberTombstones(table, projectId, [{ name: 'a', jobId: WAS.job_id }]);
    expect(await jobItem(projectId, 'a')).toMatchObject({ deleted: 1 });
  });

  test('of another life is left alone', async () => {
    const { projectId } = await newProjectWithTombstone(undefined);
    await numberTombstones(table, projectId, [{ name: 'a', jobId: WAS.job_id - 1 }]);
    expect(await jobItem(projectId, 'a')).not.toHaveProperty('deleted');
  });

  test('that is no more is not brought back', async () => {
    const { projectId } = await newProject();
    await numberTombstones(table, projectId, [{ name: 'a', jobId: WAS.job_id }]);
    expect(await jobItem(projectId, 'a')).toBeUndefined();
  });
});
