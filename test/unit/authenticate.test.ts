import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { authenticate } from '../../lib/auth/authenticate.ts';
import { hashToken } from '../../lib/auth/credentials.ts';
import type { ApiEvent } from '../../lib/http/api.ts';
import { ACCESS_CACHE_ENTRIES, ACCESS_CACHE_MS } from '../../lib/limits.ts';
import type { findAccess } from '../../lib/store/projects.ts';
import { apiEvent, lambdaContext } from './api-event.ts';

type Access = Awaited<ReturnType<typeof findAccess>>;

const TOKEN = 'a-token-of-somebody';
const project = (projectId: string) => ({ projectId, name: projectId, locations: [] });
const credential = (projectId: string, kind: 'token' | 'access_key' = 'token') => ({
  pk: '',
  sk: '',
  project_id: projectId,
  kind,
  create_time: 0,
});

/** Everybody may enter the project of the path, unless the test says otherwise. */
const welcome = async (_: string, projectId: string): Promise<Access> => ({
  credential: credential(projectId),
  project: project(projectId),
});

function open(lookup: (credentialId: string, projectId: string) => Promise<Access> = welcome) {
  const spy = vi.fn(lookup);
  const shown: string[] = [];
  const handler = middy<ApiEvent, string>()
    .use(authenticate(spy))
    .handler(async (_, context) => {
      shown.push(context.requestedBy);
      return context.project.projectId;
    });
  const enter = (token: string | undefined = TOKEN, projectId = 'p1'): Promise<string> => {
    const headers = token === '' ? {} : { 'x-auth-token': token };
    return handler(apiEvent({ headers, pathParameters: { project_id: projectId } }), {
      ...lambdaContext(),
      project: project('of nobody'),
      requestedBy: 'nobody',
    });
  };
  return { enter, lookup: spy, shown };
}

const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const unauthenticated = (detail: string) =>
  refused('APIGW.0301', `Incorrect IAM authentication information: ${detail}`);
const foreign = refused('APIGW.0302', 'This token is not one of the project that the path names.');

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('a request', () => {
  test('with a token of its project finds the project in the context', async () => {
    const { enter, lookup } = open();
    expect(await enter()).toBe('p1');
    expect(lookup.mock.calls).toEqual([[hashToken(TOKEN), 'p1']]);
  });

  test("tells whose it is by the beginning of the token's hash, known or not", async () => {
    const { enter, shown } = open();
    await enter();
    await enter();
    expect(shown).toEqual(Array(2).fill(`token ${hashToken(TOKEN).slice(0, 8)}`));
  });

  test('without a token is refused, without a look-up', async () => {
    const { enter, lookup } = open();
    await expect(enter('')).rejects.toThrow(unauthenticated('x-auth-token not found'));
    expect(lookup).not.toHaveBeenCalled();
  });

  test('with an unknown token is refused', async () => {
    const { enter } = open(async () => ({ credential: undefined, project: project('p1') }));
    await expect(enter()).rejects.toThrow(unauthenticated('decrypt token fail'));
  });

  test('with an access key in place of a token is refused', async () => {
    const { enter } = open(async () => ({ credential: credential('p1', 'access_key'), project: project('p1') }));
    await expect(enter()).rejects.toThrow(unauthenticated('decrypt token fail'));
  });

  test('with a token of another project is refused as one to an unknown project is', async () => {
    const { enter } = open(async () => ({ credential: credential('p2'), project: project('p1') }));
    await expect(enter()).rejects.toThrow(foreign);
    const { enter: enterNowhere } = open(async () => ({ credential: credential('p2'), project: undefined }));
    await expect(enterNowhere()).rejects.toThrow(foreign);
  });

  test('to a project that is gone is refused, with its own token too', async () => {
    const { enter } = open(async () => ({ credential: credential('p1'), project: undefined }));
    await expect(enter()).rejects.toThrow(foreign);
  });

  test.each(['', 'p 1', 'p/1', 'p'.repeat(65), '../p'])(
    'to %j, which no project can have, is to an unknown path',
    async (id) => {
      const { enter, lookup } = open();
      await expect(enter(TOKEN, id)).rejects.toMatchObject({ code: 'APIGW.0101' });
      await expect(enter('', id)).rejects.toMatchObject({ code: 'APIGW.0101' });
      expect(lookup).not.toHaveBeenCalled();
    },
  );

  test('is never answered with its token', async () => {
    const { enter } = open(async () => ({ credential: undefined, project: undefined }));
    await expect(enter()).rejects.toThrow(expect.not.objectContaining({ message: expect.stringContaining(TOKEN) }));
  });

  test('whose look-up fails is no refusal', async () => {
    const { enter } = open(() => Promise.reject(new Error('throttled')));
    await expect(enter()).rejects.toThrow('throttled');
  });
});

describe('what was found', () => {
  test('is kept for a minute', async () => {
    const { enter, lookup } = open();
    await enter();
    vi.setSystemTime(Date.now() + ACCESS_CACHE_MS - 1);
    expect(await enter()).toBe('p1');
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  test('is looked up again after it', async () => {
    let access: Access = await welcome('', 'p1');
    const { enter, lookup } = open(async () => access);
    await enter();
    access = { credential: undefined, project: project('p1') };
    vi.setSystemTime(Date.now() + ACCESS_CACHE_MS);
    await expect(enter()).rejects.toMatchObject({ code: 'APIGW.0301' });
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  test('is not kept longer by being used', async () => {
    const { enter, lookup } = open();
    await enter();
    for (const _ of [1, 2]) {
      vi.setSystemTime(Date.now() + ACCESS_CACHE_MS / 2);
      await enter();
    }
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  test('opens neither another project to the token nor the project to another token', async () => {
    const { enter, lookup } = open(async (id, projectId) => ({
      credential: id === hashToken(TOKEN) ? credential('p1') : undefined,
      project: project(projectId),
    }));
    await enter();
    await expect(enter(TOKEN, 'p2')).rejects.toThrow(foreign);
    await expect(enter(`${TOKEN}2`)).rejects.toMatchObject({ code: 'APIGW.0301' });
    expect(lookup).toHaveBeenCalledTimes(3);
  });

  test('is bounded', async () => {
    const { enter, lookup } = open();
    for (let at = 0; at < ACCESS_CACHE_ENTRIES; at++) await enter(`token-${at}`);
    await enter('token-0');
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES);
    await enter('one-more');
    await enter('one-more');
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES + 1);
    await enter('token-0');
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES + 2);
  });
});

test('what was refused is looked up every time', async () => {
  let access: Access = { credential: undefined, project: project('p1') };
  const { enter, lookup } = open(async () => access);
  await expect(enter()).rejects.toMatchObject({ code: 'APIGW.0301' });
  await expect(enter()).rejects.toMatchObject({ code: 'APIGW.0301' });
  access = await welcome('', 'p1');
  expect(await enter()).toBe('p1');
  expect(lookup).toHaveBeenCalledTimes(3);
});
