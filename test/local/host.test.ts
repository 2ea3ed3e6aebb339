import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startGateway } from '../../local/gateway.ts';
import { CREDENTIALS as credentials, REGION as region } from '../../local/identity.ts';
import { LambdaPool, type PoolOptions, REQUEST_BYTES, RESPONSE_BYTES } from '../../local/lambda.ts';
import { EVENT_BYTES, startLambdaApi } from '../../local/lambda-api.ts';
import { type Stack, startStack } from '../../local/stack.ts';
import { call, DEPLOYMENT, dig, isAlive, OVERRIDES, readFixture, startMeeting, until, VALUES } from './host/support.ts';

const lines: string[] = [];
let stack: Stack;

beforeAll(async () => {
  vi.stubEnv('NODE_OPTIONS', '--no-deprecation');
  const onLog = (key: string, line: string) => lines.push(`${key}: ${line}`);
  stack = await startStack({ deployment: DEPLOYMENT, environment: OVERRIDES, onLog });
});

afterAll(() => stack.close());
afterAll(() => void vi.unstubAllEnvs());

async function startPool(options: Partial<PoolOptions>) {
  const { functions } = await readFixture();
  const pool = new LambdaPool({ functions, ...options });
  onTestFinished(() => pool.close());
  return { pool, functions };
}

const lambda = () => new LambdaClient({ endpoint: stack.lambdaEndpoint, region, credentials, maxAttempts: 1 });

async function send(input: InvokeCommandInput, client = lambda()) {
  const output = await client.send(new InvokeCommand(input));
  return { ...output, text: output.Payload?.transformToString() ?? '' };
}

async function refusal(input: InvokeCommandInput, client = lambda()) {
  const error: unknown = await send(input, client).catch((caught: unknown) => caught);
  return `${String(dig(error, '$metadata', 'httpStatusCode'))} ${String(error)}`;
}

describe('the deployment file', () => {
  test('gives names, routes and limits of functions', async () => {
    const { functions } = await readFixture();
    const echo = functions.find(({ key }) => key === 'echo');
    expect(echo).toMatchObject({ name: 'host-fixture-test-echo', timeoutSeconds: 10, memoryMegabytes: 256 });
    expect(echo?.routes.map(({ key }) => key)).toContain('ANY /any');
  });

  test('resolves variables and references of an environment', async () => {
    const { functions } = await readFixture();
    expect(functions.find(({ key }) => key === 'echo')?.environment).toEqual({
      TABLE_NAME: 'some-table',
      OWNER: '123456789012',
      GREETING: 'hello',
      ECHO_NAME: 'host-fixture-test-echo',
      ARN: 'arn:aws:lambda:eu-west-1:123456789012:function:host-fixture-test-echo',
      KEPT_ELSEWHERE: 'given',
    });
  });

  test('names a reference that has no local value', async () => {
    const { Table: _, ...values } = VALUES;
    await expect(readFixture({ values })).rejects.toThrow(/TABLE_NAME of the function echo: .*reference Table/);
  });

  test('names a secret that nobody gave', async () => {
    await expect(readFixture({ overrides: {} })).rejects.toThrow(
      /KEPT_ELSEWHERE of the function echo is kept elsewhere/,
    );
  });
});

describe('the gateway', () => {
  const event = async (request: Parameters<typeof call>[1]) => {
    const { body } = await call(stack.endpoint, request);
    return dig(JSON.parse(body), 'event');
  };

  test('leaves path and query as they were sent, and decodes parameters', async () => {
    const query = 'flag&a=%2F+%20&a=b,c&q=a=b';
    const got = await event({ path: `/things/a%20b%2Fc?${query}` });
    expect(got).toMatchObject({ rawPath: '/things/a%20b%2Fc', rawQueryString: query });
    expect(dig(got, 'pathParameters')).toEqual({ thing_id: 'a b/c' });
    expect(dig(got, 'queryStringParameters')).toEqual({ flag: '', a: '/  ,b,c', q: 'a=b' });
  });

  test('joins headers of one name, and lists cookies apart', async () => {
    const headers = [
      'X-Dup',
      'one',
      'x-dup',
      'two',
      'Cookie',
      'a=1; b=2',
      'user-agent',
      'first',
      'user-agent',
      'second',
    ];
    const got = await event({ headers });
    expect(dig(got, 'headers')).toMatchObject({ 'x-dup': 'one,two', 'user-agent': 'first,second' });
    expect(dig(got, 'headers', 'cookie')).toBeUndefined();
    expect(dig(got, 'cookies')).toEqual(['a=1', 'b=2']);
  });

  test('says who asked, for what, under an id of its own', async () => {
    const [first, second] = await Promise.all([event({ method: 'PATCH', path: '/x?y' }), event({})]);
    expect(dig(first, 'requestContext')).toMatchObject({
      accountId: '000000000000',
      stage: '$default',
      routeKey: '$default',
    });
    expect(dig(first, 'requestContext', 'http')).toMatchObject({ method: 'PATCH', path: '/x', sourceIp: '127.0.0.1' });
    expect(dig(first, 'requestContext', 'time')).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(dig(first, 'requestContext', 'requestId')).not.toBe(dig(second, 'requestContext', 'requestId'));
  });

  test.each([
    ['text of a text type', 'application/json; charset=utf-8', 'é\r\n', { body: 'é\r\n', isBase64Encoded: false }],
    ['text of a form', 'application/x-www-form-urlencoded', 'é', { body: 'w6k=', isBase64Encoded: true }],
    ['no UTF-8 of a text type', 'text/plain', Buffer.from([0xff]), { body: '/w==', isBase64Encoded: true }],
  ])('hands over %s', async (_what, type, body, expected) => {
    expect(await event({ method: 'POST', path: '/things', headers: ['content-type', type], body })).toMatchObject(
      expected,
    );
  });

  test('takes a body in chunks', async () => {
    const headers = ['content-type', 'text/plain', 'transfer-encoding', 'chunked'];
    const got = await event({ method: 'POST', path: '/things', headers, body: 'abc' });
    expect(got).toMatchObject({ body: 'abc', isBase64Encoded: false });
    expect(dig(got, 'headers', 'content-length')).toBe('3');
  });

  test.each([
    ['GET', '/things/1', 'GET /things/{thing_id}'],
    ['PUT', '/things/fixed', 'PUT /things/fixed'],
    ['PUT', '/things/1', 'PUT /things/{thing_id}'],
    ['PUT', '/things/1/2', 'PUT /things/{rest+}'],
    ['DELETE', '/any', 'ANY /any'],
    ['DELETE', '/things/1', '$default'],
    ['GET', '/things/1/', '$default'],
    ['GET', '/things/', '$default'],
    ['OPTIONS', '//x', '$default'],
  ])('sends %s %s to %s', async (method, path, routeKey) => {
    expect(await event({ method, path })).toMatchObject({ routeKey, rawPath: path });
  });

  test('sends HEAD to no GET route', async () => {
    const { functions } = await readFixture();
    const { pool } = await startPool({});
    const gateway = await startGateway({ pool, functions: functions.filter(({ key }) => key === 'echo') });
    onTestFinished(() => gateway.close());
    expect(await call(gateway.endpoint, { method: 'HEAD', path: '/things/1' })).toMatchObject({
      status: 404,
      body: '',
    });
    expect(await call(gateway.endpoint, { path: '/nowhere' })).toMatchObject({
      status: 404,
      body: '{"message":"Not Found"}',
    });
  });

  const respond = (result: unknown) =>
    call(stack.endpoint, {
      method: 'POST',
      path: '/respond',
      headers: ['content-type', 'application/json'],
      body: JSON.stringify(result),
    });

  test('sends status, headers, cookies and bytes of a response, and adds little', async () => {
    const headers = { 'Content-Type': 'application/zip', 'X-One': 1 };
    const reply = await respond({
      statusCode: 201,
      headers,
      cookies: ['a=1', 'b=2'],
      body: '/wA=',
      isBase64Encoded: true,
    });
    expect(reply).toMatchObject({ status: 201, bytes: Buffer.from([0xff, 0]) });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/zip',
      'x-one': '1',
      'set-cookie': ['a=1', 'b=2'],
    });
    const known = ['content-type', 'x-one', 'set-cookie', 'content-length', 'apigw-requestid', 'date', 'connection'];
    expect(Object.keys(reply.headers).filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each([
    ['an object', { a: 1 }, '{"a":1}'],
    ['a text', 'hello', 'hello'],
    ['a list', [1, 2], '[1,2]'],
  ])('takes %s without a status for the body of a 200', async (_what, result, body) => {
    const reply = await respond(result);
    expect(reply).toMatchObject({ status: 200, body });
    expect(reply.headers['content-type']).toBe('application/json');
  });

  test.each([
    ['a status that is none', { statusCode: 'many' }],
    ['a status that ends nothing', { statusCode: 199 }],
    ['a body that is no text', { statusCode: 200, body: {} }],
    ['a header that cannot be sent', { statusCode: 200, headers: { 'x-a': 'b\r\nc' } }],
  ])('answers 500 to %s', async (_what, result) => {
    expect(await respond(result)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  test.each(['throw', 'exit', 'killed', 'throw-later', 'reject-later', 'hang', 'spin', 'circle'])(
    'answers 500 to a function that ends by %s, and serves the next request',
    async (action) => {
      const headers = ['content-type', 'text/plain'];
      const failed = await call(stack.endpoint, { method: 'POST', path: '/fail', headers, body: action });
      expect(failed).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
      const next = await call(stack.endpoint, { method: 'POST', path: '/fail', headers, body: 'pid' });
      expect(next.status).toBe(200);
    },
  );

  test('answers 503 when a function takes longer than a gateway waits', async () => {
    const { pool, functions } = await startPool({});
    const gateway = await startGateway({ pool, functions, timeoutMilliseconds: 50 });
    onTestFinished(() => gateway.close());
    const headers = ['content-type', 'text/plain'];
    const reply = await call(gateway.endpoint, { method: 'POST', path: '/slow', headers, body: 'hang' });
    expect(reply).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
  });

  test('refuses a body over its own limit, and one over that of a function', async () => {
    const post = (bytes: number) =>
      call(stack.endpoint, { method: 'POST', path: '/things', body: Buffer.alloc(bytes) });
    expect(await post(10 * 1024 * 1024 + 1)).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
    expect(await post(REQUEST_BYTES)).toMatchObject({ status: 413 });
    expect(await post(1_000_000)).toMatchObject({ status: 200 });
  });
});

describe('the Invoke API', () => {
  const FunctionName = 'host-fixture-test-fail';
  const payload = (value: unknown) => JSON.stringify(value);

  test.each([
    FunctionName,
    `${FunctionName}:$LATEST`,
    `arn:aws:lambda:eu-west-1:000000000000:function:${FunctionName}`,
    `arn:aws:lambda:eu-west-1:000000000000:function:${FunctionName}:$LATEST`,
    `000000000000:function:${FunctionName}`,
  ])('finds %s', async (name) => {
    const output = await send({ FunctionName: name, Payload: payload({ bytes: 5 }) });
    expect(output).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST', text: '"xxx"' });
    expect(output.FunctionError).toBeUndefined();
  });

  test('gives the function the id of the request, and an empty object without a payload', async () => {
    const { text, $metadata } = await send({ FunctionName: 'host-fixture-test-echo' });
    const got: unknown = JSON.parse(text);
    expect(dig(got, 'event')).toEqual({});
    expect(dig(got, 'context')).toMatchObject({
      awsRequestId: $metadata.requestId,
      functionName: 'host-fixture-test-echo',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:host-fixture-test-echo',
      memoryLimitInMB: '256',
      remaining: expect.any(Number),
    });
  });

  test('answers null for a function that returns nothing', async () => {
    expect(await send({ FunctionName, Payload: payload({ action: 'nothing' }) })).toMatchObject({ text: 'null' });
  });

  test.each([
    ['throw', 'LedgerError', 'no ledger'],
    ['throw-later', 'LedgerError', 'thrown later'],
    ['reject-later', 'Runtime.UnhandledPromiseRejection', 'LedgerError: rejected later'],
    ['exit', 'Runtime.ExitError', 'Error: Runtime exited with error: exit status 3'],
    ['killed', 'Runtime.ExitError', 'Error: Runtime exited with error: signal: killed'],
    ['hang', 'Sandbox.Timedout', 'Error: Task timed out after 1.00 seconds'],
    ['spin', 'Sandbox.Timedout', 'Error: Task timed out after 1.00 seconds'],
    ['circle', 'Runtime.JSONStringifyError', 'Unable to stringify response body'],
  ])('reports %s as %s', async (action, errorType, message) => {
    const { StatusCode, FunctionError, text } = await send({ FunctionName, Payload: payload({ action }) });
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text)).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
  });

  test.each([
    ['no-module', 'Runtime.ImportModuleError'],
    ['no-export', 'Runtime.HandlerNotFound'],
    ['callback', 'Runtime.CallbackHandlerDeprecated'],
  ])('reports the function %s, which cannot start, as %s', async (key, errorType) => {
    const { FunctionError, text } = await send({ FunctionName: `host-fixture-test-${key}` });
    expect(FunctionError).toBe('Unhandled');
    expect(JSON.parse(text)).toMatchObject({ errorType, trace: expect.any(Array) });
  });

  test('refuses an unknown function, an alias, and what is no JSON', async () => {
    expect(await refusal({ FunctionName: 'nobody' })).toMatch(/^404 ResourceNotFoundException: Function not found/);
    expect(await refusal({ FunctionName: `${FunctionName}:live` })).toMatch(/^404 ResourceNotFoundException/);
    expect(await refusal({ FunctionName, Qualifier: '7' })).toMatch(/^404 ResourceNotFoundException/);
    expect(await refusal({ FunctionName, Payload: '{' })).toMatch(/^400 InvalidRequestContentException/);
  });

  test('takes a request of the limit, and refuses one byte more', async () => {
    const sized = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    expect((await send({ FunctionName, Payload: sized(REQUEST_BYTES) })).StatusCode).toBe(200);
    expect(await refusal({ FunctionName, Payload: sized(REQUEST_BYTES + 1) })).toMatch(/^413 RequestTooLargeException/);
    const InvocationType = 'Event';
    expect((await send({ FunctionName, InvocationType, Payload: sized(EVENT_BYTES) })).StatusCode).toBe(202);
    const refused = await refusal({ FunctionName, InvocationType, Payload: sized(EVENT_BYTES + 1) });
    expect(refused).toMatch(/^413 RequestTooLargeException/);
  });

  test('passes a response of the limit, and reports one byte more', async () => {
    // On a busy machine six megabytes take longer than the second of the other one.
    const slow = (bytes: number) => send({ FunctionName: 'host-fixture-test-slow', Payload: payload({ bytes }) });
    const passed = await slow(RESPONSE_BYTES);
    expect([passed.FunctionError, passed.text.length]).toEqual([undefined, RESPONSE_BYTES]);
    const { FunctionError, text } = await slow(RESPONSE_BYTES + 1);
    expect([FunctionError, dig(JSON.parse(text), 'errorType')]).toEqual(['Unhandled', 'Function.ResponseSizeTooLarge']);
  });

  test('answers an event before its function ends, and runs it', async () => {
    const meeting = await startMeeting(2);
    onTestFinished(() => meeting.close());
    const Payload = payload({ address: meeting.endpoint });
    const output = await send({ FunctionName: 'host-fixture-test-meet', InvocationType: 'Event', Payload });
    expect(output).toMatchObject({ StatusCode: 202, text: '' });
    await (await fetch(meeting.endpoint)).text();
  });

  test('runs nothing on a dry run', async () => {
    const output = await send({ FunctionName, InvocationType: 'DryRun', Payload: payload({ action: 'print' }) });
    expect(output.StatusCode).toBe(204);
  });

  test('throttles beyond the concurrency of a function', async () => {
    const { pool, functions } = await startPool({ concurrency: 1 });
    const api = await startLambdaApi({ pool, functions });
    onTestFinished(() => api.close());
    const client = new LambdaClient({ endpoint: api.endpoint, region, credentials, maxAttempts: 1 });
    await new Promise<void>(
      (resolve) => void pool.invoke('slow', payload({ action: 'hang' }), { onStart: () => resolve() }),
    );
    expect(await refusal({ FunctionName: 'host-fixture-test-slow' }, client)).toMatch(/^429 TooManyRequestsException/);
  });
});

describe('containers', () => {
  test('are one process for each request at a time, and used again', async () => {
    const meeting = await startMeeting(2);
    onTestFinished(() => meeting.close());
    const { pool } = await startPool({});
    const invoke = async (address: string) => (await pool.invoke('meet', JSON.stringify({ address }))).payload;
    const pids = await Promise.all([invoke(meeting.endpoint), invoke(meeting.endpoint)]);
    expect(new Set(pids).size).toBe(2);
    expect(pids).toContain(await invoke(stack.endpoint));
  });

  test('are no more than their bound: further requests wait', async () => {
    const { pool } = await startPool({ containers: 1 });
    const invocations = [1, 2, 3].map(() => pool.invoke('slow', '{"action":"pid"}'));
    const pids = (await Promise.all(invocations)).map(({ payload }) => payload);
    expect(new Set(pids).size).toBe(1);
  });

  test('have the environment of their function and nothing of ours', async () => {
    const { result } = await stack.invoke('echo', {});
    const environment = dig(result, 'env');
    expect(environment).toMatchObject({
      KEPT_ELSEWHERE: 'given',
      TABLE_NAME: stack.table,
      AWS_LAMBDA_FUNCTION_NAME: 'host-fixture-test-echo',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_S3: stack.s3Endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: stack.dynamodbEndpoint,
      AWS_ENDPOINT_URL_LAMBDA: stack.lambdaEndpoint,
    });
    const own = ['NODE_OPTIONS', 'HOME', 'USER', 'VITEST'].filter((name) => dig(environment, name) !== undefined);
    expect(own).toEqual([]);
    expect(dig(result, 'execArgv')).toEqual(['--max-old-space-size=230']);
  });

  test('tell their memory, and their lines', async () => {
    const { peakMemoryBytes, result } = await stack.invoke('slow', { action: 'print' });
    expect(result).toBe('printed');
    expect(peakMemoryBytes).toBeGreaterThan(10_000_000);
    await until(() => ['a line', 'and one more', 'an error'].every((line) => lines.includes(`slow: ${line}`)));
  });

  test.each(['hang', 'spin'])('are killed when a function that can only %s times out', async (action) => {
    let started: number | undefined;
    const { pool } = await startPool({});
    const onStart = ({ pid }: { pid: number | undefined }) => {
      started = pid;
    };
    await pool.invoke('fail', JSON.stringify({ action }), { onStart });
    expect(started).toBeTypeOf('number');
    await until(() => started !== undefined && !isAlive(started));
    await until(() => pool.pids().length === 0);
  });

  test('outlive an interrupt that the terminal sends to all', async () => {
    const { pool } = await startPool({});
    const { payload: pid } = await pool.invoke('slow', '{"action":"pid"}');
    process.kill(Number(pid), 'SIGINT');
    expect((await pool.invoke('slow', '{"action":"pid"}')).payload).toBe(pid);
  });

  test('that died while idle are replaced', async () => {
    const { pool } = await startPool({});
    const { payload: pid } = await pool.invoke('slow', '{"action":"pid"}');
    process.kill(Number(pid), 'SIGKILL');
    await until(() => pool.pids().length === 0);
    const next = await pool.invoke('slow', '{"action":"pid"}');
    expect([next.functionError, next.payload === pid]).toEqual([undefined, false]);
  });

  test('are killed at the end when they do not end by themselves', async () => {
    const printed: string[] = [];
    const { pool } = await startPool({ onLog: (_key, line) => printed.push(line) });
    const invocation = pool.invoke('slow', '{"action":"deaf"}');
    await until(() => printed.includes('deaf'));
    const pids = pool.pids();
    await pool.close();
    expect(pids.filter(isAlive)).toEqual([]);
    expect((await invocation).payload).toContain('signal: killed');
  });

  test('end with their parent, also when it is killed', async () => {
    const parent = spawn(process.execPath, [new URL('host/parent.ts', import.meta.url).pathname]);
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = await once(createInterface({ input: parent.stdout }), 'line');
    const pids: number[] = JSON.parse(line);
    expect(pids.filter(isAlive)).toHaveLength(2);
    parent.kill('SIGKILL');
    await until(() => !pids.some(isAlive));
  });
});

describe('the stack', () => {
  test('has the table and the bucket', async () => {
    const table = new DynamoDBClient({ endpoint: stack.dynamodbEndpoint, region, credentials });
    const { Table } = await table.send(new DescribeTableCommand({ TableName: stack.table }));
    expect(Table).toMatchObject({ TableStatus: 'ACTIVE', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] });
    const s3 = new S3Client({ endpoint: stack.s3Endpoint, region, credentials });
    expect((await s3.send(new HeadBucketCommand({ Bucket: stack.bucket }))).$metadata.httpStatusCode).toBe(200);
  });

  test('takes an object of 50 MB in one request', async () => {
    const s3 = new S3Client({ endpoint: stack.s3Endpoint, region, credentials });
    const Body = Buffer.alloc(50_000_000, 7);
    await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: 'large', Body }));
    const { ContentLength } = await s3.send(new GetObjectCommand({ Bucket: stack.bucket, Key: 'large' }));
    expect(ContentLength).toBe(Body.length);
  });

  test('uses servers, table, bucket and queues that are there', async () => {
    const { s3Endpoint, dynamodbEndpoint, sqsEndpoint, uploadQueue } = stack;
    const endpoints = { s3: s3Endpoint, dynamodb: dynamodbEndpoint, sqs: sqsEndpoint };
    const second = await startStack({ deployment: DEPLOYMENT, environment: OVERRIDES, endpoints });
    expect(second).toMatchObject({ s3Endpoint, dynamodbEndpoint, sqsEndpoint, uploadQueue });
    await second.close();
    expect((await fetch(stack.s3Endpoint)).ok).toBe(true);
  });

  test('can be reached on loopback only', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const others = addresses
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    const { endpoint, s3Endpoint, sqsEndpoint, dynamodbEndpoint, lambdaEndpoint } = stack;
    const endpoints = [endpoint, s3Endpoint, sqsEndpoint, dynamodbEndpoint, lambdaEndpoint];
    expect(endpoints.map((endpoint) => new URL(endpoint).hostname)).toEqual(endpoints.map(() => '127.0.0.1'));
    for (const endpoint of endpoints) {
      const port = Number(new URL(endpoint).port);
      const reached = await Promise.all(
        ['127.0.0.1', '127.0.0.2', '::1', ...others].map((host) => reaches(host, port)),
      );
      expect(reached).toEqual([true, ...reached.slice(1).map(() => false)]);
    }
  });

  test('ends with requests in flight, once, and leaves no process', async () => {
    const mine = await startStack({ deployment: DEPLOYMENT, environment: OVERRIDES });
    const hanging = [mine.invoke('slow', { action: 'hang' }), mine.invoke('slow', { action: 'spin' })];
    const headers = ['content-type', 'text/plain'];
    const cut = call(mine.endpoint, { method: 'POST', path: '/slow', headers, body: 'hang' }).catch(() => 'cut');
    await until(() => mine.pids().length === 3);
    const pids = mine.pids();
    await Promise.all([mine.close(), mine.close()]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect((await Promise.all(hanging)).map(({ functionError }) => functionError)).toEqual(['Unhandled', 'Unhandled']);
    expect(await cut).toBe('cut');
    await expect(fetch(mine.endpoint)).rejects.toThrow();
    await expect(mine.invoke('slow', {})).rejects.toThrow('being stopped');
  });

  test('leaves nothing behind when it cannot start', async () => {
    const port = Number(new URL(stack.endpoint).port);
    const free = await startMeeting(1);
    await free.close();
    const storagePort = Number(new URL(free.endpoint).port);
    const options = { deployment: DEPLOYMENT, environment: OVERRIDES, port, storagePort };
    await expect(startStack(options)).rejects.toThrow('EADDRINUSE');
    expect(await reaches('127.0.0.1', storagePort)).toBe(false);
  });
});

function reaches(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host, port, timeout: 2_000 });
  for (const [event, reached] of [
    ['connect', true],
    ['error', false],
    ['timeout', false],
  ] as const) {
    socket.once(event, () => {
      resolve(reached);
      socket.destroy();
    });
  }
  return promise;
}
