import { describe, expect, test } from 'vitest';
import { splitFiles } from '../../lib/export/split-files.ts';
import {
  ARCHIVE_BYTES,
  ARCHIVE_INFLATED_BYTES,
  ARCHIVE_JOBS,
  EXPORT_FILE_BYTES,
  EXPORT_FILE_INFLATED_BYTES,
  EXPORT_FILE_JOBS,
  JSON_VALUES,
  MANIFEST_VALUES,
} from '../../lib/limits.ts';

const entry = (changes: { length?: number; fileBytes?: number; values?: number } = {}) => ({
  bytes: { length: changes.length ?? 1 },
  fileBytes: changes.fileBytes ?? 1,
  values: changes.values ?? 1,
});
type Entry = ReturnType<typeof entry>;

async function split(entries: Entry[]): Promise<Entry[][]> {
  const files: Entry[][] = [];
  for await (const file of splitFiles(entries)) files.push(file);
  return files;
}

const filesOf = async (entries: Entry[]) => (await split(entries)).map((file) => file.length);

describe('the files of an export', () => {
  test('of no job are none', async () => {
    expect(await filesOf([])).toEqual([]);
  });

  test('hold all jobs in their order', async () => {
    const entries = Array.from({ length: 2 * EXPORT_FILE_JOBS + 1 }, () => entry());
    const files = await split(entries);
    expect(files.flat()).toEqual(entries);
    expect(files.map((file) => file.length)).toEqual([EXPORT_FILE_JOBS, EXPORT_FILE_JOBS, 1]);
  });

  test('hold as many jobs as their limit', async () => {
    expect(await filesOf(Array.from({ length: EXPORT_FILE_JOBS }, () => entry()))).toEqual([EXPORT_FILE_JOBS]);
  });

  test.each([
    ['inflated bytes', 'length', EXPORT_FILE_INFLATED_BYTES],
    ['bytes', 'fileBytes', EXPORT_FILE_BYTES],
    ['values', 'values', JSON_VALUES - MANIFEST_VALUES],
  ] as const)('hold as many %s as their limit, and not one more', async (_, size, limit) => {
    const [first, last] = [entry({ [size]: limit - 7 }), (rest: number) => entry({ [size]: rest })];
    expect(await filesOf([first, last(7)])).toEqual([2]);
    expect(await filesOf([first, last(8)])).toEqual([1, 1]);
    // The next file begins anew.
    expect(await filesOf([first, last(8), entry({ [size]: limit - 8 })])).toEqual([1, 2]);
  });

  test('hold a job by itself, whatever it takes', async () => {
    expect(await filesOf([entry({ length: EXPORT_FILE_INFLATED_BYTES + 1 }), entry()])).toEqual([1, 1]);
  });

  test('give one file before the jobs of the next are read', async () => {
    let read = 0;
    const entries = (function* () {
      for (; read < 3 * EXPORT_FILE_JOBS; read++) yield entry();
    })();
    await splitFiles(entries).next();
    expect(read).toBeLessThanOrEqual(EXPORT_FILE_JOBS + 1);
  });
});

test('an import takes what a file of an export holds at the most', () => {
  expect(EXPORT_FILE_JOBS).toBeLessThanOrEqual(ARCHIVE_JOBS);
  expect(EXPORT_FILE_BYTES).toBeLessThanOrEqual(ARCHIVE_BYTES);
  expect(EXPORT_FILE_INFLATED_BYTES).toBeLessThan(ARCHIVE_INFLATED_BYTES);
});
