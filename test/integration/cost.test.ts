import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig } from '../reliability/rig.ts';
import { SCENARIOS } from '../reliability/scenarios.ts';
import { referencesOf } from '../reliability/sweep.ts';
import { type ProjectClient, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';
import { importAsync, startQueueStack } from './queue-stack.ts';

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
});
afterAll(() => own.close());

const jobs = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => ({ name: `${prefix}-${n}` }));

/** The calls of one import, after the door has been opened once. */
async function callsOf(project: ProjectClient, zipFile: string, headers: Record<string, string> = {}) {
  await project.send('POST', `${project.jobs}/import`, '{}');
  own.s3.reset();
  own.table.reset();
  const { json } = await project.send('POST', `${project.jobs}/import`, JSON.stringify({ zip_file: zipFile }), headers);
  expect(json.is_success).toBe('true');
  return { s3: Object.fromEntries(own.s3.calls), table: Object.fromEntries(own.table.calls) };
}

describe('without a fault an import costs', () => {
  test('for one archive: a look, a read, two counters, the record twice, a write per job, the outcomes', async () => {
    const project = await own.newProject();
    expect(await callsOf(project, await project.putJobs('x.zip', jobs('a', 10)))).toEqual({
      s3: { 'HEAD object': 1, 'GET object': 1 },
      table: { UpdateItem: 2 + 1 + 10, PutItem: 1 + 1 },
    });
  });

  test('the same when all of it is skipped', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', jobs('a', 10));
    await project.import(path);
    const { s3, table } = await callsOf(project, path);
    expect(s3).toEqual({ 'HEAD object': 1, 'GET object': 1 });
    // A table that sends no item with a refusal is asked for it.
    const { GetItem = 0, ...others } = table;
    expect([0, 10]).toContain(GetItem);
    expect(others).toEqual({ UpdateItem: 2 + 1 + 10, PutItem: 1 + 1 });
  });

  test('for a folder: one listing, and for each archive a read, an id block and its outcomes', async () => {
    const project = await own.newProject();
    for (const n of [1, 2, 3, 4, 5]) await project.putJobs(`folder/${n}.zip`, jobs(`a${n}`, 4));
    const folder = (await project.putJobs('folder/6.zip', jobs('a6', 4))).replace('/6.zip', '');
    expect(await callsOf(project, folder)).toEqual({
      s3: { 'GET bucket': 1, 'GET object': 6 },
      table: { UpdateItem: 1 + 1 + 6 * (1 + 4), PutItem: 1 + 6 },
    });
  });

  test('with an Idempotency-Key one read and one write more', async () => {
    const project = await own.newProject();
    const path = await project.putJobs('x.zip', jobs('a', 10));
    expect(await callsOf(project, path, { 'idempotency-key': 'key' })).toEqual({
      s3: { 'HEAD object': 1, 'GET object': 1 },
      table: { GetItem: 1, UpdateItem: 2 + 1 + 10, PutItem: 1 + 1 + 1 },
    });
  });

  test('one read at the door, and none for a token that was seen in the last minute', async () => {
    const project = await own.newProject();
    own.table.reset();
    await project.send('POST', `${project.jobs}/import`, '{}');
    expect(Object.fromEntries(own.table.calls)).toEqual({ BatchGetItem: 1 });
    await project.send('POST', `${project.jobs}/import`, '{}');
    expect(Object.fromEntries(own.table.calls)).toEqual({ BatchGetItem: 1 });
  });

  // By the message an import is looked after, should it not end.
  test.each([
    [
      'folder of three',
      {
        'GET bucket': 1,
        Invoke: 3,
        SendMessage: 1,
        'GET object': 3,
        GetItem: 1,
        UpdateItem: 1 + 1 + 3 * (1 + 2),
        PutItem: 1 + 1 + 3,
      },
    ],
    [
      'definition to S3',
      // One definition is put; the two large ones that it and a small one replace are ended.
      {
        'HEAD object': 1,
        Invoke: 1,
        SendMessage: 1,
        'GET object': 1,
        'PUT object': 1,
        'DELETE object': 2,
        GetItem: 1,
        UpdateItem: 1 + 1 + 1 + 3,
        PutItem: 1 + 1 + 1,
      },
    ],
  ])('in all, calls of workers and of S3 included, for the import "%s" with a key', async (name, expected) => {
    const rig = await startRig(stack);
    try {
      const scenario = SCENARIOS.filter((one) => one.name === name);
      const [{ reference } = { reference: { calls: [] } }] = await referencesOf(rig, scenario);
      const calls = Map.groupBy(reference.calls, ({ call }) => call.operation);
      expect(Object.fromEntries([...calls].map(([operation, { length }]) => [operation, length]))).toEqual(expected);
    } finally {
      await rig.close();
    }
  });
});

test('on the queue an archive costs one read, and three writes beside those of its jobs', async () => {
  const queue = await startQueueStack({ isPolled: false });
  try {
    const project = await queue.newProject();
    for (const n of [1, 2, 3]) await project.putJobs(`folder/${n}.zip`, jobs(`a${n}`, 10));
    await importAsync(project, `${stack.bucket}/${project.projectId}/folder`);
    const costs = [];
    for (const message of await queue.plan(project)) {
      queue.table.reset();
      queue.s3.reset();
      expect(await queue.deliver(message)).toBe('done');
      costs.push({ ...Object.fromEntries(queue.s3.calls), ...Object.fromEntries(queue.table.calls) });
    }
    // The state of the import; the claim and the outcomes; the ids, ten jobs and the progress.
    const each = { 'GET object': 1, GetItem: 1, PutItem: 1 + 1, UpdateItem: 1 + 10 + 1 };
    expect(costs).toEqual([
      // A worker counts the jobs of the import now and then, the first time at once.
      { ...each, Query: 1 },
      each,
      // The last one sees by the progress that it is, reads the record and all outcomes, notes the end, and makes room.
      { ...each, Query: 1 + 1, GetItem: 1 + 1 + 1, UpdateItem: 1 + 10 + 1 + 1 + 1 },
    ]);
  } finally {
    await queue.close();
  }
});
