import { describe, expect, test } from 'vitest';
import { type JobPlace, jobOrder } from '../../lib/job/order.ts';
import { readRefusal } from '../../lib/store/write-job.ts';
import { type TinyItem, wouldWrite } from './tiny-table.ts';

const OURS = { importId: 5, archivePlace: 1, jobPlace: 1 };
const place = (isCover: boolean, other: Partial<JobPlace> = {}): JobPlace => ({ ...OURS, isCover, ...other });
const item = (of: JobPlace, other: Partial<TinyItem> = {}): TinyItem => ({
  job_id: 7,
  order: jobOrder(of),
  created_by: of.importId,
  content_hash: 'theirs',
  ...other,
});

describe.each([false, true])('what refused a write with is_cover %s', (isCover) => {
  const ours = { place: place(isCover) };

  test('is tried again if nothing is there', () => {
    expect(readRefusal(ours, undefined)).toBe('again');
  });

  test('is tried again if the job was deleted before our import', () => {
    const { job_id: _, ...tombstone } = item(ours.place, { deleted: 4 });
    expect(readRefusal(ours, tombstone)).toBe('again');
  });

  test('is our own write, when it has our order: created', () => {
    expect(readRefusal(ours, item(ours.place))).toEqual({ action: 'created', jobId: 7 });
  });

  test('is our own write over a job of another import: overwritten', () => {
    expect(readRefusal(ours, item(ours.place, { created_by: 3 }))).toEqual({ action: 'overwritten', jobId: 7 });
  });

  test.each([
    { archivePlace: 1, jobPlace: isCover ? 2 : 0 },
    { archivePlace: isCover ? 2 : 0, jobPlace: isCover ? 0 : 2 },
  ])('is a job of our import that beats ours: duplicate, %j', (winner) => {
    const met = item(place(isCover, winner));
    const expected = { action: 'duplicate', jobId: 7, metOrder: met.order, metHash: 'theirs' };
    expect(readRefusal(ours, met)).toEqual(expected);
    expect(readRefusal(ours, { ...met, created_by: 3 })).toEqual(expected);
  });

  test.each([
    { archivePlace: 1, jobPlace: isCover ? 0 : 2 },
    { archivePlace: isCover ? 0 : 2, jobPlace: 1 },
  ])('is tried again if a job of our import does not beat ours: %j', (loser) => {
    expect(readRefusal(ours, item(place(isCover, loser)))).toBe('again');
  });
});

describe('what refused a write without is_cover', () => {
  const ours = { place: place(false) };

  test.each([
    place(false, { importId: 4 }),
    place(false, { importId: 6 }),
    place(false, { importId: 50 }),
    place(true, { importId: 4 }),
    place(true, { importId: 5 }),
    place(true, { importId: 6 }),
  ])('is a job of any other import: skipped, %j', (other) => {
    expect(readRefusal(ours, item(other, { created_by: 3 }))).toEqual({ action: 'skipped', jobId: 7 });
  });

  test('is a later cover over what we created: created', () => {
    expect(readRefusal(ours, item(place(true, { importId: 6 }), { created_by: 5 }))).toEqual({
      action: 'created',
      jobId: 7,
    });
  });

  test('is a job in a name that was deleted after our import: skipped', () => {
    expect(readRefusal(ours, item(place(false, { importId: 9 }), { deleted: 8 }))).toMatchObject({ action: 'skipped' });
  });
});

describe('what refused a write with is_cover', () => {
  const ours = { place: place(true) };

  test.each([6, 50])('is a later cover, of import %i: superseded', (importId) => {
    const found = item(place(true, { importId }));
    expect(readRefusal(ours, found)).toEqual({ action: 'superseded', jobId: 7 });
    expect(readRefusal(ours, { ...found, created_by: 3 })).toEqual({ action: 'superseded', jobId: 7 });
  });

  test('is a later cover over what we created: created', () => {
    const found = item(place(true, { importId: 6 }), { created_by: 5 });
    expect(readRefusal(ours, found)).toEqual({ action: 'created', jobId: 7 });
  });

  test('is a job of a later import in a name that was deleted after ours: superseded', () => {
    for (const deleted of [5, 8]) {
      const found = item(place(false, { importId: 9 }), { deleted });
      expect(readRefusal(ours, found)).toEqual({ action: 'superseded', jobId: 7 });
    }
  });

  test.each([place(true, { importId: 4 }), place(false, { importId: 4 }), place(false, { importId: 9 })])(
    'is tried again if it is an earlier cover or no cover: %j',
    (other) => {
      expect(readRefusal(ours, item(other))).toBe('again');
      expect(readRefusal(ours, item(other, { deleted: 4 }))).toBe('again');
    },
  );
});

test('exactly what the condition would let through is tried again', () => {
  const places = [false, true].flatMap((isCover) =>
    [4, 5, 6].flatMap((importId) => [0, 1, 2].map((jobPlace) => place(isCover, { importId, jobPlace }))),
  );
  const orders = places.map(jobOrder);
  const found = orders.flatMap((order) =>
    [undefined, 3, 4, 5, 6].flatMap((deleted) =>
      [3, 4, 5, 6].map((created_by) => {
        return { job_id: 7, order, created_by, content_hash: 'h', ...(deleted !== undefined && { deleted }) };
      }),
    ),
  );
  for (const candidate of places) {
    for (const met of found) {
      const isAgain = readRefusal({ place: candidate }, met) === 'again';
      expect(isAgain, JSON.stringify([candidate, met])).toBe(wouldWrite(candidate, met));
    }
  }
});
