import { describe, expect, test } from 'vitest';
import { invoke, itemsOf, logLines, newProject, send, sendAsIs, stack } from './client.ts';

describe('the door', () => {
  test.each([
    ['no token', {}, 401, 'APIGW.0301', 'x-auth-token not found'],
    ['an empty token', { 'x-auth-token': '' }, 401, 'APIGW.0301', 'x-auth-token not found'],
    ['an unknown token', { 'x-auth-token': 'no-such-token' }, 401, 'APIGW.0301', 'decrypt token fail'],
  ])('refuses %s', async (_case, headers, expected, code, detail) => {
    const { projectId, jobs } = await newProject();
    for (const [method, path] of [
      ['GET', jobs],
      ['GET', `${jobs}/1`],
      ['DELETE', `${jobs}/1`],
      ['POST', `${jobs}/delete`],
      ['POST', `${jobs}/export`],
      ['POST', `${jobs}/import`],
      ['GET', `${jobs}/imports`],
      ['GET', `${jobs}/imports/1`],
    ] as const) {
      const { status, json } = await send(method, path, method === 'POST' ? '{}' : undefined, headers);
      expect(status).toBe(expected);
      expect(json.error_code).toBe(code);
      expect(json.error_msg).toBe(`Incorrect IAM authentication information: ${detail}`);
      expect(json.request_id).toBeTruthy();
      expect(JSON.stringify(json)).not.toContain(projectId);
    }
  });

  test('refuses a token that is sent twice, or with more than it', async () => {
    const { jobs, token } = await newProject();
    const sent = (...tokens: string[]): [string, string][] => tokens.map((one) => ['X-Auth-Token', one]);
    for (const headers of [sent(token, token), sent(token, 'x'), sent(`${token}x`), sent(`${token},`)]) {
      const { status, text, json } = await sendAsIs('GET', stack.endpoint + jobs, headers);
      expect([status, json.error_code]).toEqual([401, 'APIGW.0301']);
      expect(text).not.toContain(token);
    }
    expect((await sendAsIs('GET', stack.endpoint + jobs, sent(` ${token} `))).status).toBe(200);
  });

  test("refuses another project's token alike, whether the path's project exists or not", async () => {
    const [one, other] = [await newProject(), await newProject()];
    const existing = await one.send('GET', other.jobs);
    const missing = await one.send('GET', '/v1.0/no-such-project/streaming/jobs');
    expect(existing.status).toBe(403);
    expect(missing.status).toBe(403);
    expect({ ...existing.json, request_id: '' }).toEqual({ ...missing.json, request_id: '' });
    expect(existing.json.error_code).toBe('APIGW.0302');
  });

  test('opens to all keys below a location, and to none beside it', async () => {
    const all = await newProject();
    const path = await all.putJobs('open/x.zip', { name: 'a' });
    await all.putJobs('open-not/x.zip', { name: 'a' });
    const some = await newProject([{ bucket: stack.bucket, prefix: `${all.projectId}/open` }]);
    expect((await some.import(path)).json.is_success).toBe('true');
    for (const closed of ['open-not/x.zip', 'no-such.zip', '../x.zip']) {
      const { status, json } = await some.import(`${stack.bucket}/${all.projectId}/${closed}`);
      expect(status).toBe(400);
      expect(json.error_code).toBe(closed.startsWith('..') ? 'DLI.0001' : 'DLI.0011');
    }
    expect((await some.import('no-such-bucket/x.zip')).json.error_code).toBe('DLI.0011');
  });

  test("keeps the deployment's own objects closed, also to who may read the whole bucket", async () => {
    const project = await newProject();
    for (const prefix of ['definitions', 'outcomes']) {
      const { json } = await project.import(`${stack.bucket}/${prefix}/${project.projectId}/x.zip`);
      expect(json.error_code).toBe('DLI.0011');
    }
  });
});

describe('the registration of a project', () => {
  const locations = [{ bucket: stack.bucket, prefix: '/a/b' }];

  test('tells its keys once, and stores neither the token nor the secret as they are', async () => {
    const project_id = `reg-${Date.now()}-${process.pid}`;
    const { result } = await invoke('manage-project', { action: 'add', project_id, locations });
    expect(result.project).toEqual({
      project_id,
      name: project_id,
      locations: [{ bucket: stack.bucket, prefix: 'a/b/', owner: '000000000000', write: false }],
    });
    const { access_key, secret_key, token } = result.keys;
    const [credential] = await itemsOf(`credential#${access_key}`);
    expect(credential).toMatchObject({
      project_id,
      kind: 'access_key',
      encrypted_secret: expect.stringMatching(/^local:/),
    });
    expect(JSON.stringify(credential)).not.toContain(secret_key);
    expect(await itemsOf(`credential#${token}`)).toEqual([]);
    expect(logLines(token)).toEqual([]);
    expect(logLines(secret_key)).toEqual([]);

    const again = await invoke('manage-project', { action: 'add', project_id, name: 'renamed', locations });
    expect(again.result).toEqual({ project: { ...result.project, name: 'renamed' } });
    const { result: list } = await invoke('manage-project', { action: 'list' });
    expect(list.projects).toContainEqual({ ...result.project, name: 'renamed' });
    expect(JSON.stringify(list)).not.toContain(access_key);
  });

  test('again leaves counters, jobs and keys as they are', async () => {
    const project = await newProject();
    const path = await project.putJobs('x.zip', { name: 'a' });
    await project.import(path);
    const before = await itemsOf(`counter#${project.projectId}`);
    await invoke('manage-project', {
      action: 'add',
      project_id: project.projectId,
      locations: [{ bucket: stack.bucket }],
    });
    expect(await itemsOf(`counter#${project.projectId}`)).toEqual(before);
    expect((await project.import(path)).json.import_id).toBe(2);
  });

  test('takes keys that clients have already, but none of another project', async () => {
    const keys = {
      access_key: `AK${process.pid}${Date.now()}`,
      secret_key: 's'.repeat(16),
      token: `token-${process.pid}-${Date.now()}`,
    };
    const add = (project_id: string) => invoke('manage-project', { action: 'add', project_id, locations, keys });
    expect((await add('with-keys')).error).toBeUndefined();
    expect((await add('with-keys')).error).toBeUndefined();
    expect(
      (await send('GET', '/v1.0/with-keys/streaming/jobs', undefined, { 'x-auth-token': keys.token })).status,
    ).toBe(200);
    expect(await add('thief')).toMatchObject({
      error: 'Unhandled',
      result: { errorMessage: expect.stringContaining('another project') },
    });
  });

  test.each([
    [
      "a bucket that is not the deployment's",
      { action: 'add', project_id: 'x', locations: [{ bucket: 'elsewhere' }] },
      'elsewhere',
    ],
    [
      'a place to write whose objects import themselves',
      { action: 'add', project_id: 'x', locations: [{ bucket: 'flink-jobs', prefix: '/uploads/x', write: true }] },
      'uploads/',
    ],
    ['no location', { action: 'add', project_id: 'x', locations: [] }, 'locations'],
    [
      'an id that no path can have',
      { action: 'add', project_id: 'a/b', locations: [{ bucket: 'flink-jobs' }] },
      'project_id',
    ],
    ...['token-with-a,comma', 'token with a space', 'too-short'].map((token): [string, object, string] => [
      `a token that no header can carry alone, or that is short: ${token}`,
      {
        action: 'add',
        project_id: 'x',
        locations: [{ bucket: 'flink-jobs' }],
        keys: { access_key: 'ABCD', secret_key: 's'.repeat(16), token },
      },
      'keys.token: expected 16 or more printable characters, no space or comma, found a string of',
    ]),
    ['an unknown action', { action: 'drop' }, 'action'],
  ])('refuses %s', async (_case, command, named) => {
    const { error, result } = await invoke('manage-project', command);
    expect(error).toBe('Unhandled');
    expect(result.errorMessage).toContain(named);
  });
});
