import { describe, expect, test } from 'vitest';
import { importOrder, type JobPlace, jobOrder, sortable, sortablePlace } from '../../lib/job/order.ts';
import { ARCHIVE_JOBS, IMPORT_ARCHIVES } from '../../lib/limits.ts';

const NUMBERS = [1, 2, 9, 10, 99, 100, 12_345, Number.MAX_SAFE_INTEGER];
const PLACES = [0, 1, 9, 10, 99, 100, 9_999, Math.max(ARCHIVE_JOBS, IMPORT_ARCHIVES)];

const places: JobPlace[] = [false, true].flatMap((isCover) =>
  NUMBERS.flatMap((importId) =>
    PLACES.flatMap((archivePlace) => PLACES.map((jobPlace) => ({ isCover, importId, archivePlace, jobPlace }))),
  ),
);

describe('the order of a job', () => {
  test('sorts as text as its numbers do: cover, import, archive, job', () => {
    const orders = places.map(jobOrder);
    expect(orders.toSorted()).toEqual(orders);
    expect(new Set(orders).size).toBe(places.length);
  });

  test('begins with that of its import, and with no other', () => {
    const imports = [false, true].flatMap((isCover) => NUMBERS.map((importId) => ({ isCover, importId })));
    for (const place of places) {
      const owners = imports.filter((owner) => jobOrder(place).startsWith(importOrder(owner)));
      expect(owners).toEqual([{ isCover: place.isCover, importId: place.importId }]);
    }
  });

  test('is readable', () => {
    const place = { isCover: true, importId: 12, archivePlace: 3, jobPlace: 45 };
    expect(jobOrder(place)).toBe('1.0000000000000012.00003.00045');
  });
});

test('numbers and places sort as text as they do as numbers', () => {
  expect(NUMBERS.map(sortable).toSorted()).toEqual(NUMBERS.map(sortable));
  expect(PLACES.map(sortablePlace).toSorted()).toEqual(PLACES.map(sortablePlace));
});
