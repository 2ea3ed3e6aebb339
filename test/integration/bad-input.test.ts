import { beforeAll, describe, expect, test } from 'vitest';
import { zip } from '../zip.ts';
import { type Answer, itemsOf, logLines, newProject, type ProjectClient, send, stack } from './client.ts';

const SECRET = 'hunter2-planted-secret';

let project: ProjectClient;
beforeAll(async () => {
  project = await newProject();
});

/** Of the contract's shape, with what every answer carries, and nothing of a fault's inside. */
function expectError({ status, headers, json }: Answer, expected: { status: number; code: string; says: RegExp }) {
  expect(json).toMatchObject({ error_code: expected.code, error_msg: expect.stringMatching(expected.says) });
  expect(status).toBe(expected.status);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('x-request-id')).toBeTruthy();
  const keys = expected.code.startsWith('APIGW.')
    ? ['error_code', 'error_msg', 'request_id']
    : ['error_code', 'error_msg'];
  expect(Object.keys(json).sort()).toEqual(keys);
}

describe('a request', () => {
  test.each<[string, string | undefined, RegExp]>([
    ['no body', undefined, /not valid JSON/],
    ['an empty body', '', /not valid JSON/],
    [
      'a body that is not JSON',
      '{"zip_file": }',
      /not valid JSON: Expected a value, found a closing brace at line 1, column 14/,
    ],
    ['an array', '[]', /^the body: expected object, found array/],
    ['null', 'null', /^the body: expected object, found null/],
    ['a forbidden key', '{"zip_file": "a/b.zip", "__proto__": {}}', /not valid JSON/],
    ['no zip_file', '{}', /^zip_file: expected string, found nothing/],
    ['a number as zip_file', '{"zip_file": 5}', /^zip_file: expected string, found number/],
    ['is_cover "yes"', '{"zip_file": "a/b.zip", "is_cover": "yes"}', /^is_cover: expected true or false/],
    ['is_cover 1', '{"zip_file": "a/b.zip", "is_cover": 1}', /^is_cover: expected true or false/],
  ])('with %s is refused', async (_case, body, says) => {
    const answer = await project.send('POST', `${project.jobs}/import`, body);
    expectError(answer, { status: 400, code: 'DLI.0001', says });
  });

  test.each<[string, string, string, RegExp]>([
    ['an empty zip_file', '', 'DLI.0001', /^zip_file is empty/],
    ['a zip_file of 2,000 characters', `b/${'a'.repeat(1994)}.zip`, 'DLI.0001', /^zip_file has 2000 characters/],
    ['".." in zip_file', 'flink-jobs/../x.zip', 'DLI.0001', /^zip_file holds an empty segment, "." or ".."/],
    ['NUL in zip_file', 'flink-jobs/a\0.zip', 'DLI.0001', /^zip_file holds a control character/],
    ['a wildcard in zip_file', 'flink-jobs/*.zip', 'DLI.0001', /^zip_file holds a wildcard/],
    ['a foreign bucket in zip_file', 'somebody-else/x.zip', 'DLI.0011', /may not read.*flink-jobs\//],
    ['a missing object', 'flink-jobs/no/such.zip', 'DLI.0002', /^"flink-jobs\/no\/such\.zip" does not exist/],
    ['an empty folder', 'flink-jobs/no/folder', 'DLI.0002', /^"flink-jobs\/no\/folder\/" holds no archive/],
  ])('with %s is refused', async (_case, zipFile, code, says) => {
    expectError(await project.import(zipFile), { status: 400, code, says });
  });

  test('with a body of 64 KB passes, and with one byte more is refused', async () => {
    const body = (bytes: number) =>
      JSON.stringify({ zip_file: '', padding: '' }).replace('""}', `"${'x'.repeat(bytes - 28)}"}`);
    const send = (bytes: number) => project.send('POST', `${project.jobs}/import`, body(bytes));
    expect(Buffer.byteLength(body(65_536))).toBe(65_536);
    expectError(await send(65_536), { status: 400, code: 'DLI.0001', says: /^zip_file is empty/ });
    expectError(await send(65_537), { status: 413, code: 'APIGW.0201', says: /65537 bytes; at most 65536/ });
  });

  const PROJECT_RULE = ' The project_id in its path must be 1 to 64 letters, digits, hyphens or underscores.';
  test.each<[string, string, string?]>([
    ['GET', '/'],
    ['GET', '/v1.0'],
    ['GET', '/v1.0/demo/streaming/jobs/import/more'],
    ['DELETE', '/v1.0/demo/streaming/jobs/import', ' The job_id in its path must be digits.'],
    ['PUT', '/v1.0/demo/streaming/jobs'],
    ['GET', '/v1.0/demo/streaming/jobs/12a', ' The job_id in its path must be digits.'],
    ['GET', '/v1.0/demo/streaming/jobs/-1', ' The job_id in its path must be digits.'],
    ['GET', '/v1.0/de%2Fmo/streaming/jobs', PROJECT_RULE],
    ['GET', `/v1.0/${'p'.repeat(65)}/streaming/jobs`, PROJECT_RULE],
    ['GET', '//v1.0/demo/streaming/jobs'],
    ['POST', '/2015-03-31/functions/flink-job-import-dev-manage-project/invocations'],
  ])('to %s %s is told that there is no such API', async (method, path, detail = '') => {
    const says = new RegExp(`^The API does not exist or has not been published in the environment\\.${detail}$`);
    // With a token that is good: job ids that are not digits are looked at behind the door.
    const answer = await send(method, path.replace('/demo/', `/${project.projectId}/`), undefined, {
      'x-auth-token': project.token,
    });
    expectError(answer, { status: 404, code: 'APIGW.0101', says });
  });
});

describe('an archive', () => {
  const jobs = (value: unknown) => zip([{ name: 'jobs.json', data: JSON.stringify(value) }]);
  const damaged = () => {
    const archive = jobs([{ name: 'a', sql_body: SECRET.repeat(20) }]);
    archive.writeUInt8(archive.readUInt8(60) ^ 0xff, 60);
    return archive;
  };

  test.each<[string, () => Buffer, string, RegExp]>([
    ['that is no ZIP', () => Buffer.from(`not a zip ${SECRET}`), 'DLI.0018', /ZIP/],
    ['that is empty', () => Buffer.alloc(0), 'DLI.0018', /ZIP/],
    ['that is cut', () => jobs([{ name: 'a' }]).subarray(0, -10), 'DLI.0018', /ZIP/],
    ['that is damaged', damaged, 'DLI.0018', /jobs\.json/],
    ['without entries', () => zip([]), 'DLI.0018', /json/],
    [
      'without jobs',
      () => jobs([]),
      'DLI.0018',
      /at least one job, found documents that are empty lists\. See docs\/archives\.md/,
    ],
    [
      'with a file that is no job',
      () =>
        zip([
          { name: 'a.json', data: '{"name":"a"}' },
          { name: 'run.sh', data: SECRET },
        ]),
      'DLI.0018',
      /"run\.sh"/,
    ],
    [
      'with an entry that is not JSON',
      () => zip([{ name: 'a.json', data: `{"name": ${SECRET}` }]),
      'DLI.0018',
      /"a\.json".*line 1, column 10/,
    ],
    ['with a document that is a number', () => jobs(5), 'DLI.0018', /"jobs\.json": expected a job/],
    [
      'with a name that leads out',
      () => zip([{ name: '../a.json', data: '{"name":"a"}' }]),
      'DLI.0018',
      /Entry 1 of the directory: expected a name within the archive, found a segment \.\., in one of 9 characters/,
    ],
  ])('%s is refused by name and reason, and nothing of it is written', async (_case, archive, code, says) => {
    const own = await newProject();
    const path = await own.put('broken.zip', archive());
    const answer = await own.import(path);
    expectError(answer, { status: 400, code, says });
    expect(answer.json.error_msg).toContain(`"${path}": `);
    expect(answer.text).not.toContain(SECRET);
    expect(await own.send('GET', own.jobs)).toMatchObject({ json: { job_list: { total_count: 0 } } });
    expect(await itemsOf(`imports#${own.projectId}`)).toMatchObject([{ state: 'failed' }]);
    expect(await itemsOf(`counter#${own.projectId}`)).toMatchObject([{ last_import_id: 1 }]);
  });

  test.each<[string, object, RegExp]>([
    ['without a name', { desc: SECRET }, /in "jobs\.json": name: expected string, found nothing/],
    ['with a name of 58 characters', { name: 'n'.repeat(58) }, /in "jobs\.json": name: expected 1 to 57/],
    [
      'with sql_body of 1,048,577 characters',
      { name: 'a', sql_body: 's'.repeat(1_048_577) },
      /in "jobs\.json": sql_body: expected at most 1048576/,
    ],
    [
      'with a field of another type',
      { name: 'a', job_config: { log_enabled: SECRET } },
      /in "jobs\.json": job_config\.log_enabled: expected boolean, found string/,
    ],
  ])('job %s fails alone', async (_case, job, says) => {
    const own = await newProject();
    const { status, text, json } = await own.import(await own.putJobs('x.zip', [job, { name: 'sound' }]));
    expect(status).toBe(200);
    expect(json.is_success).toBe('false');
    expect(json.job_mapping[0]).toMatchObject({
      new_job_id: -1,
      action: 'failed',
      error_code: 'DLI.0001',
      remark: expect.stringMatching(says),
    });
    expect(json.job_mapping[1]).toMatchObject({ action: 'created' });
    expect(text).not.toContain(SECRET);
  });

  test('with jobs at the limits of name and SQL is imported', async () => {
    const own = await newProject();
    const { json } = await own.import(
      await own.putJobs('x.zip', { name: 'n'.repeat(57), sql_body: 's'.repeat(1_048_576) }),
    );
    expect(json.is_success).toBe('true');
  });

  test('over 50 MB is refused by the size that S3 tells', async () => {
    const own = await newProject();
    const path = await own.put('large.zip', Buffer.alloc(50_000_001));
    expectError(await own.import(path), {
      status: 400,
      code: 'DLI.0009',
      says: /50000001 bytes; an archive may have 50000000/,
    });
    expect(await itemsOf(`imports#${own.projectId}`)).toEqual([]);
  });
});

describe('the log', () => {
  test('has one line for each request and each archive, with the ids that lead to it', async () => {
    const own = await newProject();
    const { headers, json } = await own.import(await own.putJobs('x.zip', { name: 'a', sql_body: SECRET }));
    const requestId = headers.get('x-request-id') ?? '';
    const lines = logLines(requestId).map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { message: 'archive', import_id: json.import_id, project_id: own.projectId, jobs: { created: 1 } },
      {
        message: 'request',
        import_id: json.import_id,
        status: 200,
        route: 'POST /v1.0/{project_id}/streaming/jobs/import',
      },
    ]);
  });

  test('holds nothing of a document, a token or a body', async () => {
    await project.send('POST', `${project.jobs}/import`, `{"zip_file": ${SECRET}`);
    await project.import(await project.putJobs('x.zip', { name: SECRET.repeat(4), sql_body: SECRET }));
    expect(logLines(SECRET)).toEqual([]);
    expect(logLines(project.token)).toEqual([]);
    expect(logLines('"message":"request"').length).toBeGreaterThan(0);
  });
});

test('an answer is sent as JSON on success too', async () => {
  const { headers } = await project.send('GET', project.jobs);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('x-request-id')).toBeTruthy();
  expect(stack.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
});
