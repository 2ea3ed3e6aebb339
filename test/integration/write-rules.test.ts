import pMap from 'p-map';
import { describe, expect, test } from 'vitest';
import { type JobPlace, jobOrder } from '../../lib/job/order.ts';
import { openTable } from '../../lib/store/table.ts';
import { type Candidate, writeJob } from '../../lib/store/write-job.ts';
import { type Found, readRefusal, readWrite } from '../../lib/store/write-rules.ts';
import { TinyTable } from '../write-protocol/tiny-table.ts';
import { dynamodb, jobItem, newProject, putItem, s3, stack } from './client.ts';

const OURS = 5;
const NEW_ID = 100;
const table = openTable(dynamodb, stack.table);
const blobs = { s3, home: { bucket: stack.bucket, owner: '' } };
const writer = {
  id: 'run',
  writeUntil: Number.POSITIVE_INFINITY,
  giveUp: new AbortController().signal,
  onFault: (error: unknown) => {
    throw error;
  },
};
const definition = { utf8: Buffer.from('{}') };
const summary = { desc: '', job_type: '', run_mode: '', status: '', status_desc: '', start_time: 0 };

const placesOf = (importIds: number[], jobPlaces: number[]): JobPlace[] =>
  [false, true].flatMap((isCover) =>
    importIds.flatMap((importId) => jobPlaces.map((jobPlace) => ({ isCover, importId, archivePlace: 0, jobPlace }))),
  );

/** Every item that a job can meet, as far as its write depends on it. */
function foundItems(): (Found | undefined)[] {
  const lives = placesOf([OURS - 1, OURS, OURS + 1], [0, 1, 2]).map((place) => {
    return { job_id: 7, created_by: 3, order: jobOrder(place), content_hash: 'theirs' };
  });
  return [undefined, OURS - 1, OURS, OURS + 1].flatMap((deleted) => [
    undefined,
    ...lives.map((life) => ({ ...life, deleted })),
    // Without a number it would be numbered, by the counter of its project.
    ...(deleted === undefined ? [] : lives.map((was) => ({ content_hash: 'theirs', was, deleted }))),
  ]);
}

/** What the table that the protocol is tested with makes of a write. */
function expected(candidate: Candidate, found: Found | undefined) {
  const { name, contentHash, place, newJobId } = candidate;
  const tiny = new TinyTable();
  if (found) tiny.items.set(name, found);
  const { isDone, old } = tiny.write({ name, contentHash, place, newJobId });
  return { written: isDone ? readWrite(place, newJobId, old) : readRefusal(place, old), item: tiny.items.get(name) };
}

test('a write comes to the same as in the table that the protocol is tested with, whatever it meets', async () => {
  const { projectId } = await newProject();
  const cases = placesOf([OURS], [1]).flatMap((place) => foundItems().map((found) => ({ place, found })));
  const compare = async ({ place, found }: (typeof cases)[number], n: number) => {
    const name = `job-${n}`;
    const text = { contentHash: 'ours', definition, archive: 'x.zip', entry: 'x.json' };
    const candidate = { projectId, place, name, newJobId: NEW_ID, summary, ...text };
    const kept = { name, revision: 1, archive: '', entry: '', create_time: 1, update_time: 1, summary };
    if (found) await putItem({ pk: `job#${projectId}#${name}`, sk: 'job', ...kept, ...found });
    const written = await writeJob(table, blobs, candidate, writer);
    const { job_id, created_by, order, content_hash, deleted, was } = (await jobItem(projectId, name)) ?? {};
    expect({ place, found, written, item: { job_id, created_by, order, content_hash, deleted, was } }).toEqual({
      place,
      found,
      ...expected(candidate, found),
    });
  };
  await pMap(cases, compare, { concurrency: 8 });
});

describe('a job whose time is up', () => {
  const candidate = (projectId: string) => ({
    ...{ projectId, place: { isCover: false, importId: 1, archivePlace: 0, jobPlace: 0 }, name: 'a', newJobId: 1 },
    ...{ contentHash: 'h', definition, summary, archive: 'x.zip', entry: 'x.json' },
  });

  test.each([
    ['is not begun', { writeUntil: Date.now() - 1 }],
    ['is given up', { giveUp: AbortSignal.abort() }],
  ])('%s', async (_, late) => {
    const { projectId } = await newProject();
    await expect(writeJob(table, blobs, candidate(projectId), { ...writer, ...late })).rejects.toThrow();
    expect(await jobItem(projectId, 'a')).toBeUndefined();
  });
});
