import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { RECORD_LIST_BYTES } from '../../lib/limits.ts';
import { storeText } from '../../lib/store/blobs.ts';
import { ACCOUNT } from '../../local/identity.ts';
import { dynamodb, itemsOf, newProject, objectKeys, s3, stack } from './client.ts';

/** Bytes of a read unit of the table. */
const READ_UNIT = 4_096;
const jobs = (n: number) => [{ name: 'a.json', data: `{"name":"job-${n}"}` }];

describe('the record of an import, which every worker reads,', () => {
  test('is one read unit, however many archives the import has', async () => {
    const project = await newProject();
    for (let n = 0; n < 200; n++) await project.put(`folder/${n}.zip`, jobs(n));
    const { json } = await project.import(`${stack.bucket}/${project.projectId}/folder`);
    const [record = {}] = await itemsOf(`imports#${project.projectId}`);
    expect(record).toMatchObject({ archives_total: 200, archives_key: expect.any(String) });
    expect(JSON.stringify(record).length).toBeLessThan(READ_UNIT);
    expect(await objectKeys(`imports/${project.projectId}/`)).toEqual([record['archives_key']]);
    expect((await project.untilEnded(json.import_id)).json).toMatchObject({ counts: { created: 200 } });
  });

  test('holds the list of a few archives itself', async () => {
    const project = await newProject();
    for (let n = 0; n < 10; n++) await project.put(`folder/${n}.zip`, jobs(n));
    await project.import(`${stack.bucket}/${project.projectId}/folder`);
    const [record = {}] = await itemsOf(`imports#${project.projectId}`);
    expect(record['archives']).toBeInstanceOf(Uint8Array);
    expect(await objectKeys(`imports/${project.projectId}/`)).toEqual([]);
  });

  test('holds a list of so many compressed bytes, and not of one more', async () => {
    const blobs = { s3, home: { bucket: stack.bucket, owner: ACCOUNT } };
    const store = (bytes: number) =>
      storeText(
        blobs,
        `imports/limit/${bytes}`,
        { deflated: new Uint8Array(bytes) },
        { inlineBytes: RECORD_LIST_BYTES },
      );
    expect(await store(RECORD_LIST_BYTES)).toEqual({ inline: new Uint8Array(RECORD_LIST_BYTES) });
    expect(await store(RECORD_LIST_BYTES + 1)).toEqual({ key: `imports/limit/${RECORD_LIST_BYTES + 1}` });
  });
});

test('a large import that is under way is listed by its progress, and its outcomes are not counted', async () => {
  const project = await newProject();
  for (let n = 0; n < 110; n++) await project.put(`folder/${n}.zip`, jobs(n));
  const { json } = await project.import(`${stack.bucket}/${project.projectId}/folder`);
  await project.untilEnded(json.import_id);
  const listed = async () => (await project.send('GET', `${project.jobs}/imports`)).json.imports[0];
  expect(await listed()).toMatchObject({ state: 'finished', counts: { created: 110 } });
  // As it was before its last archive was noted.
  const [record = {}] = await itemsOf(`imports#${project.projectId}`);
  await dynamodb.send(
    new UpdateCommand({
      TableName: stack.table,
      Key: { pk: record['pk'], sk: record['sk'] },
      UpdateExpression: 'SET #state = :running REMOVE counts, end_time',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':running': 'running' },
    }),
  );
  const outcomes = await itemsOf(`import#${project.projectId}#${json.import_id}`);
  const { pk, sk } = outcomes.findLast((item) => String(item['sk']).startsWith('progress#')) ?? {};
  await dynamodb.send(new UpdateCommand({ TableName: stack.table, Key: { pk, sk }, UpdateExpression: 'REMOVE a9' }));
  expect(await listed()).toMatchObject({ state: 'running', counts: {} });
});
