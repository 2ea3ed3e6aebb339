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
  sqs_endpoint: string;
  /** URL of the queue of uploads. */
  upload_queue: string;
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

/** Removes the file, unless another stack has written its own since. */
export async function removeStackFile(): Promise<void> {
  if ((await readStackFile())?.pid === process.pid) await rm(FILE, { force: true });
}

/** Endpoint of the running stack's Lambda API, or undefined if none runs. */
export async function readLambdaEndpoint(): Promise<string | undefined> {
  const found = await readStackFile();
  return found?.pid !== undefined && isRunning(found.pid) ? found.lambda_endpoint : undefined;
}

async function readStackFile(): Promise<Partial<StackFile> | undefined> {
  const text = await readFile(FILE, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

/** A stack that was killed leaves its file behind. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
