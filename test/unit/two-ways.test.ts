import { describe, expect, test } from 'vitest';
import { isLarge } from '../../lib/import/accept-import.ts';
import { DIRECT_ARCHIVES, DIRECT_BYTES } from '../../lib/limits.ts';

const archives = (...sizes: number[]) =>
  sizes.map((size, n) => ({ bucket: 'b', owner: 'o', key: `${n}.zip`, etag: 'e', size }));
const many = (count: number) => archives(...Array.from({ length: count }, () => 1));

describe('an import goes by the queue', () => {
  test.each<[string, ReturnType<typeof archives>, boolean]>([
    ['100 archives do not', many(DIRECT_ARCHIVES), false],
    ['101 do', many(DIRECT_ARCHIVES + 1), true],
    ['80 MB do not', archives(DIRECT_BYTES), false],
    ['80 MB in several archives do not', archives(DIRECT_BYTES / 2, DIRECT_BYTES / 2), false],
    ['a byte more does', archives(DIRECT_BYTES + 1), true],
    ['a byte more in several archives does', archives(DIRECT_BYTES / 2, DIRECT_BYTES / 2, 1), true],
  ])('if it is too large for one request to wait for: %s', (_case, found, isQueued) => {
    expect(isLarge(found)).toBe(isQueued);
  });
});
