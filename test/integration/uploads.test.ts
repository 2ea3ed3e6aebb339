import { createHash } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { itemsOf, jobItem, newProject, type ProjectClient } from './client.ts';
import { eventOf, startUploadStack, type UploadStack, type Version } from './upload-stack.ts';

let own: UploadStack;
beforeAll(async () => {
  own = await startUploadStack();
});
afterAll(() => own.close());

const FAILS = { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}' };

const archive = (...documents: object[]) => [{ name: 'jobs.json', data: JSON.stringify(documents) }];
const project = async () => own.adopt(await newProject());
const event = (...objects: Version[]) => eventOf(own.bucket, ...objects);

/** Uploads an archive as the client of a project would. */
function upload({ projectId }: ProjectClient, name: string, documents: object[], metadata?: Record<string, string>) {
  return own.put(`uploads/${projectId}/${name}`, archive(...documents), metadata);
}

async function importsOf(client: ProjectClient) {
  return (await client.send('GET', `${client.jobs}/imports`)).json.imports;
}

async function jobsOf(client: ProjectClient): Promise<string[]> {
  const { jobs } = (await client.send('GET', `${client.jobs}?limit=100`)).json.job_list;
  return jobs.map(({ name }: { name: string }) => name).sort();
}

const uploadKeyOf = ({ key }: Version) =>
  `upload#${key.split('/')[1]}#${createHash('sha256').update(key).digest('hex')}`;

/** What the log says of uploads of a project, in the order in which they ended. */
const logged = ({ projectId }: ProjectClient) =>
  own.logs.filter(({ message, key }) => message === 'upload' && String(key).includes(projectId));

describe('an archive below uploads/{project_id}/', () => {
  test('is imported, and listed with where it came from', async () => {
    const client = await project();
    const version = await upload(client, 'a/x.zip', [{ name: 'a' }, { name: 'b' }]);
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await jobsOf(client)).toEqual(['a', 'b']);
    const [only, ...others] = await importsOf(client);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      import_id: 1,
      source: 'upload',
      zip_file: `${own.bucket}/${version.key}`,
      key: version.key,
      etag: `"${version.eTag}"`,
      state: 'finished',
      is_cover: false,
      counts: { created: 2 },
    });
    expect(only).not.toHaveProperty('requested_by');
    const { json } = await client.send('GET', `${client.jobs}/imports/1`);
    expect(json.job_mapping.map(({ action }: { action: string }) => action)).toEqual(['created', 'created']);
    expect(logged(client)).toMatchObject([
      { outcome: 'imported', import_id: 1, key: version.key, jobs: { created: 2 } },
    ]);
  });

  test('needs no location: it is the place of its project', async () => {
    const client = own.adopt(await newProject([{ bucket: own.bucket, prefix: 'elsewhere' }]));
    expect(await own.deliver(event(await upload(client, 'x.zip', [{ name: 'a' }])))).toEqual([]);
    expect(await jobsOf(client)).toEqual(['a']);
  });

  test.each(['a b+c.zip', '作业/订单.ZIP', '%2B.zip', '*?.zip', 'a//..//b.ZiP', '.zip'])(
    'may be called %s',
    async (name) => {
      const client = await project();
      expect(await own.deliver(event(await upload(client, name, [{ name: 'a' }])))).toEqual([]);
      expect(await jobsOf(client)).toEqual(['a']);
      expect(await importsOf(client)).toMatchObject([
        { key: `uploads/${client.projectId}/${name}`, state: 'finished' },
      ]);
    },
  );

  test.each([
    [undefined, 'skipped', false],
    ['false', 'skipped', false],
    ['true', 'overwritten', true],
    [' True ', 'overwritten', true],
  ])('with is-cover: %s leaves a job of the name as %s', async (value, action, isCover) => {
    const client = await project();
    await own.deliver(event(await upload(client, 'first.zip', [{ name: 'a', sql_body: 'old' }])));
    const version = await upload(client, 'x.zip', [{ name: 'a', sql_body: 'new' }], value ? { 'is-cover': value } : {});
    await own.deliver(event(version));
    expect(await importsOf(client)).toMatchObject([{ is_cover: isCover, counts: { [action]: 1 } }, { import_id: 1 }]);
  });
});

describe('what is no archive of a project is acknowledged, logged, and imports nothing', () => {
  test('the event by which S3 tries a queue', async () => {
    expect(await own.deliver(JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' }))).toEqual([]);
    expect(own.logs).toContainEqual(expect.objectContaining({ message: 'test event', message_id: 'message-0' }));
  });

  test.each<[string, (client: ProjectClient) => Partial<Version>, RegExp]>([
    ['an object beside uploads/', ({ projectId }) => ({ key: `other/${projectId}/x.zip` }), /does not lie below/],
    ['an object of no project', ({ projectId }) => ({ key: `uploads/${projectId}.zip` }), /does not lie below/],
    [
      'an object of an unknown project',
      ({ projectId }) => ({ key: `uploads/no-${projectId}/x.zip` }),
      /no such project/,
    ],
    ['an object that is no ZIP by its name', ({ projectId }) => ({ key: `uploads/${projectId}/x.zip.txt` }), /\.zip/],
    ['an empty object', ({ projectId }) => ({ key: `uploads/${projectId}/x.zip`, size: 0 }), /empty/],
  ])('%s', async (_, change, remark) => {
    const client = await project();
    const version = { ...(await upload(client, 'x.zip', [{ name: 'a' }])), ...change(client) };
    expect(await own.deliver(event(version))).toEqual([]);
    expect(logged(client)).toMatchObject([{ outcome: 'ignored', remark: expect.stringMatching(remark) }]);
    expect(await importsOf(client)).toEqual([]);
  });

  test('an object of another bucket', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    expect(await own.deliver(eventOf('another', version))).toEqual([]);
    expect(logged(client)).toMatchObject([{ outcome: 'ignored', remark: expect.stringMatching(/another bucket/) }]);
  });
});

describe('what cannot be imported is recorded, and not delivered again', () => {
  test('an archive that is none', async () => {
    const client = await project();
    const version = await own.put(`uploads/${client.projectId}/x.zip`, Buffer.from('no zip'));
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, source: 'upload', state: 'failed' }]);
    expect(logged(client)).toMatchObject([{ outcome: 'failed', import_id: 1, error_code: 'DLI.0018' }]);
    const { json } = await client.send('GET', `${client.jobs}/imports/1`);
    expect(json.job_mapping).toMatchObject([{ action: 'failed', error_code: 'DLI.0018', new_job_id: -1 }]);
  });

  test.each(['yes', '1', 'true,false'])('an is-cover that is "%s"', async (value) => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }], { 'is-cover': value });
    expect(await own.deliver(event(version))).toEqual([]);
    expect(logged(client)).toMatchObject([
      { outcome: 'failed', error_code: 'DLI.0001', remark: expect.stringMatching(/is-cover takes true or false/) },
    ]);
    expect(await importsOf(client)).toMatchObject([{ state: 'failed' }]);
    expect(await jobsOf(client)).toEqual([]);
  });

  test('a version that was replaced before it was read: the newer one is imported by its own event', async () => {
    const client = await project();
    const older = await upload(client, 'x.zip', [{ name: 'old' }]);
    const newer = await upload(client, 'x.zip', [{ name: 'new' }]);
    expect(await own.deliver(event(older))).toEqual([]);
    expect(logged(client)).toMatchObject([
      { outcome: 'failed', error_code: 'DLI.0002', remark: expect.stringMatching(/replaced/) },
    ]);
    // It is seen before any worker is asked.
    expect(own.logs.filter(({ message, archive }) => message === 'archive' && archive === older.key)).toEqual([]);
    expect(await own.deliver(event(newer))).toEqual([]);
    expect(await jobsOf(client)).toEqual(['new']);
    expect(await importsOf(client)).toMatchObject([
      { state: 'finished' },
      { state: 'failed', etag: `"${older.eTag}"` },
    ]);
  });

  test('what fails at once stays failed, whoever else tries', async () => {
    const client = await project();
    const older = await upload(client, 'x.zip', [{ name: 'a' }]);
    await upload(client, 'x.zip', [{ name: 'b' }]);
    const meanwhile: number[][] = [];
    let records = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'PutItem' && body.includes(`"imports#${client.projectId}`) && records++ === 0
        ? { first: async () => void meanwhile.push(await own.deliver(event(older))) }
        : undefined;
    expect(await own.deliver(event(older))).toEqual([]);
    own.hooks.table = undefined;
    expect(meanwhile).toEqual([[]]);
    expect(await own.deliver(event(older))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'failed', counts: { failed: 1 } }]);
    const { json } = await client.send('GET', `${client.jobs}/imports/1`);
    expect(json).toMatchObject({ state: 'failed', job_mapping: [{ action: 'failed', error_code: 'DLI.0002' }] });
  });

  test('what fails at once and was not recorded is so at the next delivery', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }], { 'is-cover': 'yes' });
    own.hooks.table = ({ operation, body }) =>
      operation === 'PutItem' && body.includes(`"imports#${client.projectId}`) ? FAILS : undefined;
    expect(await own.deliver(event(version))).toEqual([0]);
    own.hooks.table = undefined;
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'failed', counts: { failed: 1 } }]);
    expect(logged(client)).toMatchObject([{ outcome: 'again' }, { outcome: 'failed', error_code: 'DLI.0001' }]);
  });

  test('a version that was replaced between its look and its read', async () => {
    const client = await project();
    const older = await upload(client, 'x.zip', [{ name: 'old' }]);
    own.hooks.s3 = ({ operation }) =>
      operation === 'GET object'
        ? { first: async () => void (await upload(client, 'x.zip', [{ name: 'new' }])) }
        : undefined;
    expect(await own.deliver(event(older))).toEqual([]);
    own.hooks.s3 = undefined;
    expect(logged(client)).toMatchObject([{ outcome: 'failed', error_code: 'DLI.0002' }]);
    expect(await jobsOf(client)).toEqual([]);
  });

  test('an object that is gone', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    await own.s3.send(new DeleteObjectCommand({ Bucket: own.bucket, Key: version.key }));
    expect(await own.deliver(event(version))).toEqual([]);
    expect(logged(client)).toMatchObject([
      { outcome: 'failed', error_code: 'DLI.0002', remark: expect.stringMatching(/does not exist/) },
    ]);
  });

  test('a job that breaks a rule, beside one that does not', async () => {
    const client = await project();
    expect(await own.deliver(event(await upload(client, 'x.zip', [{ name: 'a b' }, { name: 'c' }])))).toEqual([]);
    expect(logged(client)).toMatchObject([
      { outcome: 'imported', jobs: { failed: 1, created: 1 }, remark: expect.stringMatching(/1 of 2 jobs/) },
    ]);
    expect(await jobsOf(client)).toEqual(['c']);
  });
});

describe('an event that comes again', () => {
  test('imports nothing again', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }], { 'is-cover': 'true' });
    for (let n = 0; n < 3; n++) expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toHaveLength(1);
    expect(await jobItem(client.projectId, 'a')).toMatchObject({ revision: 1 });
    expect(logged(client).map(({ outcome }) => outcome)).toEqual(['imported', 'repeated', 'repeated']);
  });

  test('at the same time is one import', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }], { 'is-cover': 'true' });
    const again = await Promise.all([1, 2, 3].map(() => own.deliver(event(version))));
    // Who comes while another is at it cannot know that it will end: it comes again.
    expect(again.filter((places) => places.length === 0).length).toBeGreaterThanOrEqual(1);
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ state: 'finished', counts: { created: 1 } }]);
    expect(await jobItem(client.projectId, 'a')).toMatchObject({ revision: 1 });
  });

  test('while its import runs is not done with: nobody knows yet that it will end', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    const meanwhile: number[][] = [];
    own.hooks.s3 = ({ operation, url }) => {
      if (operation !== 'GET object' || !url.includes(client.projectId)) return undefined;
      return { first: async () => void meanwhile.push(await own.deliver(event(version))) };
    };
    expect(await own.deliver(event(version))).toEqual([]);
    own.hooks.s3 = undefined;
    expect(meanwhile).toEqual([[0]]);
    expect(logged(client)).toMatchObject([
      { outcome: 'again', remark: 'it is being imported' },
      { outcome: 'imported' },
    ]);
  });

  test('after a newer version imports nothing', async () => {
    const client = await project();
    const older = await upload(client, 'x.zip', [{ name: 'a', sql_body: 'old' }], { 'is-cover': 'true' });
    await own.deliver(event(older));
    await own.deliver(event(await upload(client, 'x.zip', [{ name: 'b' }], { 'is-cover': 'true' })));
    expect(await own.deliver(event(older))).toEqual([]);
    expect(logged(client).at(-1)).toMatchObject({ outcome: 'superseded' });
    expect(await importsOf(client)).toHaveLength(2);
  });

  test('with the same bytes, uploaded anew, is another import', async () => {
    const client = await project();
    await own.deliver(event(await upload(client, 'x.zip', [{ name: 'a' }])));
    await own.deliver(event(await upload(client, 'x.zip', [{ name: 'a' }])));
    expect(await importsOf(client)).toMatchObject([{ counts: { skipped: 1 } }, { counts: { created: 1 } }]);
  });
});

describe('a fault that may pass', () => {
  test('brings the event again, which goes on under the same number', async () => {
    const client = await project();
    const documents = Array.from({ length: 40 }, (_, n) => ({ name: `j${n}` }));
    const version = await upload(client, 'x.zip', documents);
    let writes = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`"job#${client.projectId}`) && ++writes === 20 ? FAILS : undefined;
    expect(await own.deliver(event(version))).toEqual([0]);
    own.hooks.table = undefined;
    expect(logged(client)).toMatchObject([{ outcome: 'again', import_id: 1 }]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'interrupted' }]);
    expect((await client.send('GET', `${client.jobs}/imports/1`)).json.state).toBe('interrupted');
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'finished', counts: { created: 40 } }]);
    expect((await jobsOf(client)).length).toBe(40);
  });

  test('that lasts leaves an import that is interrupted, not one that ended', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`"job#${client.projectId}`) ? FAILS : undefined;
    for (let n = 0; n < 3; n++) expect(await own.deliver(event(version))).toEqual([0]);
    own.hooks.table = undefined;
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'interrupted', counts: { failed: 1 } }]);
    expect(await jobsOf(client)).toEqual([]);
  });

  test('of which a worker dies leaves one, too', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    own.hooks.s3 = ({ operation, url }) =>
      operation === 'GET object' && url.includes(client.projectId) ? { status: 400, body: '<Error/>' } : undefined;
    expect(await own.deliver(event(version))).toEqual([0]);
    own.hooks.s3 = undefined;
    expect(await importsOf(client)).toMatchObject([{ state: 'interrupted' }]);
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ import_id: 1, state: 'finished' }]);
  });

  test('before the end was noted is made up for by the next delivery, which tells the end', async () => {
    const client = await project();
    const version = await upload(client, 'x.zip', [{ name: 'a' }]);
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`"imports#${client.projectId}`) ? FAILS : undefined;
    await own.deliver(event(version));
    own.hooks.table = undefined;
    expect((await importsOf(client))[0]).not.toHaveProperty('end_time');
    expect(await own.deliver(event(version))).toEqual([]);
    expect(await importsOf(client)).toMatchObject([{ state: 'finished', end_time: expect.any(Number) }]);
    await own.deliver(event(version));
    expect(logged(client).map(({ outcome }) => outcome)).toEqual(['imported', 'imported', 'repeated']);
  });

  test('holds back no other message of its batch', async () => {
    const [bad, good, broken] = [await project(), await project(), await project()];
    const versions = [await upload(bad, 'x.zip', [{ name: 'a' }]), await upload(good, 'x.zip', [{ name: 'a' }])];
    const none = await own.put(`uploads/${broken.projectId}/x.zip`, Buffer.from('no zip'));
    own.hooks.table = ({ body }) => (body.includes(`"upload#${bad.projectId}`) ? FAILS : undefined);
    const events = versions.map((version) => event(version));
    expect(await own.deliver('no event', ...events, event(none))).toEqual([0, 1]);
    own.hooks.table = undefined;
    expect(await jobsOf(good)).toEqual(['a']);
    expect(await importsOf(broken)).toMatchObject([{ state: 'failed' }]);
    expect(await importsOf(bad)).toEqual([]);
    expect(await own.deliver(...events)).toEqual([]);
    expect(await jobsOf(bad)).toEqual(['a']);
  });

  test('of one object holds back none that came in the same message', async () => {
    const [bad, good] = [await project(), await project()];
    const versions = [await upload(bad, 'x.zip', [{ name: 'a' }]), await upload(good, 'x.zip', [{ name: 'a' }])];
    own.hooks.table = ({ body }) => (body.includes(`"upload#${bad.projectId}`) ? FAILS : undefined);
    expect(await own.deliver(event(...versions))).toEqual([0]);
    own.hooks.table = undefined;
    expect(await jobsOf(good)).toEqual(['a']);
  });
});

describe('of an archive in a bucket that keeps versions', () => {
  test('the newer one wins that was claimed later, however early it came', async () => {
    const client = await project();
    const keep = async (versionId: string, documents: object[]) => {
      await own.put(`versions/${client.projectId}/${versionId}`, archive(...documents), { 'is-cover': 'true' });
      return { ...(await upload(client, 'x.zip', documents, { 'is-cover': 'true' })), versionId };
    };
    const older = await keep('v1', [{ name: 'a', desc: 'older' }]);
    const newer = await keep('v2', [{ name: 'a', desc: 'newer' }]);
    own.hooks.s3 = ({ url }) => {
      const versionId = /versionId=(v\d)/.exec(url)?.[1];
      return versionId ? { url: `/${own.bucket}/versions/${client.projectId}/${versionId}` } : undefined;
    };
    let claims = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes(`"upload#${client.projectId}`) && claims++ === 0
        ? { first: async () => void (await own.deliver(event(older))) }
        : undefined;
    expect(await own.deliver(event(newer))).toEqual([]);
    own.hooks.s3 = undefined;
    own.hooks.table = undefined;
    expect(await importsOf(client)).toMatchObject([
      { import_id: 2, etag: `"${newer.eTag}"`, counts: { overwritten: 1 } },
      { import_id: 1, etag: `"${older.eTag}"`, counts: { created: 1 } },
    ]);
    const [item] = await itemsOf(uploadKeyOf(newer));
    expect(item).toMatchObject({ import_id: 2, sequencer: expect.any(String), etag: `"${newer.eTag}"` });
    expect(Number(item?.['expires_at'])).toBeGreaterThan(Date.now() / 1000 + 89 * 24 * 60 * 60);
  });

  test('the very version is read', async () => {
    const client = await project();
    const version = { ...(await upload(client, 'x.zip', [{ name: 'a' }])), versionId: 'v 1/+' };
    const asked: string[] = [];
    own.hooks.s3 = ({ url }) => {
      if (url.includes(client.projectId)) asked.push(`${new URL(url, 'http://s3').searchParams.get('versionId')}`);
      return undefined;
    };
    expect(await own.deliver(event(version))).toEqual([]);
    own.hooks.s3 = undefined;
    // One HEAD, one GET.
    expect(asked).toEqual(['v 1/+', 'v 1/+']);
  });
});

describe('no message of an upload quotes', () => {
  test('a document, a bad name of a job, or its metadata', async () => {
    const client = await project();
    const secret = 'S3cr3t-in-an-upload';
    await own.deliver(event(await upload(client, '1.zip', [{ name: 'a', sql_body: secret }, { name: `${secret} !` }])));
    await own.deliver(
      event(await own.put(`uploads/${client.projectId}/2.zip`, [{ name: 'a.json', data: `{"${secret}` }])),
    );
    await own.deliver(event(await upload(client, '3.zip', [{ name: 'b' }], { 'is-cover': secret })));
    await own.deliver(`{"${secret}`, JSON.stringify({ Records: [{ secret }] }));
    expect(logged(client)).toHaveLength(3);
    expect(JSON.stringify(own.logs)).not.toContain(secret);
    expect(JSON.stringify(await importsOf(client))).not.toContain(secret);
    expect(JSON.stringify(await itemsOf(`imports#${client.projectId}`))).not.toContain(secret);
  });
});
