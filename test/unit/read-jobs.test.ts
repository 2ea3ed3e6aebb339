import { describe, expect, test } from 'vitest';
import { readJobs } from '../../lib/import/read-jobs.ts';
import { ARCHIVE_JOBS, JSON_VALUES } from '../../lib/limits.ts';
import { zip } from '../zip.ts';

const archive = (files: Record<string, string>) => zip(Object.entries(files).map(([name, data]) => ({ name, data })));
const list = (count: number, from = 0) =>
  JSON.stringify(Array.from({ length: count }, (_, at) => ({ name: `j${from + at}` })));

describe('the jobs of an archive', () => {
  test('come as its directory and documents order them, with their place and entry', async () => {
    const bytes = archive({ 'b.json': '[{"name":"b1"},{"name":"b2"}]', 'dir/a.json': '{"name":"a","job_id":7}' });
    expect(await readJobs(bytes)).toMatchObject([
      { ok: true, name: 'b1', jobPlace: 0, entry: 'b.json' },
      { ok: true, name: 'b2', jobPlace: 1, entry: 'b.json' },
      { ok: true, name: 'a', jobPlace: 2, entry: 'dir/a.json', oldJobId: '7' },
    ]);
  });

  test('keep their places when one of them fails', async () => {
    const jobs = await readJobs(archive({ 'a.json': '[{"name":"a"},{"name":""},3,{"name":"d"}]' }));
    expect(jobs.map(({ ok, jobPlace, name }) => [ok, jobPlace, name])).toEqual([
      [true, 0, 'a'],
      [false, 1, null],
      [false, 2, null],
      [true, 3, 'd'],
    ]);
  });

  test('may be of one name', async () => {
    expect(await readJobs(archive({ 'a.json': '[{"name":"a"},{"name":"a"}]' }))).toHaveLength(2);
  });

  test('may stand beside an empty list', async () => {
    expect(await readJobs(archive({ 'a.json': '[]', 'b.json': '{"name":"b"}' }))).toHaveLength(1);
  });

  test('may be as many as their limit, over several entries', async () => {
    const jobs = await readJobs(archive({ 'a.json': list(ARCHIVE_JOBS - 1), 'b.json': list(1, ARCHIVE_JOBS) }));
    expect(jobs).toHaveLength(ARCHIVE_JOBS);
    expect(jobs.at(-1)?.jobPlace).toBe(ARCHIVE_JOBS - 1);
  });
});

describe('an archive is refused as a whole', () => {
  test('for one job more than its limit', async () => {
    const bytes = archive({ 'a.json': list(ARCHIVE_JOBS), 'b.json': list(1, ARCHIVE_JOBS) });
    await expect(readJobs(bytes)).rejects.toMatchObject({
      code: 'DLI.0009',
      reason: 'archive.jobs',
      message: 'an archive may hold 10000 jobs; this one holds more. Split it.',
    });
  });

  test('for one value more than its limit, over several entries', async () => {
    const job = (values: number) => `{"name":"a","x":[${'0,'.repeat(values - 5)}0]}`;
    const third = JSON_VALUES / 3;
    const document = (values: number) => `[${job(values / 2)},${job(values / 2 - 1)}]`;
    const files = { 'a.json': document(third), 'b.json': document(third), 'c.json': document(third) };
    expect(await readJobs(archive(files))).toHaveLength(6);
    const bytes = archive({ ...files, 'c.json': `[${job(third / 2)},${job(third / 2)}]` });
    await expect(readJobs(bytes)).rejects.toMatchObject({ code: 'DLI.0009', reason: 'document.values' });
  });

  test.each([{ 'a.json': '[]' }, { 'a.json': '{"jobs":[]}', 'b.json': '[]' }])('without a job: %j', async (files) => {
    await expect(readJobs(archive(files))).rejects.toMatchObject({ code: 'DLI.0018', reason: 'archive.no-jobs' });
  });

  test('for one entry that is not JSON, and names it', async () => {
    const bytes = archive({ 'a.json': '{"name":"a"}', 'dir/b "c".json': '{"name" "hunter2"}' });
    await expect(readJobs(bytes)).rejects.toMatchObject({
      code: 'DLI.0018',
      reason: 'document.syntax',
      message: 'entry "dir/b \\"c\\".json": Expected a colon after the key, found a string at line 1, column 9',
    });
  });
});
