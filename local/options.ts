import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Of the HTTP API, if no other is asked for. */
export const PORT = 8080;

export const HELP = `Starts the whole of flink-job-import on this machine: the HTTP API, its functions, S3, SQS and DynamoDB.

  npm start -- [--port N] [--no-sample] [PATH ...]

  PATH          a ZIP, or a folder of ZIPs: uploaded and imported in place of the samples
  --port N      port of the HTTP API; ${PORT} if not given, or a free one where that is taken
  --no-sample   import nothing
  --help        this text

AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL_SQS, when set, take the place of the embedded
servers. Uploads start imports where the S3 is the embedded one, or tells the queue of uploads by itself.
Ctrl-C ends it. The embedded servers keep nothing: what was imported goes with them.`;

export type Options = { port: number | undefined; paths: string[]; sample: boolean };

/** What was typed after the command. @throws with a message for people if it is not understood. */
export function readOptions(): Options | 'help' {
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

/**
 * A server to use in place of an embedded one. An empty variable is as good as none: it must not lead to the real
 * service. A bucket is part of the path only where the host is an address.
 */
export function endpointFrom(variable: string): string | undefined {
  const value = process.env[variable];
  if (!value) return undefined;
  if (!URL.canParse(value)) throw new Error(`${variable} is no URL. Expected one as in http://127.0.0.1:9000.`);
  const url = new URL(value);
  if (url.hostname === 'localhost') url.hostname = '127.0.0.1';
  return url.href.replace(/\/$/, '');
}
