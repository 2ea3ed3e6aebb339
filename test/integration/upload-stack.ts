import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStorage } from '../../local/emulators.ts';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { startStack } from '../../local/stack.ts';
import { type OnCall, startProxy } from '../proxy.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { type ZipFile, zip } from '../zip.ts';
import { type ProjectClient, stack as shared } from './client.ts';

/** A version of an object, as S3's events tell it. */
export type Version = { key: string; size: number; eTag: string; sequencer: string; versionId?: string };

let versions = 0;

/**
 * Starts a stack over the table of the shared one, with an S3 of its own that tells nobody of its objects: tests tell of
 * them, as late, as often and in what order they like. Before the S3 and the table are proxies, whose calls `hooks` hears.
 */
export async function startUploadStack() {
  const hooks: { s3?: OnCall | undefined; table?: OnCall | undefined } = {};
  const logs: Record<string, unknown>[] = [];
  const storage = await startStorage();
  const s3Proxy = await startS3Proxy(storage.endpoint, (call) => hooks.s3?.(call));
  const table = await startProxy(shared.dynamodbEndpoint, (call) => hooks.table?.(call));
  const stack = await startStack({
    endpoints: { s3: storage.endpoint, dynamodb: table.endpoint },
    everywhere: { AWS_ENDPOINT_URL_S3: s3Proxy.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
    onLog: (_function, line) => {
      if (line.startsWith('{')) logs.push(JSON.parse(line));
    },
  });
  const s3 = new S3Client({ region: REGION, credentials: CREDENTIALS, endpoint: storage.endpoint });
  const { bucket } = stack;

  return {
    bucket,
    hooks,
    logs,
    s3,
    pids: (functionKey: string) => stack.pids(functionKey),
    /** Talks to this stack about a project. */
    adopt: (project: ProjectClient) => {
      project.endpoint = stack.endpoint;
      return project;
    },
    /** Puts an object, and returns the version that it is now. */
    put: async (key: string, archive: Buffer | ZipFile[], metadata: Record<string, string> = {}): Promise<Version> => {
      const Body = Buffer.isBuffer(archive) ? archive : zip(archive);
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, Metadata: metadata }));
      const { ETag = '', ContentLength: size = 0 } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      return { key, size, eTag: ETag.replaceAll('"', ''), sequencer: (++versions).toString(16).padStart(16, '0') };
    },
    /** Hands messages to the function as the queue does. Returns the places of those that are to come again. */
    deliver: async (...bodies: string[]): Promise<number[]> => {
      const Records = bodies.map((body, place) => ({ messageId: `message-${place}`, body }));
      const { functionError, result } = await stack.invoke('archive-uploaded', { Records });
      if (functionError !== undefined) return bodies.map((_, place) => place);
      return placesOf(result);
    },
    close: async () => {
      await stack.close();
      await Promise.all([s3Proxy.close(), table.close(), storage.close()]);
      s3.destroy();
    },
  };
}

export type UploadStack = Awaited<ReturnType<typeof startUploadStack>>;

function placesOf(result: unknown): number[] {
  if (typeof result !== 'object' || result === null || !('batchItemFailures' in result))
    throw new Error('no batch response');
  if (!Array.isArray(result.batchItemFailures)) throw new Error('no list of failures');
  return result.batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.slice('message-'.length)));
}

/** A message of S3 about versions of objects. */
export function eventOf(bucket: string, ...objects: Version[]): string {
  return JSON.stringify({
    Records: objects.map(({ key, ...object }) => ({
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      s3: {
        bucket: { name: bucket },
        object: { key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'), ...object },
      },
    })),
  });
}
