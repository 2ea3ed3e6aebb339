import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';

const FOLDER = new URL('../.local/', import.meta.url);
const FILE = new URL('stack.json', FOLDER);

/** Where the running stack is, and the keys of its demo project: for scripts beside it. */
export type StackFile = {
  endpoint: string;
  project_id: string;
  access_key: string;
  secret_key: string;
  token: string;
  s3_endpoint: string;
  bucket: string;
  dynamodb_endpoint: string;
  table: string;
  lambda_endpoint: string;
  pid: number;
};

/** Readable by its owner only. */
export async function writeStackFile(content: StackFile): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  // A file that is there keeps its mode, whatever is asked for.
  await rm(FILE, { force: true });
  await writeFile(FILE, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
}

export async function removeStackFile(): Promise<void> {
  await rm(FILE, { force: true });
}

/** Endpoint of the running stack's Lambda API, or undefined if none runs. */
export async function readLambdaEndpoint(): Promise<string | undefined> {
  const text = await readFile(FILE, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { lambda_endpoint }: { lambda_endpoint?: string } = JSON.parse(text);
  return lambda_endpoint;
}
