import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { JSON_DEPTH, JSON_OBJECT_KEYS } from '../../lib/limits.ts';
import { jobItem, newProject, objectKeys } from './client.ts';

/** Text that deflate cannot bring below what an item takes. */
const incompressible = (bytes: number) => randomBytes(bytes).toString('base64');

describe('a definition', () => {
  test('comes back with unknown fields and 64-bit integers as they came', async () => {
    const project = await newProject();
    const document =
      '{"name":"a","x_unknown":{"n":9007199254740993,"f":1.10,"e":1E5,"nil":null},"job_config":{"parallel_number":2,"y":[-0,12345678901234567]}}';
    await project.import(await project.putJobs('x.zip', document));
    const { text, json } = await project.send('GET', `${project.jobs}/1`);
    expect(text).toContain('"x_unknown":{"e":1E5,"f":1.10,"n":9007199254740993,"nil":null}');
    expect(text).toContain('"y":[-0,12345678901234567]');
    expect(json.job_detail.job_config).toMatchObject({
      parallel_number: 2,
      cu_number: 2,
      checkpoint_mode: 'exactly_once',
    });
  });

  test('that is too large for an item goes to S3 and comes back whole', async () => {
    const project = await newProject();
    const sql = incompressible(700_000);
    const { json } = await project.import(await project.putJobs('x.zip', { name: 'large', sql_body: sql }));
    expect(json.is_success).toBe('true');
    expect(await objectKeys(`definitions/${project.projectId}/`)).toHaveLength(1);
    expect((await jobItem(project.projectId, 'large'))?.['definition']).toBeUndefined();
    const { json: shown } = await project.send('GET', `${project.jobs}/1`);
    expect(shown.job_detail.sql_body === sql).toBe(true);
  });

  test('that is small leaves nothing behind of a large one that it covers', async () => {
    const project = await newProject();
    const large = { name: 'a', queue_name: 'q', sql_body: incompressible(700_000), tags: [{ key: 'k', value: 'v' }] };
    await project.import(await project.putJobs('x.zip', large));
    await project.import(await project.putJobs('y.zip', { name: 'a', sql_body: 'SELECT 1' }), { is_cover: true });
    const item = await jobItem(project.projectId, 'a');
    expect(item).not.toHaveProperty('definition_key');
    expect(item?.['summary']).not.toHaveProperty('queue_name');
    expect(await objectKeys(`definitions/${project.projectId}/`)).toEqual([]);
    const { json } = await project.send('GET', `${project.jobs}/1`);
    expect(json.job_detail).not.toHaveProperty('tags');
    expect(json.job_detail.sql_body).toBe('SELECT 1');
  });

  test('that is large leaves no small one in the item', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    await project.import(await project.putJobs('y.zip', { name: 'a', sql_body: incompressible(700_000) }), {
      is_cover: true,
    });
    const item = await jobItem(project.projectId, 'a');
    expect(item).not.toHaveProperty('definition');
    expect(item).toHaveProperty('definition_key');
  });

  test('that is large and skipped leaves no object behind', async () => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    await project.import(await project.putJobs('y.zip', { name: 'a', sql_body: incompressible(700_000) }));
    expect(await objectKeys(`definitions/${project.projectId}/`)).toEqual([]);
  });

  test('that came flat is shown and listed whatever its depth and its keys, or is refused at once', async () => {
    const project = await newProject();
    const deep = (levels: number) => `"resource_config":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const keys = Array.from({ length: JSON_OBJECT_KEYS }, (_, n) => `"k${n}":1`);
    const documents = {
      deepest: deep(JSON_DEPTH - 2),
      'too-deep': deep(JSON_DEPTH - 1),
      widest: `"job_config":{${keys.slice(1)}},"image":"i"`,
      'too-wide': `"job_config":{${keys}},"image":"i"`,
    };
    const archive = Object.entries(documents).map(([name, fields]) => {
      return { name: `${name}.json`, data: `{"name":"${name}",${fields}}` };
    });
    const { json } = await project.import(await project.put('x.zip', archive));
    expect(json.job_mapping).toMatchObject([
      { job_name: 'deepest', action: 'created' },
      { job_name: 'too-deep', action: 'failed', error_code: 'DLI.0001' },
      { job_name: 'widest', action: 'created' },
      { job_name: 'too-wide', action: 'failed', error_code: 'DLI.0001' },
    ]);
    for (const id of [1, 2]) expect((await project.send('GET', `${project.jobs}/${id}`)).status).toBe(200);
    const { status, json: list } = await project.send('GET', `${project.jobs}?show_detail=true`);
    expect([status, list.job_list?.jobs.length]).toEqual([200, 2]);
  });
});
