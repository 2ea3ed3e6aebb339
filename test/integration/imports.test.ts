import { describe, expect, test } from 'vitest';
import { itemsOf, newProject, putItem } from './client.ts';

describe('the imports of a project', () => {
  test('are listed newest first, with who asked for what, when, and what it came to', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', [{ name: 'a' }, { name: 'b' }]);
    const broken = await project.put('broken.zip', Buffer.from('no zip'));
    const before = Date.now();
    await project.import(path);
    await project.import(path, { is_cover: true });
    await project.import(broken);
    const { status, json } = await project.send('GET', `${project.jobs}/imports`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      is_success: 'true',
      imports: [
        { import_id: 3, zip_file: broken, state: 'failed', counts: { failed: 1 }, archives_total: 1 },
        { import_id: 2, zip_file: path, is_cover: true, state: 'finished', counts: { overwritten: 2 } },
        { import_id: 1, zip_file: path, is_cover: false, state: 'finished', counts: { created: 2 } },
      ],
    });
    expect(json).not.toHaveProperty('next_marker');
    for (const { start_time, end_time, requested_by } of json.imports) {
      expect(start_time).toBeGreaterThanOrEqual(before);
      expect(end_time).toBeGreaterThanOrEqual(start_time);
      expect(requested_by).toMatch(/^token [0-9a-f]{8}$/);
    }
  });

  test('are paged', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', { name: 'a' });
    for (let n = 0; n < 5; n++) await project.import(path);
    const pages: number[][] = [];
    let query = '?limit=2';
    while (pages.length < 3) {
      const { json } = await project.send('GET', `${project.jobs}/imports${query}`);
      pages.push(json.imports.map(({ import_id }: { import_id: number }) => import_id));
      query = `?limit=2&marker=${json.next_marker}`;
    }
    expect(pages).toEqual([[5, 4], [3, 2], [1]]);
    expect(query).toContain('undefined');
  });

  test('are all listed, also where a page of the table is full before', async () => {
    const project = await newProject();
    const record = {
      is_cover: false,
      zip_file: 'b/x.zip',
      requested_by: 'token',
      state: 'finished',
      counts: { created: 1 },
      archives_total: 1,
    };
    const times = { start_time: 1, lease: 1, expires_at: Math.floor(Date.now() / 1000) + 1_000 };
    for (let import_id = 1; import_id <= 9; import_id++) {
      const sk = String(import_id).padStart(16, '0');
      await putItem({
        pk: `imports#${project.projectId}`,
        sk,
        import_id,
        ...record,
        ...times,
        archives: Buffer.alloc(290_000),
      });
    }
    const { json } = await project.send('GET', `${project.jobs}/imports?limit=100`);
    expect(json.imports.map(({ import_id }: { import_id: number }) => import_id)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(json).not.toHaveProperty('next_marker');
  });

  test('are kept for 90 days', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    const days = ([item]: Record<string, unknown>[]) => (Number(item?.['expires_at']) - Date.now() / 1000) / 86_400;
    expect(days(await itemsOf(`imports#${project.projectId}`))).toBeCloseTo(90, 1);
    expect(days(await itemsOf(`import#${project.projectId}#1`))).toBeCloseTo(90, 1);
  });

  test('are those of one project only', async () => {
    const [one, other] = [await newProject(), await newProject()];
    await one.import(await one.putJobs('x.zip', { name: 'a' }));
    expect((await other.send('GET', `${other.jobs}/imports`)).json.imports).toEqual([]);
  });

  test.each(['limit=0', 'limit=101', 'marker=-1'])('are refused for ?%s', async (query) => {
    const project = await newProject();
    const { status, json } = await project.send('GET', `${project.jobs}/imports?${query}`);
    expect([status, json.error_code]).toEqual([400, 'DLI.0001']);
  });
});
