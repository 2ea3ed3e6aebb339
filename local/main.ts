import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEMO, DEMO_SECRET_KEYS } from './demo.ts';
import { findArchives } from './find-archives.ts';
import { firstImport } from './first-import.ts';
import { importPath } from './import-folder.ts';
import { type Stack, startStack } from './stack.ts';
import { removeStackFile, writeStackFile } from './stack-file.ts';

const PORT = 8080;
const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));

const HELP = `Starts the whole of flink-job-import on this machine: the HTTP API, its functions, S3 and DynamoDB.

  npm start -- [--port N] [--no-sample] [PATH ...]

  PATH          a ZIP, or a folder of ZIPs: uploaded and imported in place of the samples
  --port N      port of the HTTP API; ${PORT} if not given, or a free one where that is taken
  --no-sample   import nothing
  --help        this text

AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_DYNAMODB, when set, take the place of the embedded servers.
Ctrl-C ends it. The embedded servers keep nothing: what was imported goes with them.`;

type Options = { port: number | undefined; paths: string[]; sample: boolean };

function readOptions(): Options | 'help' {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: { port: { type: 'string' }, sample: { type: 'boolean', default: true }, help: { type: 'boolean' } },
  });
  if (values.help) return 'help';
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new Error(`--port takes a number from 0 to 65535; found ${values.port}`);
  }
  // npm runs scripts in the project's folder; paths are meant from where the command was typed.
  const typedIn = process.env['INIT_CWD'] ?? process.cwd();
  return { port, paths: positionals.map((path) => resolve(typedIn, path)), sample: values.sample };
}

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
  console.log('Starting S3, DynamoDB, the functions and their HTTP API …');
  const stack = await startOnPort(options.port);
  endOnSignals(stack);
  await registerDemo(stack);
  console.log(`Ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s at ${stack.endpoint}\n`);

  if (others > 0) console.log(`Passed over, being no ZIP: ${others}`);
  // A folder of this start alone: a server that is used in place of the embedded one may hold those of others.
  const folder = paths.length > 0 ? `archives/${startedAt}` : 'samples';
  const imported = files.length > 0 ? await firstImport(stack, files, folder) : undefined;
  await writeStackFile(stackFile(stack));
  console.log(usage(stack, imported));
}

/** The wanted port; where none is wanted and the usual one is taken, a free one. */
async function startOnPort(port: number | undefined): Promise<Stack> {
  let log: WriteStream | undefined;
  const start = (port: number) =>
    startStack({
      port,
      endpoints: { s3: endpointFrom('AWS_ENDPOINT_URL_S3'), dynamodb: endpointFrom('AWS_ENDPOINT_URL_DYNAMODB') },
      environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
      onLog: (_function, line) => log?.write(`${line}\n`),
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

/**
 * A server to use in place of an embedded one. An empty variable is as good as none: it must not lead to the real
 * service. A bucket is part of the path only where the host is an address.
 */
function endpointFrom(variable: string): string | undefined {
  const value = process.env[variable];
  if (!value) return undefined;
  if (!URL.canParse(value)) throw new Error(`${variable} is no URL. Expected one as in http://127.0.0.1:9000.`);
  const url = new URL(value);
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  return url.href.replace(/\/$/, '');
}

const isPortTaken = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

let isEnding = false;

/** Ctrl-C and SIGTERM end everything within a bound, also in the middle of an import. */
function endOnSignals(stack: Stack): void {
  const end = async (signal: NodeJS.Signals) => {
    // A Ctrl-C comes twice: from the terminal, and from npm, which passes its own on.
    if (isEnding) return;
    isEnding = true;
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
    locations: [{ bucket: stack.bucket }],
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
    '',
    `Log of the functions: ${relative(process.cwd(), logOf(stack))}    Endpoints and keys: .local/stack.json`,
    'Ctrl-C ends it.',
  ].join('\n');
}

await main().catch((error: unknown) => {
  // What is under way when everything is stopped fails, and that is no news.
  if (isEnding) return;
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
