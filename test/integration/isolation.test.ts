import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { type EmbeddedStorage, startStorage } from '../../local/emulators.ts';
import { startStack } from '../../local/stack.ts';
import { FOREIGN_LOCATIONS } from '../foreign-locations.ts';
import { isIsolated, measureIsolation } from '../reliability/isolation.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { newProject, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const SPELLINGS = 60;

let storage: EmbeddedStorage;
beforeAll(async () => {
  // Its own: that of the shared stack tells that stack of what is uploaded.
  storage = await startStorage();
});
afterAll(() => storage.close());

describe("what is another project's", () => {
  test(`is spelt in ${SPELLINGS} ways or more, each another one`, () => {
    const ground = { bucket: 'bucket-of-both', own: 'team/data', foreign: 'other/data' };
    const spellings = Object.values(FOREIGN_LOCATIONS).flatMap((ways) => ways.map(({ spell }) => spell(ground, '')));
    expect(new Set(spellings).size).toBe(spellings.length);
    expect(spellings.length).toBeGreaterThanOrEqual(SPELLINGS);
  });

  test('is refused alike whether it is there or not, and nobody is asked for it', async () => {
    const figures = await measureIsolation({ s3Endpoint: storage.endpoint, dynamodbEndpoint: stack.dynamodbEndpoint });
    for (const { wrong, tried, refused, alike, s3Calls, foreignCalls } of figures.groups) {
      expect(wrong).toEqual([]);
      expect({ refused, alike, s3Calls, foreignCalls }).toEqual({
        refused: tried,
        alike: tried,
        s3Calls: 0,
        foreignCalls: 0,
      });
    }
    expect(isIsolated(figures)).toBe(true);
  });
});

describe('below its own location a project asks S3', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await startOwnStack();
  });
  afterAll(() => own.close());

  test.each([
    '%2e%2e/%2e%2e/other/x.zip',
    '..%2f..%2fother/x.zip',
    '%252e%252e/x.zip',
    'x.zip%00.zip',
    '..\\..\\other\\x.zip',
    'a#b&c=d;e/x.zip',
  ])('for the very name that it spells: %s', async (name) => {
    const project = await own.newProject();
    const urls: string[] = [];
    own.hooks.s3 = ({ url }) => void urls.push(url);
    const { json } = await project.import(`${stack.bucket}/${project.projectId}/${name}`);
    expect(json.error_code).toBe('DLI.0002');
    expect(urls.map((url) => decodeURIComponent(url))).toEqual([`/${stack.bucket}/${project.projectId}/${name}`]);
  });
});

test('a bucket that is now the one of another account is refused by S3, whether the archive is there or not', async () => {
  const project = await newProject([{ bucket: stack.bucket, owner: '999999999999' }]);
  const environment = { SECRET_KEYS: DEMO_SECRET_KEYS };
  const endpoints = { s3: stack.s3Endpoint, dynamodb: stack.dynamodbEndpoint };
  // Without the proxy that holds such a call for one of ours gone wrong.
  const bare = await startStack({ endpoints, environment });
  try {
    project.endpoint = bare.endpoint;
    const folder = `${stack.bucket}/${project.projectId}`;
    const ask = () => Promise.all([`${folder}/x.zip`, folder].map((path) => project.import(path)));
    const missing = await ask();
    await project.putJobs('x.zip', { name: 'a' });
    const there = await ask();
    expect(there.map(({ status, json }) => [status, json.error_code])).toEqual(there.map(() => [400, 'DLI.0011']));
    expect(there.map(({ text }) => text)).toEqual(missing.map(({ text }) => text));
  } finally {
    await bare.close();
  }
});

test.each([undefined, '999999999999'])(
  'a call to S3 that expects %s to own the bucket is one that fails a run',
  async (owner) => {
    const proxy = await startS3Proxy(storage.endpoint);
    const headers = owner === undefined ? {} : { 'x-amz-expected-bucket-owner': owner };
    expect((await fetch(`${proxy.endpoint}/bucket/key`, { headers })).status).toBe(400);
    await expect(proxy.close()).rejects.toThrow(/GET object with (?:no owner|the owner 999999999999)/);
  },
);
