import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { checkManifest, type HashedEntry, type Manifest, readManifest, writeManifest } from '../../lib/job/manifest.ts';
import { EXPORT_FILE_JOBS } from '../../lib/limits.ts';

const entries = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ entry: `j${n}.json`, contentHash: `hash ${n}` }));
const read = (text: string) => readManifest(Buffer.from(text));

function readOwn(text: string): Manifest {
  const manifest = read(text);
  if (manifest === undefined) throw new Error('Expected a manifest of ours');
  return manifest;
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'archive.manifest') return error.message;
    throw error;
  }
  throw new Error('Expected a refusal, found none');
}

describe('a manifest', () => {
  test('says what an archive holds', () => {
    expect(JSON.parse(writeManifest(entries(2)))).toEqual({
      format: 'flink-job-export',
      version: 1,
      jobs: 2,
      content_hashes: { 'j0.json': 'hash 0', 'j1.json': 'hash 1' },
    });
  });

  test('of as many jobs as a file may hold fits its own archive', () => {
    const all = entries(EXPORT_FILE_JOBS);
    expect(() => checkManifest(readOwn(writeManifest(all)), all)).not.toThrow();
  });

  test.each(['', 'no JSON', '{"format":"flink-job-exports"}', '["flink-job-export"]', '\ufeff{"a":1,"a":1}'])(
    'of another form is none of ours: %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test('that says to be ours and is not tells what is wrong, and what to do', () => {
    expect(messageOf(() => read('{"format":"flink-job-export","version":2}'))).toBe(
      'Entry "manifest.json": expected the manifest of an export, version 1, found version: expected 1; ' +
        'jobs: expected number, found nothing; content_hashes: expected record, found nothing. ' +
        'Export again, or pack what was changed without it',
    );
  });
});

describe('an archive that is another than its manifest', () => {
  const own = readOwn(writeManifest(entries(3)));
  const [a, b, c] = entries(3);
  const check = (...found: (HashedEntry | undefined)[]) =>
    messageOf(() =>
      checkManifest(
        own,
        found.filter((entry) => entry !== undefined),
      ),
    );

  test.each([
    ['jobs that are missing', () => check(a), 'expected the jobs that it lists, found 2 of them missing'],
    ['one on top', () => check(a, b, c, { entry: 'd.json', contentHash: '' }), 'found another in "d.json"'],
    ['one twice', () => check(a, b, b), 'expected one job in each entry that it lists, found another in "j1.json"'],
    [
      'another content',
      () => check(a, { entry: 'j1.json', contentHash: 'hash 2' }),
      'expected the content that it has the hash of, found another in "j1.json"',
    ],
    [
      'another count',
      () => messageOf(() => checkManifest({ ...own, jobs: 4 }, entries(3))),
      'expected as many jobs as it counts, 4, found a list of 3',
    ],
  ])('is refused: %s', (_, act, message) => {
    expect(act()).toContain(message);
  });

  test('is taken, if it differs in a job only that fails by itself', () => {
    expect(() => checkManifest(own, [...entries(2), { entry: 'j2.json', contentHash: undefined }])).not.toThrow();
  });
});
