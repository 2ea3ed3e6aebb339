import { describe, expect, test } from 'vitest';
import { isBegun, isDone, stateOf } from '../../lib/import/import-state.ts';
import type { ArchiveResult } from '../../lib/import/mapping.ts';

const jobs: ArchiveResult = { archive: 'b/1.zip', outcomes: { jobs: [] } };
const refused: ArchiveResult = { archive: 'b/2.zip', outcomes: { refused: { code: 'DLI.0018', message: 'no' } } };
const gone: ArchiveResult = {
  archive: 'b/2.zip',
  outcomes: { refused: { code: 'DLI.0002', message: 'no', mayHaveWritten: true } },
};
const open = (outcomes: 'running' | 'lost' | 'not_started'): ArchiveResult => ({ archive: 'b/3.zip', outcomes });
const origin = { requestedBy: 'token' };
const folder = { zipFile: 'b/folder', origin, isQueued: false };
const queued = { ...folder, isQueued: true };
const archive = { ...folder, zipFile: 'b/x.zip' };
const upload = { ...archive, origin: { upload: { key: 'x.zip', etag: '"e"' } } };
const failed: ArchiveResult = {
  archive: 'b/x.zip',
  outcomes: {
    jobs: [
      {
        jobPlace: 0,
        entry: 'e',
        oldJobId: null,
        name: 'a',
        action: 'failed',
        code: 'DLI.0999',
        message: 'no',
        isTransient: true,
      },
    ],
  },
};

describe('the state of an import', () => {
  test.each<[string, ArchiveResult[], Parameters<typeof stateOf>[0], string]>([
    ['all of a folder is reported', [jobs, refused], folder, 'finished'],
    ['all of a folder is refused', [refused, refused], folder, 'finished'],
    ['the only archive of a folder is refused', [refused], folder, 'finished'],
    ['the archive that was asked for is refused', [refused], archive, 'failed'],
    ['the archive that was asked for is gone since an earlier try', [gone], archive, 'finished'],
    ['the archive that was asked for is reported', [jobs], archive, 'finished'],
    ['a worker is at it', [jobs, open('running'), open('not_started')], folder, 'running'],
    ['no worker of the queue is done', [open('running'), open('running')], queued, 'queued'],
    ['a worker of the queue is done', [jobs, open('running')], queued, 'running'],
    ['the queue gave an archive up', [jobs, open('lost')], queued, 'finished'],
    ['something was not begun', [jobs, open('not_started')], folder, 'interrupted'],
    ['a worker was lost', [jobs, open('lost')], folder, 'finished'],
    ['a job may be tried again', [failed], archive, 'finished'],
    ['a job of an upload may be tried again', [failed], upload, 'interrupted'],
    ['the worker of an upload was lost', [open('lost')], upload, 'interrupted'],
    ['an upload is refused', [refused], upload, 'failed'],
    ['an upload is reported', [jobs], upload, 'finished'],
  ])('when %s', (_case, results, asked, state) => {
    expect(stateOf(asked, results, false)).toBe(state);
  });

  test.each<[string, ArchiveResult[], string]>([
    ['nothing was begun', [open('not_started')], 'cancelled'],
    ['a worker ends what it is at', [jobs, open('running')], 'cancelled'],
    ['some was left', [jobs, open('not_started')], 'cancelled'],
    ['all was done by then', [jobs, refused], 'finished'],
  ])('when it was cancelled and %s', (_case, results, state) => {
    expect(stateOf(folder, results, true)).toBe(state);
    expect(stateOf(queued, results, true)).toBe(state);
  });

  test('counts as done what was reported, as begun what was handed out', () => {
    const results = [jobs, refused, open('running'), open('lost'), open('not_started')];
    expect(results.map(isDone)).toEqual([true, true, false, false, false]);
    expect(results.map(isBegun)).toEqual([true, true, true, true, false]);
  });
});
