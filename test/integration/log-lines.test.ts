import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { CALL_ATTEMPTS, GIVEN_UP_RECEIVES } from '../../lib/limits.ts';
import { sign } from '../sign.ts';
import { zip } from '../zip.ts';
import { type Answer, newProject, type ProjectClient, sendAsIs, stack } from './client.ts';
import {
  about,
  beginQueued,
  importAsync,
  KEY,
  putEach,
  type QueueStack,
  startQueueStack,
  TABLE_THROTTLES,
} from './queue-stack.ts';
import { eventOf } from './upload-stack.ts';

const SQL = 'SELECT hunter2_planted_statement';

let own: QueueStack;
let project: ProjectClient;
beforeAll(async () => {
  own = await startQueueStack({ isPolled: false });
  project = await own.newProject();
});
afterAll(() => own.close());
beforeEach(() => {
  own.lines.length = 0;
});
afterEach(() => {
  own.hooks.table = own.hooks.s3 = undefined;
});

type Line = Record<string, unknown>;

/** Lines arrive beside answers: waits until so many have a message, and gives them. */
async function lines(message: string, count: number, about: Line = {}): Promise<Line[]> {
  return vi.waitFor(() => {
    const found = own.lines.map((line): Line => JSON.parse(line)).filter((line) => line['message'] === message);
    const wanted = found.filter((line) => Object.entries(about).every(([name, value]) => line[name] === value));
    expect(wanted).toHaveLength(count);
    return wanted;
  }, WAIT);
}
const WAIT = { timeout: 5_000, interval: 50 };

const requestIdOf = ({ headers }: Answer) => headers.get('x-request-id') ?? '';

/** The sums of what was counted until a line of each function is there that writes some. */
async function counted(...timed: string[]): Promise<Record<string, number>> {
  return vi.waitFor(() => {
    const blobs = own.lines.filter((line) => line.includes('"_aws"')).map((line): Line => JSON.parse(line));
    for (const name of timed) expect(blobs.some((blob) => name in blob)).toBe(true);
    const sums: Record<string, number> = {};
    for (const [name, value] of blobs.flatMap((blob) => Object.entries(blob)))
      if (typeof value === 'number') sums[name] = (sums[name] ?? 0) + value;
    return sums;
  }, WAIT);
}

describe('a request', () => {
  test('is one line, which its X-Request-Id leads to, with what came of it', async () => {
    const path = await project.putJobs('a.zip', [{ name: 'a', sql_body: SQL }, { name: 'b' }, { name: 'no name' }]);
    const answer = await project.import(path);
    const request_id = requestIdOf(answer);
    const about = { request_id, project_id: project.projectId, import_id: answer.json.import_id };
    expect(await lines('request', 1, about)).toMatchObject([
      {
        level: 'INFO',
        service: 'flink-job-import',
        route: 'POST /v1.0/{project_id}/streaming/jobs/import',
        status: 200,
        jobs: { created: 2, failed: 1 },
        duration_ms: expect.any(Number),
      },
    ]);
    expect(await lines('archive', 1, about)).toMatchObject([
      {
        level: 'INFO',
        archive: `${project.projectId}/a.zip`,
        jobs: { created: 2, failed: 1 },
        duration_ms: expect.any(Number),
      },
    ]);
    expect(own.lines.filter((line) => line.includes(request_id))).toHaveLength(2);
  });

  test('that is not waited for is told with its state', async () => {
    const answer = await importAsync(project, await project.putJobs('a.zip', { name: 'a' }));
    expect(await lines('request', 1, { request_id: requestIdOf(answer) })).toMatchObject([
      { status: 202, state: 'queued', import_id: answer.json.import_id },
    ]);
  });

  test('that is refused is told with its code and reason, and whose project it asked for', async () => {
    const answer = await sendAsIs('GET', `${own.endpoint}${project.jobs}`, [['X-Auth-Token', 'no-such-token']]);
    expect(await lines('request', 1, { request_id: requestIdOf(answer) })).toMatchObject([
      { status: 401, error_code: 'APIGW.0301', reason: 'token.refused', project_id: project.projectId },
    ]);
  });
});

describe('a fault on the way is one line, which the same id leads to,', () => {
  const refuse =
    (...parts: string[]): QueueStack['hooks']['table'] =>
    ({ operation, body }) =>
      parts.every((part) => `${operation} ${body}`.includes(part)) ? REFUSED : undefined;

  test('of a deletion, whose answer tells of it', async () => {
    const { job_mapping } = (await project.import(await project.putJobs('d.zip', { name: 'd' }))).json;
    own.hooks.table = refuse('UpdateItem', '"job#');
    const answer = await project.send('DELETE', `${project.jobs}/${job_mapping?.[0]?.new_job_id}`);
    expect(answer.json.error_code).toBe('DLI.0999');
    const about = { request_id: requestIdOf(answer), project_id: project.projectId };
    expect(await lines('fault', 1, about)).toMatchObject([{ level: 'ERROR', fault: { message: 'no' } }]);
    const [request] = await lines('request', 1, about);
    expect(request).toMatchObject({ error_code: 'DLI.0999' });
    expect(request).not.toHaveProperty('fault');
  });

  test('of a plan', async () => {
    const answer = await importAsync(project, await project.putJobs('p.zip', { name: 'p' }));
    const plan = own.plans(project).at(-1);
    own.hooks.table = refuse('GetItem');
    expect(plan && (await own.deliver(plan, 1))).toBe('again');
    const about = { request_id: requestIdOf(answer), project_id: project.projectId, import_id: answer.json.import_id };
    await lines('fault', 1, about);
  });

  test('of a worker that a request waits for, and of the request', async () => {
    own.hooks.table = refuse('PutItem', '"archive#');
    const answer = await project.import(await project.putJobs('w.zip', { name: 'w' }));
    const about = { request_id: requestIdOf(answer), project_id: project.projectId, import_id: answer.json.import_id };
    const faults = await lines('fault', 2, about);
    expect(faults).toContainEqual(expect.objectContaining({ fault: expect.objectContaining({ message: 'no' }) }));
  });
});

/** What ends a line to somebody, colours a terminal, changes the direction of text, or is half a character. */
const CONTROLS = '\r\n{"level":"ERROR","message":"fault"}\u001b[31m\0';
const SEPARATORS = '\u0085\u009b31m\u2028\u2029\u202e"\\';
const LONG = 'n'.repeat(10_000);
const names = [CONTROLS, SEPARATORS, LONG, `${SEPARATORS}${LONG}`];

test('every line is one line of JSON, of a sane length, whatever is in names, paths, queries and headers', async () => {
  const answers: Answer[] = [];
  const token: [string, string] = ['X-Auth-Token', project.token];
  const get = async (path: string, ...headers: [string, string][]) =>
    answers.push(await sendAsIs('GET', `${own.endpoint}${path}`, [token, ...headers]));
  // In headers a client may send no controls but these.
  const header = `\u0085\u009b31m\u00ff"\\${'n'.repeat(2_000)}`;
  for (const name of ['X-Request-Id', 'Idempotency-Key', 'User-Agent', 'X-Project-Id', 'X-Amzn-Trace-Id'])
    await get(project.jobs, [name, header]);
  answers.push(await sendAsIs('GET', `${own.endpoint}${project.jobs}`, [['X-Auth-Token', header]]));
  for (const name of names) {
    const encoded = encodeURIComponent(name).slice(0, 6_000);
    await get(`/${encoded}`);
    await get(`/v1.0/${encoded}/streaming/jobs`);
    await get(`${project.jobs}/${encoded}`);
    await get(`${project.jobs}?name=${encoded}&${encoded.slice(0, 300)}=1`);
    for (const zipFile of [name, `${stack.bucket}/${name}.zip`, `${stack.bucket}/${project.projectId}/${name}`])
      answers.push(await project.import(zipFile));
    const body = JSON.stringify({ zip_file: 'x/y.zip', is_cover: name });
    const headers: [string, string][] = [token, ['Idempotency-Key', header]];
    answers.push(await sendAsIs('POST', `${own.endpoint}${project.jobs}/import`, headers, body));

    const [entry, job] = [
      zip([{ name: `${name.slice(0, 1_000)}.json`, data: `{"name":"a","sql_body":"${SQL}"}` }]),
      zip([{ name: 'a.json', data: JSON.stringify([{ name, sql_body: SQL }, { name: `${name}\ud800` }]) }]),
    ];
    answers.push(await project.import(await project.put('entry.zip', entry)));
    answers.push(await project.import(await project.put('job.zip', job)));
  }
  // A name that S3 takes, and an import too.
  answers.push(
    await project.import(await project.put('\u2028\u202e"\\.zip', zip([{ name: 'a.json', data: '{"name":"a"}' }]))),
  );
  for (const name of names.map((name) => name.slice(0, 900))) {
    const place = { size: 1, eTag: `${name}"`, sequencer: '01' };
    const own_ = eventOf(stack.bucket, { key: `uploads/${project.projectId}/${name}.zip`, ...place });
    const unknown = eventOf(stack.bucket, { key: `uploads/${name}/x.zip`, ...place });
    const Records = [own_, unknown, name].map((body, at) => ({ messageId: `m${at}`, body }));
    await own.invoke('archive-uploaded', { Records });
  }

  const url = `${project.jobs}/import`;
  const body = JSON.stringify({ zip_file: 'x/y.zip' });
  const signed = sign(project.keys, { method: 'POST', url, body });
  answers.push(await sendAsIs('POST', `${own.endpoint}${url}`, Object.entries(signed), body));
  const signature = /Signature=(.*)/.exec(signed['Authorization'] ?? '')?.[1] ?? '';

  for (const answer of answers) await lines('request', 1, { request_id: requestIdOf(answer) });
  await lines('upload', 2 * names.length);
  for (const line of own.lines) {
    expect(line).toMatch(/^\{.*\}$/);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(line.length).toBeLessThan(10_000);
  }
  const all = own.lines.join('\n');
  expect(signature).toMatch(/^[0-9a-f]{64}$/);
  for (const secret of [SQL, project.token, project.keys.secret_key, signature]) expect(all).not.toContain(secret);
}, 120_000);

describe('what is counted', () => {
  test('of an import of a folder are its archives, its jobs by what became of them, and its refusals by reason', async () => {
    await project.putJobs('counted/a.zip', [{ name: 'a1' }, { name: 'a2' }, { name: 'no name' }]);
    const damaged = zip([{ name: 'jobs.json', data: '{"name":"b"}', store: true }]);
    damaged.writeUInt8(damaged.readUInt8(45) ^ 1, 45);
    await project.put('counted/b.zip', damaged);
    const { json } = await project.import(`${stack.bucket}/${project.projectId}/counted`);
    expect(json.job_mapping).toMatchObject([
      { action: 'created' },
      { action: 'created' },
      { action: 'failed' },
      { action: 'failed', error_code: 'DLI.0018' },
    ]);
    await lines('archive', 2);
    const { 'Duration.import': duration, ...sums } = await counted('Duration.import', 'Duration.archive');
    expect(duration).toBeGreaterThan(0);
    expect(sums).toMatchObject({
      Imports: 1,
      Archives: 2,
      'Jobs.created': 2,
      'Jobs.failed': 1,
      'Refusals.DLI.0001': 1,
      'Refusals.archive.crc': 1,
      Retries: 0,
    });
  });

  test('are plans, uploads and exports, with the time of each', async () => {
    await beginQueued(own, ['planned']);
    const object = { key: 'uploads/no-archive.txt', size: 1, eTag: 'e', sequencer: '01' };
    const Records = [{ messageId: 'm', body: eventOf(stack.bucket, object) }];
    await own.invoke('archive-uploaded', { Records });
    const exporter = await newProject([{ bucket: stack.bucket, write: true }]);
    exporter.endpoint = own.endpoint;
    const body = JSON.stringify({ obs_dir: `${stack.bucket}/${exporter.projectId}`, is_selected: false });
    expect(await exporter.send('POST', `${exporter.jobs}/export`, body)).toMatchObject({ status: 200 });
    const sums = await counted('Duration.plan', 'Duration.upload', 'Duration.export');
    expect(sums).toMatchObject({ Imports: 1, 'Uploads.ignored': 1, Exports: 1 });
  });

  test('of an archive on the queue is counted once, though to note that it is done fails', async () => {
    const { messages } = await beginQueued(own, ['noted']);
    own.lines.length = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"progress#') ? REFUSED : undefined;
    expect(await own.deliver(about(messages, 'noted'), 1)).toBe('again');
    own.hooks.table = undefined;
    expect(await own.deliver(about(messages, 'noted'), 2)).toBe('done');
    await lines('archive', 1, { outcome: 'repeated' });
    expect(await counted('Duration.archive')).toMatchObject({ Archives: 1, 'Jobs.created': 1 });
  });

  test('are the tries of calls beyond the first, of the invocation that made them', async () => {
    const path = await project.putJobs('retried.zip', { name: 'retried' });
    own.hooks.table = ({ operation, count }) => {
      if (operation !== 'UpdateItem' || !isFirst) return undefined;
      isFirst = false;
      return count > 0 ? TABLE_THROTTLES : undefined;
    };
    let isFirst = true;
    expect((await project.import(path)).json.is_success).toBe('true');
    expect(await counted('Duration.import', 'Duration.archive')).toMatchObject({ Retries: 1 });
    own.lines.length = 0;
    expect((await project.import(path)).json.is_success).toBe('true');
    expect(await counted('Duration.import', 'Duration.archive')).toMatchObject({ Retries: 0 });
  });
});

test('tries of a call that failed in the end are counted, too', async () => {
  const path = await project.putJobs('refused.zip', { name: 'refused' });
  own.hooks.s3 = ({ operation }) => (operation === 'HEAD object' ? { status: 503, body: '' } : undefined);
  expect((await project.import(path)).json.error_code).toBe('DLI.0999');
  expect(await counted('Duration.import')).toMatchObject({ Retries: CALL_ATTEMPTS - 1 });
});

/** Whether a line is one that a filter counts: a JSON pattern of the form that the template has. */
function isCounted(pattern: string, line: Line): boolean {
  const terms = /^\{ (.*) \}$/.exec(pattern)?.[1]?.split(' || ') ?? [];
  return terms.some((term) => {
    const [, field = '', value] = /^\(?\$\.(\w+) = "([^"]*)"\)?$/.exec(term) ?? [];
    if (value === undefined) throw new Error(`${pattern}: ${term} is not understood here`);
    return line[field] === value;
  });
}

describe('the filters that alarms count by', () => {
  const deployment = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const [, faults = ''] = /faultLines: '(.*)'/.exec(deployment) ?? [];
  const [archiveGivenUp = '', importGivenUp = ''] = [...deployment.matchAll(/FilterPattern: '(\{.*)'/g)].map(
    ([, pattern]) => pattern,
  );

  test('match a request that met a fault, and a fault that became part of an answer', async () => {
    const path = await project.putJobs('a.zip', { name: 'a' });
    own.hooks.table = () => REFUSED;
    const refused = await project.import(path);
    expect(refused.json.error_code).toBe('DLI.0999');
    own.hooks.table = undefined;
    const [request = {}] = await lines('request', 1);
    expect(isCounted(faults, request)).toBe(true);

    own.hooks.table = ({ operation, body }) =>
      operation === 'UpdateItem' && body.includes('"job#') ? REFUSED : undefined;
    expect((await project.import(path)).json.job_mapping).toMatchObject([{ action: 'failed' }]);
    const [fault = {}] = await lines('fault', 1);
    expect(isCounted(faults, fault)).toBe(true);
  });

  test('match what was given up', async () => {
    const { messages } = await beginQueued(own, ['a']);
    expect(await own.deliver(about(messages, 'a'), GIVEN_UP_RECEIVES)).toBe('done');
    const [archive = {}] = await lines('archive', 1);
    expect(isCounted(archiveGivenUp, archive)).toBe(true);

    const other = await own.newProject();
    await importAsync(other, await putEach(other, ['a']), {}, KEY);
    const plan = own.plans(other).at(-1);
    expect(plan && (await own.deliver(plan, GIVEN_UP_RECEIVES))).toBe('done');
    const [, given = {}] = await lines('plan', 2);
    expect(isCounted(importGivenUp, given)).toBe(true);
  });

  test('match nothing that went well', async () => {
    const answer = await project.import(await project.putJobs('a.zip', { name: 'well' }));
    expect(answer.json.is_success).toBe('true');
    await lines('request', 1);
    for (const line of own.lines.map((text): Line => JSON.parse(text)))
      for (const pattern of [faults, archiveGivenUp, importGivenUp]) expect(isCounted(pattern, line)).toBe(false);
  });
});

/** As a table refuses what it cannot take: its client does not repeat it. */
const REFUSED = { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}' };
