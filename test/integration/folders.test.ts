import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DIRECT_ARCHIVES } from '../../lib/limits.ts';
import { zip } from '../zip.ts';
import { itemsOf, newProject, type ProjectClient, s3, stack } from './client.ts';
import { startMeddling } from './meddlers.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const archive = (name: string) => zip([{ name: 'job.json', data: JSON.stringify({ name }) }]);
const folderOf = (project: ProjectClient, name = 'folder') => `${stack.bucket}/${project.projectId}/${name}`;
const names = (json: { job_mapping: { job_name: string }[] }) => json.job_mapping.map(({ job_name }) => job_name);

/** Puts archives of one job each, named after the job, into a folder. */
async function putArchives(project: ProjectClient, jobs: string[], folder = 'folder') {
  await pMap(jobs, (job) => project.put(`${folder}/${job}.zip`, archive(job)), { concurrency: 32 });
}

async function expectNothingImported(project: ProjectClient) {
  expect((await project.send('GET', project.jobs)).json.job_list.total_count).toBe(0);
  expect(await itemsOf(`imports#${project.projectId}`)).toEqual([]);
}

describe('a folder', () => {
  test('is imported whole, its archives in the order of their keys', async () => {
    const project = await newProject();
    await putArchives(project, ['b', 'a', 'B', '10', '9']);
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(200);
    expect(json).toMatchObject({ is_success: 'true', message: 'The job is imported successfully.', import_id: 1 });
    expect(names(json)).toEqual(['10', '9', 'B', 'a', 'b']);
    expect(json.job_mapping[0]).toMatchObject({
      archive: `${folderOf(project)}/10.zip`,
      entry: 'job.json',
      action: 'created',
    });
  });

  test.each(['/', ''])('is meant by its path with "%s" at the end', async (end) => {
    const project = await newProject();
    await putArchives(project, ['a']);
    expect((await project.import(`obs://${folderOf(project)}${end}`)).json.is_success).toBe('true');
  });

  // More than goes to workers directly.
  test('of a hundred archives and one is imported over HTTP, each job with an id of its own', async () => {
    const project = await newProject();
    const jobs = Array.from({ length: DIRECT_ARCHIVES + 1 }, (_, n) => `job-${String(n).padStart(3, '0')}`);
    await putArchives(project, jobs);
    await project.import(folderOf(project));
    const { json } = await project.untilEnded(1);
    expect(json.is_success).toBe('true');
    expect(names(json)).toEqual(jobs);
    const ids = json.job_mapping.map(({ new_job_id }: { new_job_id: number }) => new_job_id);
    expect(new Set(ids).size).toBe(jobs.length);
    expect((await project.send('GET', `${project.jobs}?limit=1`)).json.job_list.total_count).toBe(jobs.length);
  });

  test('does not take in the folder that its name is the beginning of', async () => {
    const project = await newProject();
    await putArchives(project, ['in'], 'a');
    await putArchives(project, ['out'], 'ab');
    expect(names((await project.import(folderOf(project, 'a'))).json)).toEqual(['in']);
  });

  test('may have a marker of its own, and keys of any characters', async () => {
    const project = await newProject();
    const files = ['k 1', 'a+b', '100%', '作业', 'UPPER'];
    await s3.send(
      new PutObjectCommand({ Bucket: stack.bucket, Key: `${project.projectId}/folder/`, Body: Buffer.alloc(0) }),
    );
    await Promise.all(
      files.map((file, n) => project.put(`folder/${file}.${n === 4 ? 'ZIP' : 'zip'}`, archive(`job-${n}`))),
    );
    const { json } = await project.import(folderOf(project));
    expect(json.is_success).toBe('true');
    expect(json.job_mapping.map((row: { archive: string }) => row.archive.slice(folderOf(project).length + 1))).toEqual(
      ['100%.zip', 'UPPER.ZIP', 'a+b.zip', 'k 1.zip', '作业.zip'],
    );
    const single = await project.import(`${folderOf(project)}/作业.zip`);
    expect(single.json.job_mapping[0]).toMatchObject({ action: 'skipped', job_name: 'job-3' });
  });

  test('without an archive is refused', async () => {
    const project = await newProject();
    await s3.send(
      new PutObjectCommand({ Bucket: stack.bucket, Key: `${project.projectId}/folder/`, Body: Buffer.alloc(0) }),
    );
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(400);
    expect(json).toMatchObject({ error_code: 'DLI.0002', error_msg: expect.stringContaining('holds no archive') });
    await expectNothingImported(project);
  });

  test('with something else among its ZIPs is refused by the first names, on whatever page they come, and nothing is imported', async () => {
    const project = await newProject();
    await putArchives(
      project,
      Array.from({ length: 1_000 }, (_, n) => `job-${n}`),
    );
    await project.put('folder/zz-readme.txt', Buffer.from('text'));
    await project.put('folder/zz-more/nested.zip', archive('nested'));
    for (const n of [1, 2, 3]) await project.put(`folder/zz-${n}.json`, Buffer.from('{}'));
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(400);
    expect(json.error_code).toBe('DLI.0001');
    expect(json.error_msg).toMatch(
      /may hold \.zip files only; it also holds "zz-more\/", "zz-1\.json", "zz-2\.json" and 2 more/,
    );
    await expectNothingImported(project);
  });

  test('with a broken archive among good ones says which, and hides no other', async () => {
    const project = await newProject();
    await putArchives(project, ['a', 'c']);
    await project.put('folder/b.zip', Buffer.from('no zip'));
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(200);
    expect(json.is_success).toBe('false');
    expect(json.message).toMatch(/^1 of 3 archives failed: ".*b\.zip" was not imported: Expected a ZIP/);
    expect(json.job_mapping).toMatchObject([
      { action: 'created', job_name: 'a' },
      { action: 'failed', new_job_id: -1, archive: `${folderOf(project)}/b.zip`, error_code: 'DLI.0018' },
      { action: 'created', job_name: 'c' },
    ]);
    expect(json.job_mapping[1]).not.toHaveProperty('old_job_id');
  });

  test('with one archive only, which is broken, is answered as any folder', async () => {
    const project = await newProject();
    await project.put('folder/only.zip', Buffer.from('no zip'));
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(200);
    expect(json).toMatchObject({ is_success: 'false', job_mapping: [{ action: 'failed', error_code: 'DLI.0018' }] });
    expect((await project.send('GET', `${project.jobs}/imports/1`)).json).toMatchObject({
      state: 'finished',
      archives_done: 1,
    });
  });

  test('whose archives all fail is answered with every one of them', async () => {
    const project = await newProject();
    for (const name of ['a', 'b', 'c']) await project.put(`folder/${name}.zip`, Buffer.from(name));
    const { status, json } = await project.import(folderOf(project));
    expect(status).toBe(200);
    expect(json.message).toMatch(/^3 of 3 archives failed: /);
    expect(json.job_mapping.map(({ action }: { action: string }) => action)).toEqual(['failed', 'failed', 'failed']);
  });
});

const services = ['s3', 'table'] as const;
let own: OwnStack;
let meddle: ReturnType<typeof startMeddling<(typeof services)[number]>>;
beforeAll(async () => {
  own = await startOwnStack();
  meddle = startMeddling(own.hooks, services);
});
afterAll(() => own.close());

describe.concurrent('with a fault on the way', () => {
  test('a location that may not be listed is refused as one', async ({ expect }) => {
    const project = await own.newProject();
    await putArchives(project, ['a']);
    meddle(project, {
      s3: ({ operation }) =>
        operation === 'GET bucket' ? { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : undefined,
    });
    const { status, json } = await project.import(folderOf(project));
    meddle(project, {});
    expect(status).toBe(400);
    expect(json).toMatchObject({ error_code: 'DLI.0011', error_msg: expect.stringContaining('may not be read') });
    await expectNothingImported(project);
  });

  const listing = (sizes: number[], prefix: string) => {
    const entry = (size: number, n: number) =>
      `<Contents><Key>${prefix}${n}.zip</Key><ETag>"e"</ETag><Size>${size}</Size></Contents>`;
    return {
      status: 200,
      body: `<ListBucketResult><IsTruncated>false</IsTruncated>${sizes.map(entry).join('')}</ListBucketResult>`,
    };
  };

  test.for<[string, number[], RegExp]>([
    [
      '10,000 archives are not too many, but too large here',
      Array(10_000).fill(1_000_000),
      /archives of 10000000000 bytes; an import may have 5000000000/,
    ],
    ['10,001 archives are too many', Array(10_001).fill(1), /holds more than 10000 archives/],
    [
      'a byte over 5 GB is too large',
      [...Array(99).fill(50_000_000), 50_000_001],
      /archives of 5000000001 bytes; an import may have 5000000000/,
    ],
  ])('%s', async ([, sizes, says], { expect }) => {
    const project = await own.newProject();
    meddle(project, {
      s3: ({ operation }) => (operation === 'GET bucket' ? listing(sizes, `${project.projectId}/folder/`) : undefined),
    });
    const { status, json } = await project.import(folderOf(project));
    meddle(project, {});
    expect(status).toBe(400);
    expect(json).toMatchObject({ error_code: 'DLI.0009', error_msg: expect.stringMatching(says) });
    await expectNothingImported(project);
  });

  test('archives of 5 GB are not too large', async ({ expect }) => {
    const project = await own.newProject();
    const sizes = Array(100).fill(50_000_000);
    meddle(project, {
      s3: ({ operation }) => (operation === 'GET bucket' ? listing(sizes, `${project.projectId}/folder/`) : undefined),
    });
    const { status, json } = await project.import(folderOf(project));
    meddle(project, {});
    // They are not there, but they were taken.
    expect(status).toBe(200);
    expect(json.message).toMatch(/^100 of 100 archives failed: .* does not exist/);
  });

  test('that is not accepted in time is told so in time, and is not begun later', async ({ expect }) => {
    const project = await own.newProject();
    await putArchives(project, ['a']);
    meddle(project, {
      s3: ({ operation }) => (operation === 'GET bucket' ? { delayMs: 9_500 } : undefined),
      // The key is looked up, the number is taken, the key is claimed: each call is slow, none is given up.
      table: ({ operation }) => (operation === 'BatchGetItem' ? undefined : { delayMs: 4_500 }),
    });
    const body = JSON.stringify({ zip_file: folderOf(project) });
    const { status, json } = await project.send('POST', `${project.jobs}/import`, body, { 'idempotency-key': 'key' });
    meddle(project, {});
    // By then the last of them has ended.
    await sleep(5_000);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error_code: 'DLI.0019',
      error_msg: expect.stringContaining('This request imported nothing'),
    });
    await expectNothingImported(project);
  });

  test('an import that passes 25 s answers 202, and ends by itself', async ({ expect }) => {
    const project = await own.newProject();
    const jobs = Array.from({ length: 30 }, (_, n) => `job-${String(n).padStart(2, '0')}`);
    await putArchives(project, jobs);
    meddle(project, { s3: ({ operation }) => (operation === 'GET object' ? { delayMs: 8_500 } : undefined) });
    const { status, headers, json } = await project.import(folderOf(project));
    meddle(project, {});
    expect(status).toBe(202);
    expect(json).toMatchObject({ is_success: 'false', job_mapping: [], import_id: 1, state: 'running' });
    // Four rounds of workers would be needed, and three at the most fit.
    const [, notStarted] =
      /^not finished after 25 s: \d+ of 30 archives done, (\d+) not started; see /.exec(json.message) ?? [];
    expect(Number(notStarted)).toBeGreaterThanOrEqual(30 - 24);
    expect(Number(notStarted)).toBeLessThan(30);
    expect(headers.get('location')).toBe(`${project.jobs}/imports/1`);

    const shown = (await project.untilEnded(1)).json;
    expect(shown).toMatchObject({ is_success: 'true', state: 'finished', counts: { created: 30 } });
    expect(names(shown)).toEqual(jobs);
    expect((await project.send('GET', project.jobs)).json.job_list.total_count).toBe(30);
  });
});

// By itself: it kills the workers of all.
test('the address of an import whose worker was killed tells what was answered', async () => {
  const project = await own.newProject();
  await putArchives(project, ['a', 'b', 'c']);
  meddle(project, {
    s3: ({ operation, url }) => (operation === 'GET object' && url.includes('/b.zip') ? { delayMs: 9_000 } : undefined),
  });
  const importing = project.import(folderOf(project));
  const done = async () => (await project.send('GET', `${project.jobs}/imports/1`)).json.archives_done;
  await expect.poll(done, { timeout: 20_000 }).toBe(2);
  for (const pid of own.workerPids()) process.kill(pid, 'SIGKILL');
  const { json } = await importing;
  meddle(project, {});
  expect(json.job_mapping.map(({ action }: { action: string }) => action)).toEqual(['created', 'failed', 'created']);
  const shown = (await project.send('GET', `${project.jobs}/imports/1`)).json;
  expect(shown).toMatchObject({ ...json, state: 'finished', archives_done: 2, archives_total: 3 });
  const [listed] = (await project.send('GET', `${project.jobs}/imports`)).json.imports;
  expect(listed).toMatchObject({ state: 'finished', counts: shown.counts });
});

describe('the address of an import', () => {
  test('tells state, counts and the mapping in the shape of its answer', async () => {
    const project = await newProject();
    await putArchives(project, ['a', 'b', 'c']);
    await project.put('folder/d.zip', Buffer.from('no zip'));
    const { import_id, ...answer } = (await project.import(folderOf(project))).json;
    const { status, json } = await project.send('GET', `${project.jobs}/imports/${import_id}`);
    expect(status).toBe(200);
    expect(json).toMatchObject(answer);
    expect(json).toMatchObject({
      import_id,
      state: 'finished',
      archives_total: 4,
      archives_done: 4,
      jobs_total: 3,
      jobs_done: 3,
      counts: { created: 3, failed: 1 },
    });
    expect(json).not.toHaveProperty('next_marker');
  });

  test('pages the mapping', async () => {
    const project = await newProject();
    await putArchives(project, ['a', 'b', 'c', 'd', 'e']);
    await project.import(folderOf(project));
    const seen: string[] = [];
    let query = '?limit=2';
    for (let page = 0; page < 3; page++) {
      const { json } = await project.send('GET', `${project.jobs}/imports/1${query}`);
      seen.push(...names(json));
      query = `?limit=2&marker=${json.next_marker}`;
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(query).toContain('marker=undefined');
  });

  test('tells of a single archive that was refused', async () => {
    const project = await newProject();
    const path = await project.put('x.zip', Buffer.from('no zip'));
    expect((await project.import(path)).status).toBe(400);
    const { json } = await project.send('GET', `${project.jobs}/imports/1`);
    expect(json).toMatchObject({
      is_success: 'false',
      state: 'failed',
      job_mapping: [{ action: 'failed', error_code: 'DLI.0018' }],
    });
  });

  test.each([
    ['imports/2', 400, 'DLI.0002'],
    ['imports/99999999999999999999', 400, 'DLI.0002'],
    ['imports/x', 404, 'APIGW.0101'],
    ['imports/1?limit=0', 400, 'DLI.0001'],
    ['imports/1?limit=1001', 400, 'DLI.0001'],
    ['imports/1?marker=x', 400, 'DLI.0001'],
  ])('%s is answered %d %s', async (path, expected, code) => {
    const project = await newProject();
    await project.import(await project.putJobs('x.zip', { name: 'a' }));
    const { status, json } = await project.send('GET', `${project.jobs}/${path}`);
    expect([status, json.error_code]).toEqual([expected, code]);
  });

  test('is that of one project only', async () => {
    const [one, other] = [await newProject(), await newProject()];
    await one.import(await one.putJobs('x.zip', { name: 'a' }));
    expect((await other.send('GET', `${other.jobs}/imports/1`)).json.error_code).toBe('DLI.0002');
  });
});

/** Jobs of which one is imported. The others are not written, and have a row as long. */
const mostlyRefused = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `job-${n}`, ...(n > 0 && { job_config: { parallel_number: 0 } }) }));

test('a mapping that its quotes make too large is answered by 202, and its pages are cut', async () => {
  const project = await newProject();
  // Quotes are doubled twice: few jobs make an answer that is too large once it is encoded.
  const jobs = mostlyRefused(850);
  const path = await project.put(`${'"'.repeat(900)}.zip`, [
    { name: `${'"'.repeat(900)}.json`, data: JSON.stringify(jobs) },
  ]);
  const { status, headers } = await project.import(path);
  expect(status).toBe(202);
  const seen: string[] = [];
  for (let marker: string | undefined = '0'; marker !== undefined; ) {
    const page = await project.send('GET', `${headers.get('location')}?limit=1000&marker=${marker}`);
    expect(page.status).toBe(200);
    seen.push(...names(page.json));
    marker = page.json.next_marker;
  }
  expect(seen).toEqual(jobs.map(({ name }) => name));
});

test('a mapping over 5 MB is answered by 202 with its address, where all of it is', async () => {
  const project = await newProject();
  // Rows of 2 KB: few jobs make a large answer.
  const jobs = mostlyRefused(2_400);
  const entry = `${'e'.repeat(1_000)}.json`;
  const path = await project.put(`${'a'.repeat(900)}.zip`, [{ name: entry, data: JSON.stringify(jobs) }]);
  const { status, headers, json } = await project.import(path);
  expect(status).toBe(202);
  expect(json).toMatchObject({ is_success: 'false', job_mapping: [], state: 'finished' });
  expect(json.message).toMatch(/^2399 of 2400 jobs failed: .* The mapping is at /);
  const location = headers.get('location') ?? '';
  const { json: page } = await project.send('GET', `${location}?limit=1000&marker=2100`);
  expect(page.counts).toEqual({ created: 1, failed: 2_399 });
  expect(page.job_mapping).toHaveLength(300);
});
