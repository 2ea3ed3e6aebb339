import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO, DEMO_SECRET_KEYS } from './demo.ts';
import { findArchives } from './find-archives.ts';
import { firstImport } from './first-import.ts';
import { importPath } from './import-folder.ts';
import { endpointFrom, HELP, PORT, readOptions } from './options.ts';
import { type Stack, startStack } from './stack.ts';
import { removeStackFile, writeStackFile } from './stack-file.ts';
import { uploadLine } from './upload-line.ts';

/** The sample that the usage text uploads. */
const UPLOADED = 'orders.zip';
const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));

async function main(): Promise<void> {
  const options = readOptions();
  if (options === 'help') {
    console.log(HELP);
    return;
  }
  const { paths, sample } = options;
  const wanted = paths.length > 0 ? paths : sample ? [SAMPLES] : [];
  const found = await Promise.all(wanted.map(findArchives));
  const files = found.flatMap((place) => place.files);
  const others = paths.length > 0 ? found.reduce((sum, place) => sum + place.others, 0) : 0;

  const startedAt = Date.now();
  console.log('Starting S3, SQS, DynamoDB, the functions and their HTTP API …');
  const stack = await startOnPort(options.port);
  endOnSignals(stack);
  await registerDemo(stack);
  console.log(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s at ${stack.endpoint}\n`);

  if (others > 0) console.log(`Passed over, being no ZIP: ${others}`);
  // A folder of this start alone: a server that is used in place of the embedded one may hold those of others.
  const folder = paths.length > 0 ? `archives/${startedAt}` : 'samples';
  const imported = files.length > 0 ? await firstImport(stack, files, folder, ending.signal) : undefined;
  await writeStackFile(stackFile(stack));
  console.log(usage(stack, imported));
}

/** The wanted port; where none is wanted and the usual one is taken, a free one. */
async function startOnPort(port: number | undefined): Promise<Stack> {
  let log: WriteStream | undefined;
  const start = (port: number) =>
    startStack({
      port,
      endpoints: {
        s3: endpointFrom('AWS_ENDPOINT_URL_S3'),
        dynamodb: endpointFrom('AWS_ENDPOINT_URL_DYNAMODB'),
        sqs: endpointFrom('AWS_ENDPOINT_URL_SQS'),
      },
      environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
      onLog: (_function, line) => {
        log?.write(`${line}\n`);
        const text = uploadLine(line);
        if (text !== undefined) console.log(text);
      },
    });
  const stack = await start(port ?? PORT).catch((error: unknown) => {
    if (!isPortTaken(error)) throw error;
    if (port !== undefined) throw new Error(`Port ${port} is taken. Choose another one with --port.`, { cause: error });
    console.log(`Port ${PORT} is taken; a free one is used.`);
    return start(0);
  });
  await mkdir(dirname(logOf(stack)), { recursive: true });
  log = createWriteStream(logOf(stack));
  return stack;
}

/** A file for each port: two stacks may run at once. */
const logOf = ({ endpoint }: Stack) =>
  fileURLToPath(new URL(`../.local/functions-${new URL(endpoint).port}.log`, import.meta.url));

const isPortTaken = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

const ending = new AbortController();

/** Ctrl-C and SIGTERM end everything within a bound, also in the middle of an import. */
function endOnSignals(stack: Stack): void {
  const end = async (signal: NodeJS.Signals) => {
    // A Ctrl-C comes twice: from the terminal, and from npm, which passes its own on.
    if (ending.signal.aborted) return;
    ending.abort();
    console.log(`\n${signal}: stopping …`);
    await stack.close();
    await removeStackFile();
    process.exit(0);
  };
  process.on('SIGINT', end).on('SIGTERM', end);
}

async function registerDemo(stack: Stack): Promise<void> {
  const { functionError, payload } = await stack.invoke('manage-project', {
    action: 'add',
    project_id: DEMO.projectId,
    locations: [{ bucket: stack.bucket, write: true }],
    keys: DEMO.keys,
  });
  if (functionError !== undefined) throw new Error(`The demo project could not be registered: ${payload}`);
}

function stackFile(stack: Stack) {
  return {
    endpoint: stack.endpoint,
    project_id: DEMO.projectId,
    ...DEMO.keys,
    s3_endpoint: stack.s3Endpoint,
    bucket: stack.bucket,
    dynamodb_endpoint: stack.dynamodbEndpoint,
    table: stack.table,
    sqs_endpoint: stack.sqsEndpoint,
    upload_queue: stack.uploadQueue,
    lambda_endpoint: stack.lambdaEndpoint,
    pid: process.pid,
  };
}

function usage(stack: Stack, imported: string | undefined): string {
  const { endpoint } = stack;
  const curl = `curl -sS -H 'X-Auth-Token: ${DEMO.keys.token}'`;
  const body = JSON.stringify({ zip_file: imported, is_cover: true }).replaceAll("'", "'\\''");
  return [
    'Try it:',
    ...(imported === undefined
      ? []
      : [`  ${curl} -H 'Content-Type: application/json' -d '${body}' ${endpoint}${importPath()}`]),
    `  ${curl} ${endpoint}/v1.0/${DEMO.projectId}/streaming/jobs`,
    `  ${uploadCommand(stack)}`,
    '',
    `Log of the functions: ${relative(process.cwd(), logOf(stack))}    Endpoints and keys: .local/stack.json`,
    'Ctrl-C ends it.',
  ].join('\n');
}

/** Uploads a sample, which is imported by that. */
function uploadCommand({ s3Endpoint, bucket }: Stack): string {
  const file = relative(process.env['INIT_CWD'] ?? process.cwd(), `${SAMPLES}${UPLOADED}`);
  const quoted = `'${file.replaceAll("'", "'\\''")}'`;
  const url = `${s3Endpoint}/${bucket}/uploads/${DEMO.projectId}/${UPLOADED}`;
  return `curl -sS -T ${quoted} -H 'x-amz-meta-is-cover: true' ${url}`;
}

await main().catch((error: unknown) => {
  // What is under way when everything is stopped fails, and that is no news.
  if (ending.signal.aborted) return;
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
