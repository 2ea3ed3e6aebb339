import { describe, expect, test } from 'vitest';
import { type ArchiveResult, joinOutcomes } from '../../lib/import/mapping.ts';
import { jobOrder } from '../../lib/job/order.ts';
import type { Outcome } from '../../lib/job/outcome.ts';

const IMPORT_ID = 5;
const orderOf = (isCover: boolean, archivePlace: number, jobPlace = 0) =>
  jobOrder({ isCover, importId: IMPORT_ID, archivePlace, jobPlace });

const base = { jobPlace: 0, entry: 'a.json', oldJobId: null, name: 'orders', contentHash: 'h', jobId: 7 };
const settled = (
  action: 'created' | 'overwritten' | 'skipped' | 'superseded',
  other: Partial<typeof base> = {},
): Outcome => ({ ...base, ...other, action });
const duplicate = (metOrder: string, metHash = 'h', other: Partial<typeof base> = {}): Outcome => ({
  ...base,
  ...other,
  action: 'duplicate',
  metOrder,
  metHash,
});
const failed = (isTransient: boolean, name: string | null = 'orders'): Outcome => ({
  jobPlace: 0,
  entry: 'a.json',
  oldJobId: '9',
  action: 'failed',
  name,
  code: isTransient ? 'DLI.0999' : 'DLI.0001',
  message: 'why it failed',
  isTransient,
});

function join(isCover: boolean, archives: (ArchiveResult['outcomes'] | Outcome)[]) {
  const results = archives.map((found, place) => ({
    archive: `data/${place}.zip`,
    outcomes: typeof found === 'object' && 'action' in found ? { jobs: [found] } : found,
  }));
  return joinOutcomes({ importId: IMPORT_ID, isCover }, results);
}

const GONE = { refused: { code: 'DLI.0002', message: 'no such object', mayHaveWritten: true } } as const;

const brief = (isCover: boolean, archives: Parameters<typeof join>[1]) =>
  join(isCover, archives).map(({ action, newJobId }) => [action, newJobId]);

describe('a row', () => {
  test.each([
    ['created', 7, 'Job successfully created'],
    ['overwritten', 7, 'Job successfully overwritten'],
    ['superseded', 7, 'Imported, and replaced or deleted at once by a later import or deletion'],
    ['skipped', -1, 'The job name already exists; the job was left as it is because is_cover is false'],
  ] as const)('of a job that was %s has the id %i', (action, newJobId, remark) => {
    expect(join(action !== 'skipped', [settled(action)])).toEqual([
      {
        action,
        newJobId,
        remark,
        oldJobId: null,
        archive: 'data/0.zip',
        entry: 'a.json',
        jobName: 'orders',
        code: null,
      },
    ]);
  });

  test('of a job that failed says why, with its code', () => {
    const row = {
      action: 'failed',
      newJobId: -1,
      remark: 'Job 1 of "data/0.zip", in "a.json": why it failed',
      oldJobId: '9',
      jobName: null,
    };
    expect(join(true, [failed(false, null)])).toMatchObject([{ ...row, code: 'DLI.0001', entry: 'a.json' }]);
  });

  test('of an archive that was refused says which and why', () => {
    const [row] = join(true, [{ refused: { code: 'DLI.0018', message: 'not a ZIP', reason: 'archive.crc' } }]);
    expect(row).toEqual({
      action: 'failed',
      newJobId: -1,
      remark: '"data/0.zip" was not imported: not a ZIP',
      oldJobId: null,
      archive: 'data/0.zip',
      entry: null,
      jobName: null,
      code: 'DLI.0018',
    });
  });

  test('of an archive that is gone since an earlier try of it says that it is not known to be imported', () => {
    const [row] = join(true, [GONE]);
    expect(row).toMatchObject({ action: 'failed', newJobId: -1, code: 'DLI.0002', entry: null });
    expect(row?.remark).toBe(
      '"data/0.zip" is not known to be imported, since an earlier try of it broke off: no such object',
    );
  });

  test('of a lost archive says that it is not known to be imported', () => {
    expect(join(true, ['lost'])).toMatchObject([{ action: 'failed', newJobId: -1, code: 'DLI.0999', entry: null }]);
    expect(join(true, ['lost'])[0]?.remark).toContain('not known to be imported');
  });

  test('of an archive that was never begun says so', () => {
    expect(join(true, ['not_started'])).toMatchObject([{ action: 'not_started', newJobId: -1, code: 'DLI.0019' }]);
  });

  test('does not exist for an archive that is still being imported', () => {
    expect(join(true, ['running', settled('created')])).toHaveLength(1);
  });
});

describe('rows', () => {
  test('come in the order of archives and jobs, one for each', () => {
    const jobs = [settled('created', { name: 'b' }), settled('created', { name: 'a', jobPlace: 1 })];
    const rows = join(true, [{ jobs }, 'lost', failed(false), settled('created', { name: 'c' })]);
    expect(rows.map(({ archive, jobName }) => [archive, jobName])).toEqual([
      ['data/0.zip', 'b'],
      ['data/0.zip', 'a'],
      ['data/1.zip', null],
      ['data/2.zip', 'orders'],
      ['data/3.zip', 'c'],
    ]);
  });
});

describe('of several jobs of one name', () => {
  test('the last wins with is_cover, the first without', () => {
    const cover = [settled('created'), settled('created')];
    expect(brief(true, cover)).toEqual([
      ['duplicate', 7],
      ['created', 7],
    ]);
    expect(brief(false, cover)).toEqual([
      ['created', 7],
      ['duplicate', 7],
    ]);
  });

  test('a copy of the winner carries its id, another job does not and names the winner', () => {
    const rows = join(true, [
      duplicate(orderOf(true, 2), 'h', { contentHash: 'h' }),
      duplicate(orderOf(true, 2), 'h', { contentHash: 'other' }),
      settled('created'),
    ]);
    expect(rows).toMatchObject([
      {
        action: 'duplicate',
        newJobId: 7,
        remark: 'The same as job 1 of "data/2.zip", in "a.json", which was imported',
      },
      {
        action: 'duplicate',
        newJobId: -1,
        remark: 'Not imported: of this name job 1 of "data/2.zip", in "a.json" wins',
      },
      { action: 'created', newJobId: 7 },
    ]);
  });

  test('the winner is created if any of them was', () => {
    expect(brief(true, [settled('created'), settled('overwritten')])).toEqual([
      ['duplicate', 7],
      ['created', 7],
    ]);
    expect(brief(true, [settled('created'), settled('superseded')])).toEqual([
      ['duplicate', 7],
      ['created', 7],
    ]);
  });

  test('all are skipped if the winner is', () => {
    expect(brief(false, [settled('skipped'), settled('skipped', { contentHash: 'other' })])).toEqual([
      ['skipped', -1],
      ['skipped', -1],
    ]);
  });

  test('those whose job failed neither win nor lose', () => {
    const sound = settled('created');
    expect(brief(true, [sound, failed(false)])).toEqual([
      ['created', 7],
      ['failed', -1],
    ]);
    expect(brief(false, [failed(true), sound])).toEqual([
      ['failed', -1],
      ['created', 7],
    ]);
  });

  test('in one archive the job places decide', () => {
    const jobs = [settled('created'), settled('created', { jobPlace: 1 })];
    expect(brief(true, [{ jobs }])).toEqual([
      ['duplicate', 7],
      ['created', 7],
    ]);
    expect(brief(false, [{ jobs }])).toEqual([
      ['created', 7],
      ['duplicate', 7],
    ]);
  });

  test('those of other names do not matter', () => {
    expect(brief(true, [settled('created'), settled('created', { name: 'Orders', jobId: 8 })])).toEqual([
      ['created', 7],
      ['created', 8],
    ]);
  });
});

describe('a winner whose own outcome is missing', () => {
  test.each(['lost', 'running', failed(true)] as const)('is told by those who met it: %j', (missing) => {
    const copy = duplicate(orderOf(true, 2));
    const other = duplicate(orderOf(true, 2), 'h', { contentHash: 'other' });
    expect(brief(true, [copy, other, missing]).slice(0, 2)).toEqual([
      ['duplicate', 7],
      ['duplicate', -1],
    ]);
  });

  test('makes a job that was created before it a duplicate', () => {
    const rows = join(true, [settled('created'), duplicate(orderOf(true, 2)), 'lost']);
    expect(rows).toMatchObject([
      { action: 'duplicate', newJobId: 7, remark: 'The same as a job elsewhere in this import, which was imported' },
      { action: 'duplicate', newJobId: 7 },
      { action: 'failed', newJobId: -1 },
    ]);
  });

  test('gives way to its own outcome, whichever is read first', () => {
    const own = settled('overwritten');
    expect(brief(true, [duplicate(orderOf(true, 1)), own])).toEqual([
      ['duplicate', 7],
      ['overwritten', 7],
    ]);
    expect(brief(false, [own, duplicate(orderOf(false, 0))])).toEqual([
      ['overwritten', 7],
      ['duplicate', 7],
    ]);
  });
});

describe('a row of which it is not sure that the table holds it', () => {
  const unsure =
    'Job successfully created; a job of this name that is not known to be imported may have taken its place';
  const remarks = (isCover: boolean, archives: Parameters<typeof join>[1]) =>
    join(isCover, archives).find(({ action }) => action === 'created')?.remark;

  test.each(['lost', 'running', GONE] as const)('says so beside an archive that comes first and is %j', (silent) => {
    expect(remarks(true, [settled('created'), silent])).toBe(unsure);
    expect(remarks(true, [silent, settled('created')])).toBe('Job successfully created');
    expect(remarks(false, [silent, settled('created')])).toBe(unsure);
    expect(remarks(false, [settled('created'), silent])).toBe('Job successfully created');
  });

  test('says so beside a job of its name that failed for a while, not beside another', () => {
    expect(remarks(true, [settled('created'), failed(true)])).toBe(unsure);
    expect(remarks(true, [settled('created'), failed(true, 'other')])).toBe('Job successfully created');
    expect(remarks(true, [settled('created'), failed(false)])).toBe('Job successfully created');
    expect(remarks(true, [settled('created'), 'not_started'])).toBe('Job successfully created');
    const refused = { refused: { code: 'DLI.0002', message: 'no such object' } } as const;
    expect(remarks(true, [settled('created'), refused])).toBe('Job successfully created');
  });
});
