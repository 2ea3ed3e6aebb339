import { describe, expect, test } from 'vitest';
import {
  type ArchiveOutcomes,
  archiveOutcomes,
  asShared,
  countActions,
  countRefusals,
  isRefusedWhole,
  mergeOutcomes,
  type Outcome,
  summarise,
} from '../../lib/job/outcome.ts';

const seen = { jobPlace: 0, entry: 'a.json', oldJobId: '9223372036854775807' };
const settled = { ...seen, name: 'a', contentHash: 'h', jobId: 7 };
const all: Outcome[] = [
  { ...settled, action: 'created' },
  { ...settled, action: 'overwritten' },
  { ...settled, action: 'skipped', oldJobId: null },
  { ...settled, action: 'superseded' },
  { ...settled, action: 'duplicate', metOrder: 'o', metHash: 'h' },
  { ...seen, action: 'failed', name: null, code: 'DLI.0001', message: 'm', isTransient: false },
  { ...seen, action: 'not_started', name: 'a', code: 'DLI.0999', message: 'm', isTransient: true },
];

describe('the outcomes of an archive', () => {
  test.each<ArchiveOutcomes>([
    { jobs: [] },
    { jobs: all },
    { refused: { code: 'DLI.0018', message: 'm' } },
    { refused: { code: 'DLI.0018', message: 'm', reason: 'archive.crc' } },
  ])('are read back from their text as they were', (outcomes) => {
    expect(archiveOutcomes.parse(JSON.parse(JSON.stringify(outcomes)))).toStrictEqual(outcomes);
  });

  test.each([
    {},
    { jobs: null },
    { jobs: [{ ...settled, action: 'imported' }] },
    { jobs: [{ ...settled, action: 'duplicate' }] },
    { jobs: [{ ...settled, action: 'created', jobId: 1.5 }] },
    { jobs: [{ ...settled, action: 'created', name: null }] },
    { jobs: [{ ...seen, action: 'failed', name: null, code: 'DLI.9999', message: 'm', isTransient: false }] },
    { jobs: [{ ...seen, action: 'failed', name: null, code: 'toString', message: 'm', isTransient: false }] },
    { refused: { message: 'm' } },
  ])('are not read from anything else: %j', (stored) => {
    expect(archiveOutcomes.safeParse(stored).success).toBe(false);
  });
});

describe('their summary', () => {
  test('counts jobs by what became of them', () => {
    expect(summarise({ jobs: [...all, ...all.slice(0, 1)] })).toEqual({
      jobs: { created: 2, overwritten: 1, skipped: 1, superseded: 1, duplicate: 1, failed: 1, not_started: 1 },
    });
    expect(countActions([])).toEqual({});
  });

  test('tells why an archive was refused, by its reason or else its code, and no message', () => {
    const refused = { code: 'DLI.0018', message: 'hunter2' } as const;
    expect(summarise({ refused: { ...refused, reason: 'archive.crc' } })).toEqual({ jobs: {}, reason: 'archive.crc' });
    expect(summarise({ refused })).toEqual({ jobs: {}, reason: 'DLI.0018' });
  });
});

test('refusals are counted by reason or else code: an archive once, of its jobs those that break a rule', () => {
  const refused = { code: 'DLI.0018', message: 'hunter2' } as const;
  expect(countRefusals({ refused: { ...refused, reason: 'archive.crc' } })).toEqual({ 'archive.crc': 1 });
  expect(countRefusals({ refused })).toEqual({ 'DLI.0018': 1 });
  expect(countRefusals({ jobs: [...all, ...all] })).toEqual({ 'DLI.0001': 2 });
});

describe('what two runs over an archive know together', () => {
  const at = (jobPlace: number, jobId: number): Outcome => ({ ...settled, jobPlace, jobId, action: 'created' });
  const open = (jobPlace: number): Outcome => ({
    ...{ ...seen, jobPlace },
    ...{ action: 'not_started', name: 'a', code: 'DLI.0019', message: 'no time', isTransient: true },
  });
  const brief = (outcomes: ArchiveOutcomes) =>
    'jobs' in outcomes
      ? outcomes.jobs.map((outcome) => [outcome.jobPlace, outcome.action, 'jobId' in outcome && outcome.jobId])
      : outcomes;
  const refused: ArchiveOutcomes = { refused: { code: 'DLI.0002', message: 'gone' } };

  test('is what ours says where there is nothing else', () => {
    expect(brief(mergeOutcomes(undefined, { jobs: [at(0, 1)] }))).toEqual([[0, 'created', 1]]);
  });

  test('is what one of them has settled, that of the first where both have', () => {
    const stored = { jobs: [at(0, 1), open(1), at(3, 4)] };
    const ours = { jobs: [at(0, 9), at(1, 2), open(3)] };
    const merged = [
      [0, 'created', 1],
      [1, 'created', 2],
      [3, 'created', 4],
    ];
    expect(brief(mergeOutcomes(stored, ours))).toEqual(merged);
  });

  test('is not known where neither has settled it: who was not begun by one may be written by the other', () => {
    const merged = mergeOutcomes({ jobs: [open(0)] }, { jobs: [open(0)] });
    expect(merged).toMatchObject({
      jobs: [
        {
          action: 'failed',
          code: 'DLI.0999',
          isTransient: true,
          message: expect.stringMatching(/^not known to be imported/),
        },
      ],
    });
  });

  test('is what the one read that could read it', () => {
    expect(brief(mergeOutcomes(refused, { jobs: [at(0, 1)] }))).toEqual([[0, 'created', 1]]);
    expect(brief(mergeOutcomes({ jobs: [at(0, 1)] }, refused))).toEqual([[0, 'created', 1]]);
  });

  test('is no proof that nothing was written when both could not', () => {
    expect(isRefusedWhole(refused)).toBe(true);
    expect(isRefusedWhole(mergeOutcomes(refused, refused))).toBe(false);
    expect(isRefusedWhole(asShared(refused))).toBe(false);
  });

  test('leaves what is settled as it is', () => {
    expect(asShared({ jobs: all.slice(0, 6) })).toEqual({ jobs: all.slice(0, 6) });
  });
});
