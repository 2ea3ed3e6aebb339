import { describe, expect, test } from 'vitest';
import {
  archivePlaceOf,
  counterKey,
  credentialDirectoryKey,
  credentialKey,
  directoryKey,
  idShard,
  idShards,
  importKey,
  jobKey,
  type Key,
  OUTCOMES,
  outcomesKey,
  projectKey,
} from '../../lib/store/keys.ts';

/** Ids and names that could be taken for each other if the parts of a key were not set apart. */
const IDS = ['p', 'p1', 'p-1', '1', '11', 'job', 'project', 'projects', 'counter', 'import', 'imports', 'a_b'];
const NUMBERS = [1, 11, 111];
const PLACES = [0, 1, 11];

const allKeys: Key[] = IDS.flatMap((id) => [
  projectKey(id),
  directoryKey(id),
  counterKey(id),
  credentialKey(id),
  ...IDS.map((credential) => credentialDirectoryKey(id, credential)),
  ...IDS.map((name) => jobKey(id, name)),
  ...NUMBERS.map((number) => importKey(id, number)),
  ...NUMBERS.flatMap((number) => PLACES.map((place) => outcomesKey(id, number, place))),
]);

describe('the keys of the table', () => {
  test('are never shared by two items', () => {
    const texts = allKeys.map(({ pk, sk }) => JSON.stringify([pk, sk]));
    expect(new Set(texts).size).toBe(texts.length);
  });

  test.each([
    [jobKey('p', 'orders'), { pk: 'job#p#orders', sk: 'job' }],
    [importKey('p', 12), { pk: 'imports#p', sk: '0000000000000012' }],
    [outcomesKey('p', 12, 3), { pk: 'import#p#12', sk: 'archive#00003' }],
    [counterKey('p'), { pk: 'counter#p', sk: 'counter' }],
    [projectKey('p'), { pk: 'project#p', sk: 'project' }],
    [directoryKey('p'), { pk: 'projects', sk: 'p' }],
    [credentialKey('k'), { pk: 'credential#k', sk: 'credential' }],
    [credentialDirectoryKey('p', 'k'), { pk: 'keys#p', sk: 'k' }],
  ])('stay as they are stored: %j', (key, stored) => {
    expect(key).toEqual(stored);
  });
});

describe('the outcomes of an import', () => {
  test('lie in the order of its archives', () => {
    const keys = [0, 1, 2, 9, 10, 99, 100, 9_999].map((place) => outcomesKey('p', 1, place).sk);
    expect(keys.toSorted()).toEqual(keys);
    expect(keys.every((sk) => sk.startsWith(OUTCOMES))).toBe(true);
  });

  test.each([0, 1, 10, 9_999])('tell the place of their archive: %i', (place) => {
    expect(archivePlaceOf(outcomesKey('p', 1, place))).toBe(place);
  });
});

describe('the shards of the index by id', () => {
  test('hold every id, each in one of them, and use them all', () => {
    const shards = Array.from({ length: 100 }, (_, at) => idShard('p', at + 1));
    expect(new Set(shards)).toEqual(new Set(idShards('p')));
    expect(idShards('p')).toHaveLength(8);
  });

  test.each([8, Number.MAX_SAFE_INTEGER])('are told by the id: %i', (id) => {
    expect(idShards('p')).toContain(idShard('p', id));
  });

  test('are no others for another project', () => {
    expect(idShards('p').filter((shard) => idShards('p1').includes(shard))).toEqual([]);
  });
});
