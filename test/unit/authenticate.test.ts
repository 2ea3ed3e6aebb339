import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { authenticate } from '../../lib/auth/authenticate.ts';
import { hashToken } from '../../lib/auth/credentials.ts';
import { encryptSecret } from '../../lib/auth/secrets.ts';
import type { ApiEvent } from '../../lib/http/api.ts';
import { ACCESS_CACHE_ENTRIES, ACCESS_CACHE_MS } from '../../lib/limits.ts';
import type { findAccess } from '../../lib/store/projects.ts';
import { sign } from '../sign.ts';
import { apiEvent, lambdaContext } from './api-event.ts';

type Access = Awaited<ReturnType<typeof findAccess>>;
type Headers = Record<string, string>;

const TOKEN = 'a-token-of-somebody';
const KEYS = { access_key: 'ACCESSKEY', secret_key: 'secret-key-of-somebody' };
const SECRET_KEYS = new Map([['k1', Buffer.alloc(32, 1)]]);
const project = (projectId: string) => ({ projectId, name: projectId, locations: [] });
const credential = (projectId: string, kind: 'token' | 'access_key' = 'token') => ({
  pk: '',
  sk: '',
  project_id: projectId,
  kind,
  create_time: 0,
  ...(kind === 'access_key' && { encrypted_secret: encryptSecret(SECRET_KEYS, KEYS.access_key, KEYS.secret_key) }),
});

/** A request with a token, and the same request signed: the door opens to both alike. */
const withToken = (token = TOKEN): Headers => ({ 'x-auth-token': token });
function signed(keys = KEYS): Headers {
  const headers = sign(keys, { method: 'POST', url: '/', date: new Date(Date.now()) });
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Everybody may enter the project of the path, unless the test says otherwise. */
const welcome = async (id: string, projectId: string): Promise<Access> => ({
  credential: credential(projectId, id === KEYS.access_key ? 'access_key' : 'token'),
  project: project(projectId),
});

function open(lookup: (credentialId: string, projectId: string) => Promise<Access> = welcome) {
  const spy = vi.fn(lookup);
  const shown: string[] = [];
  const handler = middy<ApiEvent, string>()
    .use(authenticate(spy, SECRET_KEYS))
    .handler(async (_, context) => {
      shown.push(context.requestedBy);
      return context.project.projectId;
    });
  const enter = (headers: Headers, projectId = 'p1'): Promise<string> =>
    handler(apiEvent({ headers, pathParameters: { project_id: projectId } }), {
      ...lambdaContext(),
      project: project('of nobody'),
      requestedBy: 'nobody',
    });
  return { enter, lookup: spy, shown };
}

const refused = (code: string, message: string) => expect.objectContaining({ code, message });
const unauthenticated = (detail: string) =>
  refused('APIGW.0301', `Incorrect IAM authentication information: ${detail}`);
const noToken = unauthenticated('x-auth-token not found');
const badToken = unauthenticated('decrypt token fail');
const badSignature = unauthenticated(
  'verify aksk signature fail: ak not exist or revoked, or not the signature of this request by its secret key',
);
const foreign = refused('APIGW.0302', 'This key is not one of the project that the path names.');

const WAYS: [string, 'token' | 'access_key', () => Headers, string, unknown][] = [
  ['a token', 'token', withToken, hashToken(TOKEN), badToken],
  ['a signature', 'access_key', signed, KEYS.access_key, badSignature],
];

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 24) }));
afterEach(() => void vi.useRealTimers());

describe.each(WAYS)('a request with %s', (_way, kind, headers, id, refusal) => {
  test('of its project finds the project in the context', async () => {
    const { enter, lookup } = open();
    expect(await enter(headers())).toBe('p1');
    expect(lookup.mock.calls).toEqual([[id, 'p1']]);
  });

  test('that is unknown is refused', async () => {
    const { enter } = open(async () => ({ credential: undefined, project: project('p1') }));
    await expect(enter(headers())).rejects.toThrow(refusal);
  });

  test('that was revoked is refused as one that is unknown', async () => {
    const { enter } = open(async () => ({
      credential: { ...credential('p1', kind), revoked: 1 },
      project: project('p1'),
    }));
    await expect(enter(headers())).rejects.toThrow(refusal);
  });

  test('that is of the other kind is refused as one that is unknown', async () => {
    const other = { ...credential('p1', 'access_key'), kind: kind === 'token' ? 'access_key' : 'token' } as const;
    const { enter } = open(async () => ({ credential: other, project: project('p1') }));
    await expect(enter(headers())).rejects.toThrow(refusal);
  });

  test('of another project is refused, whether the project of the path exists or not', async () => {
    for (const asked of [project('p1'), undefined]) {
      const { enter } = open(async () => ({ credential: credential('p2', kind), project: asked }));
      await expect(enter(headers())).rejects.toThrow(foreign);
    }
  });

  test('to a project that is gone is refused, though it is of it', async () => {
    const { enter } = open(async () => ({ credential: credential('p1', kind), project: undefined }));
    await expect(enter(headers())).rejects.toThrow(foreign);
  });

  test('is refused after the same work, be it unknown, revoked or of the other kind', async () => {
    const decrypt = vi.spyOn(SECRET_KEYS, 'get');
    const found = credential('p1', kind === 'token' ? 'access_key' : 'token');
    for (const unfit of [undefined, found, { ...credential('p1', kind), revoked: 1 }]) {
      const { enter } = open(async () => ({ credential: unfit, project: project('p1') }));
      decrypt.mockClear();
      await expect(enter(headers())).rejects.toThrow(refusal);
      expect(decrypt).toHaveBeenCalledOnce();
    }
  });

  test('whose look-up fails is no refusal', async () => {
    const { enter } = open(() => Promise.reject(new Error('throttled')));
    await expect(enter(headers())).rejects.toThrow('throttled');
  });

  test('is never answered with what it holds', async () => {
    const { enter } = open(async () => ({ credential: undefined, project: undefined }));
    for (const secret of [TOKEN, KEYS.access_key, KEYS.secret_key]) {
      await expect(enter(headers())).rejects.toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) }),
      );
    }
  });

  test.each(['', 'p 1', 'p/1', 'p'.repeat(65), '../p'])(
    'to %j, which no project can have, is to an unknown path',
    async (projectId) => {
      const { enter, lookup } = open();
      await expect(enter(headers(), projectId)).rejects.toMatchObject({ code: 'APIGW.0101' });
      await expect(enter({}, projectId)).rejects.toMatchObject({ code: 'APIGW.0101' });
      expect(lookup).not.toHaveBeenCalled();
    },
  );

  test('is looked up once in a minute', async () => {
    const { enter, lookup } = open();
    await enter(headers());
    vi.setSystemTime(Date.now() + ACCESS_CACHE_MS - 1);
    expect(await enter(headers())).toBe('p1');
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  test('passes for the rest of the minute in which it is revoked, and not longer by being used', async () => {
    let access = await welcome(id, 'p1');
    const { enter, lookup } = open(async () => access);
    await enter(headers());
    access = { credential: { ...credential('p1', kind), revoked: 1 }, project: project('p1') };
    for (const part of [ACCESS_CACHE_MS / 2, ACCESS_CACHE_MS / 2 - 1]) {
      vi.setSystemTime(Date.now() + part);
      expect(await enter(headers())).toBe('p1');
    }
    vi.setSystemTime(Date.now() + 1);
    await expect(enter(headers())).rejects.toThrow(refusal);
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  test('passes for no longer when the table was slow to answer', async () => {
    const { enter, lookup } = open(async (...asked) => {
      vi.setSystemTime(Date.now() + 5_000);
      return welcome(...asked);
    });
    await enter(headers());
    vi.setSystemTime(Date.now() + ACCESS_CACHE_MS - 5_000);
    await enter(headers());
    expect(lookup).toHaveBeenCalledTimes(2);
  });

  test('that was refused is looked up every time', async () => {
    let access: Access = { credential: undefined, project: project('p1') };
    const { enter, lookup } = open(async () => access);
    for (const _ of [1, 2]) await expect(enter(headers())).rejects.toThrow(refusal);
    access = await welcome(id, 'p1');
    expect(await enter(headers())).toBe('p1');
    expect(lookup).toHaveBeenCalledTimes(3);
  });

  test('opens no other project by what is known of it', async () => {
    const { enter, lookup } = open(async (_id, projectId) => ({
      credential: credential('p1', kind),
      project: project(projectId),
    }));
    await enter(headers());
    await expect(enter(headers(), 'p2')).rejects.toThrow(foreign);
    expect(lookup).toHaveBeenCalledTimes(2);
  });
});

describe('a token', () => {
  test.each([{}, { 'x-auth-token': '' }, { authorization: 'Basic x' }])('must be sent: %j', async (headers) => {
    const { enter, lookup } = open();
    await expect(enter(headers)).rejects.toThrow(noToken);
    expect(lookup).not.toHaveBeenCalled();
  });

  test('is told by the beginning of its hash, known or not', async () => {
    const { enter, shown } = open();
    for (const _ of [1, 2]) await enter(withToken());
    expect(shown).toEqual(Array(2).fill(`token ${hashToken(TOKEN).slice(0, 8)}`));
  });

  test('passes beside an Authorization that is no signature', async () => {
    const { enter } = open();
    expect(await enter({ ...withToken(), authorization: 'Bearer x' })).toBe('p1');
  });

  test('that is known opens to no other token', async () => {
    const { enter } = open(async (id) => ({
      credential: id === hashToken(TOKEN) ? credential('p1') : undefined,
      project: project('p1'),
    }));
    await enter(withToken());
    await expect(enter(withToken(`${TOKEN}2`))).rejects.toThrow(badToken);
    await expect(enter(withToken(`${TOKEN},${TOKEN}`))).rejects.toThrow(badToken);
  });

  test('known or not is kept with as many others as the bound, and no more', async () => {
    const { enter, lookup } = open();
    for (let at = 0; at < ACCESS_CACHE_ENTRIES; at++) await enter(withToken(`token-${at}`));
    await enter(withToken('token-0'));
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES);
    await enter(withToken('one-more'));
    await enter(withToken('one-more'));
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES + 1);
    await enter(withToken('token-0'));
    expect(lookup).toHaveBeenCalledTimes(ACCESS_CACHE_ENTRIES + 2);
  });
});

describe('a signature', () => {
  const wrong = () => signed({ ...KEYS, secret_key: 'another-secret-key' });

  test('is told by its access key', async () => {
    const { enter, shown } = open();
    await enter(signed());
    expect(shown).toEqual(['access key ACCESSKEY']);
  });

  test('by another secret is refused', async () => {
    const { enter } = open();
    await expect(enter(wrong())).rejects.toThrow(badSignature);
  });

  test('that is not right costs one look-up, whether its key is known, unknown or revoked', async () => {
    const { enter, lookup } = open();
    await enter(signed());
    lookup.mockClear();
    await expect(enter(wrong())).rejects.toThrow(badSignature);
    expect(lookup).toHaveBeenCalledTimes(1);
    for (const found of [undefined, { ...credential('p1', 'access_key'), revoked: 1 }]) {
      const { enter: enterAnew, lookup: lookupAnew } = open(async () => ({ credential: found, project: undefined }));
      await expect(enterAnew(wrong())).rejects.toThrow(badSignature);
      expect(lookupAnew).toHaveBeenCalledTimes(1);
    }
  });

  test('that is not right is told nothing of the project that its key is of', async () => {
    const { enter } = open(async () => ({ credential: credential('p2', 'access_key'), project: undefined }));
    await expect(enter(wrong())).rejects.toThrow(badSignature);
  });

  test('that is malformed is refused without a look-up', async () => {
    const { enter, lookup } = open();
    const { authorization = '' } = signed();
    await expect(enter({ ...signed(), authorization: `${authorization},${authorization}` })).rejects.toMatchObject({
      code: 'APIGW.0301',
    });
    expect(lookup).not.toHaveBeenCalled();
  });

  test('decides, whatever token is beside it', async () => {
    const { enter, lookup } = open();
    expect(await enter({ ...signed(), 'x-auth-token': '' })).toBe('p1');
    expect(await enter({ ...signed(), 'x-auth-token': 'no-such-token' })).toBe('p1');
    expect(lookup.mock.calls).toEqual([[KEYS.access_key, 'p1']]);
    await enter(withToken());
    await expect(enter({ ...wrong(), ...withToken() })).rejects.toThrow(badSignature);
  });

  test('of an access key that is written as the hash of a known token is not taken for it', async () => {
    const { enter } = open(async () => ({ credential: credential('p1'), project: project('p1') }));
    await enter(withToken());
    const forged = signed({ access_key: hashToken(TOKEN), secret_key: '' });
    await expect(enter(forged)).rejects.toThrow(badSignature);
  });

  test('by a secret that was replaced is known at once', async () => {
    const anew = { ...KEYS, secret_key: 'secret-key-that-is-new' };
    let secret = KEYS.secret_key;
    const { enter } = open(async () => ({
      credential: {
        ...credential('p1', 'access_key'),
        encrypted_secret: encryptSecret(SECRET_KEYS, KEYS.access_key, secret),
      },
      project: project('p1'),
    }));
    await enter(signed());
    secret = anew.secret_key;
    expect(await enter(signed(anew))).toBe('p1');
    await expect(enter(signed())).rejects.toThrow(badSignature);
  });

  test('whose stored secret no configured key decrypts is a fault, not a refusal', async () => {
    const encrypted_secret = encryptSecret(new Map([['k0', Buffer.alloc(32)]]), KEYS.access_key, KEYS.secret_key);
    const { enter } = open(async () => ({
      credential: { ...credential('p1', 'access_key'), encrypted_secret },
      project: project('p1'),
    }));
    await expect(enter(signed())).rejects.toThrow('no key with the id k0 is configured');
  });

  test('of the very secret of the decoy cannot be: a key without a stored secret is refused', async () => {
    const { encrypted_secret: _secret, ...bare } = { ...credential('p1', 'access_key') };
    const { enter } = open(async () => ({ credential: bare, project: project('p1') }));
    await expect(enter(signed())).rejects.toThrow(badSignature);
    await expect(enter(signed({ ...KEYS, secret_key: '' }))).rejects.toThrow(badSignature);
  });
});
