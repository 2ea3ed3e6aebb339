import { describe, expect, test } from 'vitest';
import { type ArchiveOutcomes, archiveOutcomes, countActions, type Outcome, summarise } from '../../lib/job/outcome.ts';

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
