import { describe, expect, test } from 'vitest';
import { type JobPlace, jobOrder } from '../../lib/job/order.ts';
import { type Found, readRefusal } from '../../lib/store/write-rules.ts';
import { ALL_RULES } from '../write-protocol/rules.ts';

const OURS = { importId: 5, archivePlace: 1, jobPlace: 1 };
const place = (isCover: boolean, other: Partial<JobPlace> = {}): JobPlace => ({ ...OURS, isCover, ...other });
const life = (of: JobPlace, created_by = of.importId) => {
  return { job_id: 7, order: jobOrder(of), created_by, content_hash: 'theirs' };
};

/** How a table holds a job that refuses ours: as it is, or as it was before it was deleted. */
const HOLDING: [string, (was: ReturnType<typeof life>) => Found][] = [
  ['a job', (was) => was],
  ['a tombstone of our import', (was) => ({ content_hash: '', was, deleted: OURS.importId })],
  ['a tombstone of a later import', (was) => ({ content_hash: '', was, deleted: OURS.importId + 3 })],
];
const again = { action: 'again' };

describe.each([false, true])('what refused a write with is_cover %s', (isCover) => {
  const ours = place(isCover);

  test('is tried again if nothing is there', () => {
    expect(readRefusal(ours, undefined)).toEqual(again);
  });

  test('is tried again if the job was deleted before our import, whatever it was', () => {
    for (const was of [life(ours), life(place(isCover, { importId: 4 }), 5), life(place(true, { importId: 9 }))]) {
      expect(readRefusal(ours, { content_hash: '', was, deleted: 4 })).toEqual(again);
    }
  });

  test('is to be numbered if it is a tombstone without a number, whatever it was', () => {
    for (const was of [life(ours), life(place(isCover, { importId: 4 }), 5), life(place(true, { importId: 9 }))]) {
      expect(readRefusal(ours, { content_hash: '', was })).toEqual({ action: 'unnumbered', jobId: 7 });
    }
  });

  test.each(HOLDING)('is our own write, when %s holds our order: created, or overwritten', (_, hold) => {
    expect(readRefusal(ours, hold(life(ours)))).toEqual({ action: 'created', jobId: 7 });
    expect(readRefusal(ours, hold(life(ours, 3)))).toEqual({ action: 'overwritten', jobId: 7 });
  });

  test.each(HOLDING)('is a job of our import that beats ours, when %s holds its order: duplicate', (_, hold) => {
    for (const winner of [
      { archivePlace: 1, jobPlace: isCover ? 2 : 0 },
      { archivePlace: isCover ? 2 : 0, jobPlace: isCover ? 0 : 2 },
    ]) {
      const met = life(place(isCover, winner));
      const expected = { action: 'duplicate', jobId: 7, metOrder: met.order, metHash: 'theirs' };
      expect(readRefusal(ours, hold(met))).toEqual(expected);
      expect(readRefusal(ours, hold({ ...met, created_by: 3 }))).toEqual(expected);
    }
  });

  test('is tried again if a job of our import does not beat ours', () => {
    for (const loser of [
      { archivePlace: 1, jobPlace: isCover ? 0 : 2 },
      { archivePlace: isCover ? 0 : 2, jobPlace: 1 },
    ]) {
      expect(readRefusal(ours, life(place(isCover, loser)))).toEqual(again);
    }
  });

  test.each(HOLDING.slice(1))(
    'is created here, when %s was a job of our import that ours beats: created',
    (_, hold) => {
      const loser = life(place(isCover, { jobPlace: isCover ? 0 : 2 }));
      expect(readRefusal(ours, hold(loser))).toEqual({ action: 'created', jobId: 7 });
    },
  );

  test.each(HOLDING)('is what a later cover wrote over what we created, when %s holds it: created', (_, hold) => {
    const found = hold(life(place(true, { importId: 6 }), 5));
    expect(readRefusal(ours, found)).toEqual({ action: 'created', jobId: 7 });
  });

  test.each(HOLDING)(
    'is what a later cover wrote over what others created, when %s holds it: skipped or superseded',
    (_, hold) => {
      for (const importId of [6, 50]) {
        const action = isCover ? 'superseded' : 'skipped';
        expect(readRefusal(ours, hold(life(place(true, { importId }))))).toEqual({ action, jobId: 7 });
        expect(readRefusal(ours, hold(life(place(true, { importId }), 3)))).toEqual({ action, jobId: 7 });
      }
    },
  );

  test.each(HOLDING.slice(1))('is %s, which was a job of another import: skipped or superseded', (_, hold) => {
    for (const other of [place(false, { importId: 4 }), place(false, { importId: 6 }), place(true, { importId: 4 })]) {
      expect(readRefusal(ours, hold(life(other, 3)))).toEqual({ action: isCover ? 'superseded' : 'skipped', jobId: 7 });
    }
  });

  test('is nothing that tells of no job', () => {
    expect(() => readRefusal(ours, { content_hash: '', deleted: 5 })).toThrow(
      'neither of a job nor of one that it was',
    );
  });
});

describe('what refused a write without is_cover', () => {
  const ours = place(false);

  test.each([
    place(false, { importId: 4 }),
    place(false, { importId: 6 }),
    place(false, { importId: 50 }),
    place(true, { importId: 4 }),
    place(true, { importId: 5 }),
    place(true, { importId: 6 }),
  ])('is a job of any other import: skipped, %j', (other) => {
    expect(readRefusal(ours, life(other, 3))).toEqual({ action: 'skipped', jobId: 7 });
  });

  test('is a job in a name that was deleted after our import: skipped', () => {
    const found = { ...life(place(false, { importId: 9 })), deleted: 8 };
    expect(readRefusal(ours, found)).toEqual({ action: 'skipped', jobId: 7 });
  });
});

describe('what refused a write with is_cover', () => {
  const ours = place(true);

  test.each([5, 8])('is a job of a later import in a name that was deleted by number %i: superseded', (deleted) => {
    const found = { ...life(place(false, { importId: 9 })), deleted };
    expect(readRefusal(ours, found)).toEqual({ action: 'superseded', jobId: 7 });
  });

  test.each([place(true, { importId: 4 }), place(false, { importId: 4 }), place(false, { importId: 9 })])(
    'is tried again if it is an earlier cover or no cover: %j',
    (other) => {
      expect(readRefusal(ours, life(other))).toEqual(again);
      expect(readRefusal(ours, { ...life(other), deleted: 4 })).toEqual(again);
    },
  );
});

test('exactly what the condition would let through is tried again', () => {
  const places = [false, true].flatMap((isCover) =>
    [4, 5, 6].flatMap((importId) => [0, 1, 2].map((jobPlace) => place(isCover, { importId, jobPlace }))),
  );
  const lives = places.flatMap((of) => [3, 4, 5, 6].map((created_by) => life(of, created_by)));
  const found = [undefined, 3, 4, 5, 6].flatMap((deleted): Found[] =>
    lives.flatMap((was) => [
      { ...was, deleted },
      { content_hash: '', was, deleted },
    ]),
  );
  for (const candidate of places) {
    for (const met of found) {
      const isAgain = readRefusal(candidate, met).action === 'again';
      expect(isAgain, JSON.stringify([candidate, met])).toBe(ALL_RULES.mayWrite(candidate, met));
    }
  }
});
