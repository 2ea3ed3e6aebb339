import { describe, expect, test } from 'vitest';
import { indexCopy, itemBytes, writeUnits } from '../bench/item-size.ts';

describe('the size of an item', () => {
  test.each([
    ['a text by its UTF-8', { name: { S: 'é' } }, 4 + 2],
    ['a number by two digits a byte', { n: { N: '12345' } }, 1 + 3 + 1],
    ['a number without the zeros around it', { n: { N: '1000' } }, 1 + 1 + 1],
    ['a negative number with a byte more', { n: { N: '-12' } }, 1 + 1 + 1 + 1],
    ['a binary by its bytes', { b: { B: new Uint8Array(7) } }, 1 + 7],
    ['a truth', { t: { BOOL: true } }, 1 + 1],
    ['a list with 3 bytes, and one for each element', { l: { L: [{ S: 'ab' }, { S: 'c' }] } }, 1 + 3 + 2 + 3],
    ['a map with 3 bytes, and one for each element', { m: { M: { k: { S: 'ab' } } } }, 1 + 3 + 1 + 3],
  ])('counts %s', (_, item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  test.each([
    [1, 1],
    [1_024, 1],
    [1_025, 2],
    [3_072, 3],
    [3_073, 4],
  ])('of %i bytes is %i write units', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });
});

describe('the copy of an item in an index', () => {
  const index = {
    IndexName: 'i',
    KeySchema: [{ AttributeName: 'shard', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: ['name'] },
  };
  const tableKey = [{ AttributeName: 'pk', KeyType: 'HASH' as const }];
  const item = { pk: { S: 'p' }, shard: { S: 's' }, name: { S: 'n' }, definition: { S: 'd' } };

  test('holds both keys and what is projected', () => {
    expect(indexCopy(item, index, tableKey)).toEqual({ pk: { S: 'p' }, shard: { S: 's' }, name: { S: 'n' } });
  });

  test('is not there if the item lacks the key of the index', () => {
    const { shard: _, ...tombstone } = item;
    expect(indexCopy(tombstone, index, tableKey)).toBeUndefined();
  });
});
