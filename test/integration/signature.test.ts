import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256, sign, type Unsigned } from '../sign.ts';
import { type Answer, invoke, itemsOf, logLines, newProject, type ProjectClient, sendAsIs, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

const PLANTED = 'hunter2-planted-in-a-header';
const BODY = '{"zip_file":"flink-jobs/no/such.zip"}';

let project: ProjectClient;
beforeAll(async () => {
  project = await newProject();
});

type Headers = [string, string][];
type Change = (headers: Headers) => Headers;

const as =
  (name: string, change: (value: string) => string): Change =>
  (headers) =>
    headers.map(([header, value]) => [header, header === name ? change(value) : value]);
const without =
  (name: string): Change =>
  (headers) =>
    headers.filter(([header]) => header !== name);
const twice =
  (name: string): Change =>
  (headers) =>
    headers.flatMap(([header, value]) =>
      header === name
        ? [
            [header, value],
            [header, value],
          ]
        : [[header, value]],
    );
const and =
  (name: string, value: string): Change =>
  (headers) => [...headers, [name, value]];

/** Signs a request as clients do, and sends it: changed afterwards, if the test says so. */
async function send(
  request: Partial<Unsigned> & { of?: ProjectClient } = {},
  sent: { change?: Change; url?: string; body?: string | Buffer; endpoint?: string } = {},
): Promise<Answer> {
  const { of = project, method = 'POST', body = method === 'POST' ? BODY : '', date } = request;
  const { change = (headers) => headers, endpoint = of.endpoint } = sent;
  const url = request.url ?? (method === 'POST' ? `${of.jobs}/import` : of.jobs);
  const headers = {
    'Content-Type': 'application/json',
    Host: new URL(endpoint).host,
    'X-Project-Id': of.projectId,
    ...request.headers,
  };
  const { Host: _host, ...signed } = sign(of.keys, { method, url, headers, body, ...(date !== undefined && { date }) });
  return sendAsIs(method, endpoint + (sent.url ?? url), change(Object.entries(signed)), sent.body ?? body);
}

/** Whether a request got behind the door: there its archive is looked for. */
const passed = (answer: Answer) => answer.json.error_code === 'DLI.0002';

/** In the shape of the gateway, with nothing of what was sent, neither in the answer nor in the log. */
function expectRefusal(answer: Answer, status: 401 | 403): void {
  expect(answer.json).toEqual({
    error_code: status === 401 ? 'APIGW.0301' : 'APIGW.0302',
    error_msg: expect.stringMatching(
      status === 401 ? /^Incorrect IAM authentication information: \w/ : /^This key is not one of the project/,
    ),
    request_id: answer.headers.get('x-request-id'),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/json');
  for (const secret of [PLANTED, project.keys.secret_key, project.keys.access_key, project.token]) {
    expect(answer.text).not.toContain(secret);
    expect(logLines(secret)).toEqual([]);
  }
}

describe('a signed request', () => {
  test.each<[string, string | Buffer]>([
    ['compact', BODY],
    ['with a trailing newline', `${BODY}\n`],
    ['with ": " and \\uXXXX', '{"zip_file": "flink-jobs/no/\\u0073uch.zip", "is_cover": false}'],
    ['with line breaks', '{\r\n\t"zip_file" :\r\n"flink-jobs/no/such.zip"}\r\n'],
    ['beyond ASCII', '{"zip_file":"flink-jobs/no/süch\u{1f600}.zip"}'],
  ])('with a body %s passes, sent as text or in base64', async (_case, body) => {
    expect(await send({ body })).toSatisfy(passed);
    // The gateway encodes a body whose type is not one of text.
    expect(await send({ body, headers: { 'Content-Type': 'application/octet-stream' } })).toSatisfy(passed);
    expect(await send({ body, headers: { 'X-Sdk-Content-Sha256': sha256(body) } })).toSatisfy(passed);
  });

  test('passes with its date alone signed, the host too, or all of its headers', async () => {
    const url = `${project.jobs}/import`;
    const sendSigned = (headers: Record<string, string>) => {
      const signed = sign(project.keys, { method: 'POST', url, headers, body: BODY });
      const { Host: _host, ...sent } = signed;
      return sendAsIs('POST', project.endpoint + url, Object.entries(sent), BODY);
    };
    expect(await sendSigned({})).toSatisfy(passed);
    expect(await sendSigned({ Host: new URL(project.endpoint).host })).toSatisfy(passed);
    expect(await sendSigned({ Accept: '*/*', 'User-Agent': 'client/1 (a; b)' })).toSatisfy(passed);
  });

  test.each(['?limit=5&offset=0&order=asc', '?order=asc&offset=0&limit=5', '?order=%61sc&limit=5&&offset=0'])(
    'lists jobs, its query in whatever order: %s',
    async (query) => {
      const url = `${project.jobs}?offset=0&limit=5&order=asc`;
      const { status, json } = await send({ method: 'GET', url }, { url: project.jobs + query });
      expect(status).toBe(200);
      expect(json.job_list.total_count).toBe(0);
    },
  );

  test('is recorded under its access key, and one with a token under the hash of that', async () => {
    const own = await newProject();
    const body = JSON.stringify({ zip_file: await own.putJobs('x.zip', { name: 'a' }) });
    expect((await send({ of: own, body })).json.is_success).toBe('true');
    await own.send('POST', `${own.jobs}/import`, body);
    expect(await itemsOf(`imports#${own.projectId}`)).toMatchObject([
      { requested_by: `access key ${own.keys.access_key}` },
      { requested_by: `token ${sha256(own.token).slice(0, 8)}` },
    ]);
  });

  test('is judged by its signature, whatever token is beside it', async () => {
    expect(await send({}, { change: and('X-Auth-Token', PLANTED) })).toSatisfy(passed);
    const change = (headers: Headers) => and('X-Auth-Token', project.token)(as('X-Project-Id', () => 'x')(headers));
    expectRefusal(await send({}, { change }), 401);
    // An Authorization of another scheme is no signature.
    const other: Headers = [
      ['X-Auth-Token', project.token],
      ['Authorization', 'Bearer x'],
    ];
    expect(await sendAsIs('POST', `${project.endpoint}${project.jobs}/import`, other, BODY)).toSatisfy(passed);
  });
});

describe('a signed request is refused', () => {
  const HOUR = 3_600_000;

  test.each<[string, Change]>([
    ['with its Authorization cut', as('Authorization', (text) => text.slice(0, -1))],
    [
      'with another signature',
      as('Authorization', (text) => text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))),
    ],
    ['with secrets in its Authorization', as('Authorization', () => `SDK-HMAC-SHA256 Access=${PLANTED}`)],
    [
      'with an access key that nobody has',
      as('Authorization', (text) => text.replace(/Access=\w+/, 'Access=NOBODYSKEY')),
    ],
    ['with its date not signed', as('Authorization', (text) => text.replace(';x-sdk-date', ''))],
    ['with a header signed that was not sent', as('Authorization', (text) => text.replace('host;', 'host;x-nothing;'))],
    [
      'with another X-Sdk-Date',
      as('X-Sdk-Date', (text) => text.replace(/\dZ$/, (end) => (end === '0Z' ? '1Z' : '0Z'))),
    ],
    ['with another hash of its body', and('X-Sdk-Content-Sha256', sha256(PLANTED))],
    [
      'with the hash of its body doubled',
      (headers) => twice('X-Sdk-Content-Sha256')(and('X-Sdk-Content-Sha256', sha256(BODY))(headers)),
    ],
    ['with its payload marked as unsigned', and('X-Sdk-Content-Sha256', 'UNSIGNED-PAYLOAD')],
  ])('%s', async (_case, change) => {
    expectRefusal(await send({}, { change }), 401);
  });

  /** Of the headers that a client sends, all signed. */
  const SIGNED = ['Authorization', 'Content-Type', 'X-Project-Id', 'X-Sdk-Content-Sha256', 'X-Sdk-Date'];
  const HARMS: [string, (name: string) => Change][] = [
    ['missing', without],
    ['doubled', twice],
    ['empty', (name) => as(name, () => '')],
    ['malformed', (name) => as(name, () => PLANTED)],
    ['beyond ASCII', (name) => as(name, (value) => `${value}\u00ff`)],
    ['in two', (name) => as(name, (value) => `${value}, ${PLANTED}`)],
  ];

  test.each(HARMS.flatMap(([how, harm]) => SIGNED.map((name): [string, string, Change] => [name, how, harm(name)])))(
    'with its %s %s',
    async (_name, _how, change) => {
      const signed = { headers: { 'X-Sdk-Content-Sha256': sha256(BODY) } };
      expect(await send(signed)).toSatisfy(passed);
      expectRefusal(await send(signed, { change }), 401);
    },
  );

  test.each<[string, Parameters<typeof send>]>([
    ['for another host', [{ headers: { Host: 'another.example.com' } }]],
    ['with a second Host', [{}, { change: and('Host', 'another.example.com') }]],
    [
      'with its body changed, and the hash of that put in the place of the old one',
      [
        { headers: { 'X-Sdk-Content-Sha256': sha256(BODY) } },
        { change: as('X-Sdk-Content-Sha256', () => sha256(`${BODY} `)), body: `${BODY} ` },
      ],
    ],
    [
      'with its body changed, and the hash of that beside it, not signed',
      [{}, { change: and('X-Sdk-Content-Sha256', sha256(`${BODY} `)), body: `${BODY} ` }],
    ],
    ['made 16 minutes ago', [{ date: new Date(Date.now() - 16 * 60_000) }]],
    ['made 16 minutes from now', [{ date: new Date(Date.now() + 16 * 60_000) }]],
    ['made an hour ago', [{ date: new Date(Date.now() - HOUR) }]],
    ['with its body changed', [{}, { body: BODY.replace('such', 'sUch') }]],
    ['with a newline more in its body', [{}, { body: `${BODY}\n` }]],
    [
      'with its body changed, its old hash kept',
      [{ headers: { 'X-Sdk-Content-Sha256': sha256(BODY) } }, { body: `${BODY} ` }],
    ],
    [
      'with its payload marked as unsigned, and that signed',
      [{ headers: { 'X-Sdk-Content-Sha256': 'UNSIGNED-PAYLOAD' } }],
    ],
    ['with its body gone', [{}, { body: '' }]],
  ])('%s', async (_case, [request, sent]) => {
    expectRefusal(await send(request, sent), 401);
  });

  test('sent by another method', async () => {
    const headers = Object.entries(sign(project.keys, { method: 'POST', url: project.jobs }));
    expectRefusal(await sendAsIs('GET', project.endpoint + project.jobs, headers), 401);
  });

  test.each(['?limit=6', '?limit=5&limit=5', '?limit=5&order=asc', ''])('with another query: %j', async (query) => {
    const url = `${project.jobs}?limit=5`;
    expectRefusal(await send({ method: 'GET', url }, { url: project.jobs + query }), 401);
  });

  test('to another project alike, whether that exists or not', async () => {
    const other = await newProject();
    const answers = await Promise.all(
      [other.jobs, '/v1.0/no-such-project/streaming/jobs'].map((url) => send({ method: 'GET', url })),
    );
    for (const answer of answers) {
      expectRefusal(answer, 403);
      // Only the line of the log repeats what the path names.
      expect(answer.text).not.toContain(other.projectId);
    }
    expect(answers[0]?.json.error_msg).toBe(answers[1]?.json.error_msg);
  });

  test('with the same words for a key that nobody has and for a secret that is not its own', async () => {
    const wrong = await newProject();
    Object.assign(wrong.keys, { secret_key: 'not-the-secret-of-it' });
    const unknown = await newProject();
    Object.assign(unknown.keys, { access_key: 'NOBODYSKEY' });
    const answers = [await send({ of: wrong }), await send({ of: unknown })];
    for (const answer of answers) expectRefusal(answer, 401);
    expect(answers[0]?.json.error_msg).toBe(answers[1]?.json.error_msg);
  });
});

test.each([
  '//v1.0/ID/streaming/jobs',
  '/v1.0//ID/streaming/jobs',
  '/v1.0/ID/streaming//jobs',
  '/v1.0/ID/streaming/jobs/',
])('a path with a slash too many is unknown, signed as it may be: %s', async (path) => {
  const url = path.replace('ID', project.projectId);
  const headers = Object.entries(sign(project.keys, { method: 'GET', url: project.jobs }));
  const { status, json } = await sendAsIs('GET', project.endpoint + url, headers);
  expect(status).toBe(404);
  expect(json.error_code).toBe('APIGW.0101');
});

describe('the door of functions that start anew', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await startOwnStack();
  });
  afterAll(() => own.close());

  test('reads the table once for a new access key, in one batch, and not again for a known one', async () => {
    const of = await own.newProject();
    own.table.reset();
    for (const query of ['?limit=1', '?limit=2', '?limit=3']) {
      await send({ of, method: 'GET', url: of.jobs + query });
      expect(own.table.calls.get('BatchGetItem')).toBe(1);
    }
    // What the list itself reads is queries.
    expect([...own.table.calls.keys()].sort()).toEqual(['BatchGetItem', 'Query']);
  });

  test('reads it once for a signature that is not right, also of a known key, and not for one that is malformed', async () => {
    const of = await own.newProject();
    await send({ of });
    own.table.reset();
    const anotherDigit = as('Authorization', (text) => text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')));
    expectRefusal(await send({ of }, { change: anotherDigit }), 401);
    expect(Object.fromEntries(own.table.calls)).toEqual({ BatchGetItem: 1 });
    expectRefusal(await send({ of }, { change: twice('Authorization') }), 401);
    expect(Object.fromEntries(own.table.calls)).toEqual({ BatchGetItem: 1 });
  });

  test('refuses a revoked key as one that nobody has; functions that know it do so within a minute', async () => {
    const of = await own.newProject();
    const { project_id, key } = { project_id: of.projectId, key: of.keys.access_key };
    await send({ of }, { endpoint: stack.endpoint });
    const { error } = await invoke('manage-project', { action: 'revoke-key', project_id, key });
    expect(error).toBeUndefined();
    const unknown = await send({ of }, { change: as('Authorization', (text) => text.replace(key, 'NOBODYSKEY')) });
    const revoked = await send({ of });
    expectRefusal(revoked, 401);
    expect(revoked.json.error_msg).toBe(unknown.json.error_msg);
    expect(await send({ of }, { endpoint: stack.endpoint })).toSatisfy(passed);
    // The token is another key.
    expect(await of.send('POST', `${of.jobs}/import`, BODY)).toSatisfy(passed);
  });
});
