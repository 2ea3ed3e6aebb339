import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { shownHash } from '../../lib/auth/credentials.ts';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStack } from '../../local/stack.ts';
import { sha256, sign } from '../sign.ts';
import { invoke, itemsOf, logLines, newProject, putItem, send, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

type Keys = { access_key: string; secret_key: string };

/** What the operator's function answers of a project. */
async function ask(action: string, project_id: string, more: object = {}) {
  const { error, result } = await invoke('manage-project', { action, project_id, ...more });
  expect(error).toBeUndefined();
  return result;
}

async function refusalOf(action: string, project_id: string, more: object = {}): Promise<string> {
  const { error, result } = await invoke('manage-project', { action, project_id, ...more });
  expect(error).toBe('Unhandled');
  return result.errorMessage;
}

/** The status of a list of jobs, asked for with a token or signed. */
async function statusWith(projectId: string, key: string | Keys, endpoint = stack.endpoint): Promise<number> {
  const url = `/v1.0/${projectId}/streaming/jobs`;
  const headers = typeof key === 'string' ? { 'X-Auth-Token': key } : sign(key, { method: 'GET', url });
  return (await send('GET', endpoint + url, undefined, headers)).status;
}

const accessKeyItem = async (id: string) => (await itemsOf(`credential#${id}`))[0];

describe('the keys of a project', () => {
  test('are listed from the first on, without what they prove', async () => {
    const { projectId, keys } = await newProject();
    const { keys: listed } = await ask('list-keys', projectId);
    const hash = sha256(keys.token);
    expect(listed).toEqual([
      { id: keys.access_key, kind: 'access_key', create_time: expect.any(Number), secret_key_id: 'local' },
      { id: shownHash(hash), kind: 'token', create_time: expect.any(Number) },
    ]);
    expect(JSON.stringify(listed)).not.toContain(hash);
  });

  test('keep their time when they are added again', async () => {
    const { projectId, keys } = await newProject();
    const before = await ask('list-keys', projectId);
    await ask('add', projectId, { locations: [{ bucket: stack.bucket }], keys });
    expect(await ask('list-keys', projectId)).toEqual(before);
    expect(await statusWith(projectId, keys)).toBe(200);
  });

  test('may be several of both kinds, each of which opens the door', async () => {
    const { projectId, keys } = await newProject();
    const { keys: pair } = await ask('add-key', projectId, { kind: 'access_key' });
    const { keys: more } = await ask('add-key', projectId, { kind: 'token' });
    expect(pair).toEqual({ access_key: expect.any(String), secret_key: expect.any(String) });
    expect(more).toEqual({ token: expect.any(String) });
    for (const key of [keys, pair, keys.token, more.token]) expect(await statusWith(projectId, key)).toBe(200);
    expect((await ask('list-keys', projectId)).keys.map(({ id }: { id: string }) => id).sort()).toEqual(
      [keys.access_key, pair.access_key, ...[keys.token, more.token].map((token) => shownHash(sha256(token)))].sort(),
    );
    for (const secret of [pair.secret_key, more.token]) expect(logLines(secret)).toEqual([]);
    expect(JSON.stringify(await accessKeyItem(pair.access_key))).not.toContain(pair.secret_key);
  });

  test('are told of their own project only', async () => {
    const [one, other] = [await newProject(), await newProject()];
    expect(JSON.stringify(await ask('list-keys', one.projectId))).not.toContain(other.keys.access_key);
    expect(await refusalOf('revoke-key', one.projectId, { key: other.keys.access_key })).toContain('no such key');
    expect(await statusWith(other.projectId, other.keys)).toBe(200);
  });

  test('are not listed when they turned out to be those of another project', async () => {
    const { keys } = await newProject();
    const thief = { ...(await newProject()) };
    const add = { action: 'add', project_id: thief.projectId, locations: [{ bucket: stack.bucket }], keys };
    expect((await invoke('manage-project', add)).result.errorMessage).toContain('another project');
    const { keys: listed } = await ask('list-keys', thief.projectId);
    expect(listed).toHaveLength(2);
    expect(JSON.stringify(listed)).not.toContain(keys.access_key);
    expect(await refusalOf('revoke-key', thief.projectId, { key: keys.access_key })).toContain('no such key');
  });
});

describe('a revoked key', () => {
  test('opens nothing, keeps no secret and is listed as what it is', async () => {
    const { projectId, keys } = await newProject();
    const { key } = await ask('revoke-key', projectId, { key: keys.access_key });
    expect(key).toEqual({
      id: keys.access_key,
      kind: 'access_key',
      create_time: expect.any(Number),
      revoked: expect.any(Number),
    });
    expect(await statusWith(projectId, keys)).toBe(401);
    expect(await statusWith(projectId, keys.token)).toBe(200);
    expect((await ask('list-keys', projectId)).keys).toContainEqual(key);
    expect(await accessKeyItem(keys.access_key)).not.toHaveProperty('encrypted_secret');
  });

  test('may be a token, by the beginning of its hash, and more of it', async () => {
    const { projectId, keys } = await newProject();
    const hash = sha256(keys.token);
    for (const key of [hash.slice(0, 7), 'no-such-key', keys.token, keys.secret_key, '', `${hash}0`]) {
      const message = await refusalOf('revoke-key', projectId, { key });
      expect(message).toBe('the project has no such key; see the action list-keys');
    }
    const { key } = await ask('revoke-key', projectId, { key: shownHash(hash) });
    expect(key).toMatchObject({ id: shownHash(hash), kind: 'token', revoked: expect.any(Number) });
    expect((await ask('revoke-key', projectId, { key: hash })).key).toEqual(key);
    expect(await statusWith(projectId, keys.token)).toBe(401);
  });

  test('is not one of several whose hashes begin alike', async () => {
    const { projectId } = await newProject();
    const ids = ['0', '1'].map((end) => `0123abcd${end.repeat(56)}`);
    for (const id of ids) {
      await putItem({ pk: `keys#${projectId}`, sk: id });
      const token = { project_id: projectId, kind: 'token', create_time: 0 };
      await putItem({ pk: `credential#${id}`, sk: 'credential', ...token });
    }
    expect(await refusalOf('revoke-key', projectId, { key: '0123abcd' })).toContain('expected more of the hash');
    expect((await ask('revoke-key', projectId, { key: '0123abcd0' })).key).toHaveProperty('revoked');
    expect((await itemsOf(`credential#${ids[1]}`))[0]).not.toHaveProperty('revoked');
  });

  test('stays revoked: since when it was, and against being added again', async () => {
    const { projectId, keys } = await newProject();
    const { key } = await ask('revoke-key', projectId, { key: keys.access_key });
    expect((await ask('revoke-key', projectId, { key: keys.access_key })).key).toEqual(key);
    const add = { action: 'add', project_id: projectId, locations: [{ bucket: stack.bucket }], keys };
    expect((await invoke('manage-project', add)).result.errorMessage).toContain('were revoked');
    expect(await statusWith(projectId, keys)).toBe(401);
  });
});

describe('a command about keys is refused', () => {
  test.each([
    ['of a project that does not exist', 'list-keys', { project_id: 'no-such-project' }, 'no project no-such-project'],
    ['of a project that no path can have', 'list-keys', { project_id: 'a/b' }, 'project_id'],
    ['of no project', 'add-key', { project_id: undefined, kind: 'token' }, 'project_id'],
    ['of another kind', 'add-key', { kind: 'password' }, 'kind'],
    ['of no key', 'revoke-key', {}, 'key'],
  ])('%s', async (_case, action, more, named) => {
    expect(await refusalOf(action, (await newProject()).projectId, more)).toContain(named);
  });
});

describe('the keys that encrypt secrets', () => {
  const SECOND = `second:${Buffer.alloc(32, 2).toString('base64')}`;
  let own: OwnStack;
  beforeAll(async () => {
    own = await startOwnStack({}, `${SECOND},${DEMO_SECRET_KEYS}`);
  });
  afterAll(() => own.close());
  afterEach(() => {
    own.hooks.table = undefined;
  });

  const rotate = async (project_id: string) =>
    (await own.invoke('manage-project', { action: 'rotate', project_id })).result;
  const encrypted = async (id: string) => String((await accessKeyItem(id))?.['encrypted_secret']);

  test('are replaced by the first one, while every key goes on to open the door', async () => {
    const { projectId, keys } = await newProject();
    const { keys: more } = await ask('add-key', projectId, { kind: 'access_key' });
    expect(await statusWith(projectId, keys, own.endpoint)).toBe(200);
    expect(await rotate(projectId)).toEqual({ secret_key_id: 'second', rotated: 2, unreadable: [] });
    for (const { access_key } of [keys, more]) expect(await encrypted(access_key)).toMatch(/^second:/);
    const before = await encrypted(keys.access_key);
    expect(await rotate(projectId)).toEqual({ secret_key_id: 'second', rotated: 0, unreadable: [] });
    expect(await encrypted(keys.access_key)).toBe(before);

    const alone = await startOwnStack({}, SECOND);
    try {
      for (const key of [keys, more, keys.token]) expect(await statusWith(projectId, key, alone.endpoint)).toBe(200);
    } finally {
      await alone.close();
    }
  });

  test('are replaced in all projects, if none is named', async () => {
    // On a table of its own: the keys of other tests' projects must stay as they are.
    const first = await startStack({ environment: { SECRET_KEYS: DEMO_SECRET_KEYS } });
    const endpoints = { s3: first.s3Endpoint, dynamodb: first.dynamodbEndpoint };
    const second = await startStack({ endpoints, environment: { SECRET_KEYS: `${SECOND},${DEMO_SECRET_KEYS}` } });
    try {
      const manage = async ({ invoke: run }: typeof first, command: object) =>
        JSON.parse((await run('manage-project', command)).payload);
      const locations = [{ bucket: first.bucket }];
      for (const project_id of ['a', 'b']) await manage(first, { action: 'add', project_id, locations });
      const expected = { secret_key_id: 'second', unreadable: [] };
      expect(await manage(second, { action: 'rotate' })).toEqual({ ...expected, rotated: 2 });
      expect(await manage(second, { action: 'rotate' })).toEqual({ ...expected, rotated: 0 });
      for (const project_id of ['a', 'b']) {
        const { keys } = await manage(first, { action: 'list-keys', project_id });
        expect(keys).toMatchObject([{ secret_key_id: 'second' }, { kind: 'token' }]);
      }
    } finally {
      await second.close();
      await first.close();
    }
  });

  test('name the secrets that none of them decrypts, and pass over them', async () => {
    const { projectId, keys } = await newProject();
    const { keys: lost } = await ask('add-key', projectId, { kind: 'access_key' });
    await putItem({ ...(await accessKeyItem(lost.access_key)), encrypted_secret: 'gone:AAAA' });
    const expected = { secret_key_id: 'second', unreadable: [lost.access_key] };
    expect(await rotate(projectId)).toEqual({ ...expected, rotated: 1 });
    expect(await encrypted(keys.access_key)).toMatch(/^second:/);
    await ask('revoke-key', projectId, { key: lost.access_key });
    expect(await rotate(projectId)).toEqual({ secret_key_id: 'second', rotated: 0, unreadable: [] });
  });

  test('give no secret back to a key that is revoked meanwhile', async () => {
    const { projectId, keys } = await newProject();
    own.hooks.table = ({ operation }) =>
      operation === 'UpdateItem' ? { first: () => ask('revoke-key', projectId, { key: keys.access_key }) } : undefined;
    await rotate(projectId);
    expect(await accessKeyItem(keys.access_key)).not.toHaveProperty('encrypted_secret');
    expect(await accessKeyItem(keys.access_key)).toHaveProperty('revoked');
  });

  test('leave no key that opens the door and is not listed, wherever the making of one stops', async () => {
    const { projectId } = await own.newProject();
    const before = (await ask('list-keys', projectId)).keys;
    for (const write of ['PutItem', 'UpdateItem']) {
      own.hooks.table = ({ operation }) =>
        operation === write ? { status: 400, body: '{"__type":"ValidationException"}' } : undefined;
      const { error } = await own.invoke('manage-project', { action: 'add-key', project_id: projectId, kind: 'token' });
      expect(error).toBe('Unhandled');
    }
    expect((await ask('list-keys', projectId)).keys).toEqual(before);
    own.hooks.table = undefined;
    const lines = (await itemsOf(`keys#${projectId}`)).map(({ sk }) => sk);
    expect(lines).toHaveLength(3);
    expect(await Promise.all(lines.map((id) => itemsOf(`credential#${id}`)))).toContainEqual([]);
  });
});
