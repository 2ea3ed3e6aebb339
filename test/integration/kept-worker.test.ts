import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { importArchive } from '../../lib/import/import-archive.ts';
import { GARBAGE_BYTES } from '../../lib/limits.ts';
import { openTable } from '../../lib/store/table.ts';
import { dynamodb, newProject, s3, stack } from './client.ts';

const owner = '000000000000';
const services = { table: openTable(dynamodb, stack.table), blobs: { s3, home: { bucket: stack.bucket, owner } } };
const writer = {
  id: 'run',
  writeUntil: Number.POSITIVE_INFINITY,
  giveUp: new AbortController().signal,
  onFault: (error: unknown) => {
    throw error;
  },
};

/** Something that nobody uses. Only a whole collection ends it. */
const leftOver = () => new WeakRef({});

test('what an archive left is given back with the archive that makes it so many bytes, and not before', async () => {
  const { projectId } = await newProject();
  const left = leftOver();
  await setImmediate();
  for (const [importId, size] of [GARBAGE_BYTES - 1, 1].entries()) {
    expect(left.deref()).toBeDefined();
    await setImmediate();
    // Gone by now: what is counted is what the import was told of it.
    const object = { bucket: stack.bucket, owner, key: 'gone.zip', etag: '"1"', size };
    const of = { requestId: 'r', projectId, importId: importId + 1, run: 'run', archivePlace: 0 };
    const { found } = await importArchive(services, { ...of, isCover: true, isContinued: false, object }, writer);
    expect(found).toMatchObject({ refused: { code: 'DLI.0002' } });
  }
  expect(left.deref()).toBeUndefined();
});
