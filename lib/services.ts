import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { authenticate } from './auth/authenticate.ts';
import type { SecretKeys } from './auth/secrets.ts';
import { type Dispatch, invokeWorker } from './dispatch/invoke-worker.ts';
import { type SendArchives, type SendPlan, sendArchivesTo, sendPlanTo } from './dispatch/send-tasks.ts';
import { CALL_ATTEMPTS, CONNECT_MS, OBJECT_CALL_MS, QUEUE_CALL_MS, TABLE_ATTEMPTS, TABLE_CALL_MS } from './limits.ts';
import { Sha256 } from './sha256.ts';
import type { Blobs } from './store/blobs.ts';
import { findAccess } from './store/projects.ts';
import { type JobTable, openTable } from './store/table.ts';

/** Every AWS client is built here, once per cold start; the rest of the code gets what it needs handed in. */

/** Hears how often a call was tried again, when it has ended. */
type OnRetries = (retries: number) => void;

export function createTable({ TABLE_NAME }: { TABLE_NAME: string }, onRetries?: OnRetries): JobTable {
  const requestHandler = timeouts(TABLE_CALL_MS);
  const client = new DynamoDBClient({ maxAttempts: TABLE_ATTEMPTS, requestHandler, sha256: Sha256 });
  // It makes a copy of each call and answer to be logged, though nobody hears it.
  client.middlewareStack.remove('loggerMiddleware');
  if (onRetries) client.middlewareStack.add(tellRetries(onRetries), CALL_AS_A_WHOLE);
  return openTable(DynamoDBDocumentClient.from(client), TABLE_NAME);
}

/** The door before every function of a project. */
export function createDoor(table: JobTable, { SECRET_KEYS }: { SECRET_KEYS: SecretKeys }) {
  return authenticate((credentialId, projectId) => findAccess(table, credentialId, projectId), SECRET_KEYS);
}

export function createBlobs(
  { BUCKET_NAME, BUCKET_OWNER }: { BUCKET_NAME: string; BUCKET_OWNER: string },
  onRetries?: OnRetries,
): Blobs {
  const s3 = new S3Client({ maxAttempts: CALL_ATTEMPTS, requestHandler: timeouts(OBJECT_CALL_MS) });
  if (onRetries) s3.middlewareStack.add(tellRetries(onRetries), CALL_AS_A_WHOLE);
  return { s3, home: { bucket: BUCKET_NAME, owner: BUCKET_OWNER } };
}

export function createDispatch({ WORKER_FUNCTION }: { WORKER_FUNCTION: string }): Dispatch {
  // Where a worker is called it is also called again, and how long all tries may take together is bounded.
  const client = new LambdaClient({ maxAttempts: 1, requestHandler: { connectionTimeout: CONNECT_MS } });
  return invokeWorker(client, WORKER_FUNCTION);
}

export function createSendPlan({ PLAN_QUEUE_URL }: { PLAN_QUEUE_URL: string }, onRetries: OnRetries): SendPlan {
  return sendPlanTo(createQueueClient(onRetries), PLAN_QUEUE_URL);
}

export function createSendArchives(
  { ARCHIVE_QUEUE_URL }: { ARCHIVE_QUEUE_URL: string },
  onRetries: OnRetries,
): SendArchives {
  return sendArchivesTo(createQueueClient(onRetries), ARCHIVE_QUEUE_URL);
}

function createQueueClient(onRetries: OnRetries): SQSClient {
  const client = new SQSClient({ maxAttempts: CALL_ATTEMPTS, requestHandler: timeouts(QUEUE_CALL_MS) });
  client.middlewareStack.add(tellRetries(onRetries), CALL_AS_A_WHOLE);
  return client;
}

/** Where a middleware of the SDK has a call with all its tries. */
const CALL_AS_A_WHOLE = { step: 'initialize', name: 'tellRetries' } as const;

/** What the SDK notes at a call that failed. */
const failed = z.object({ $metadata: z.object({ attempts: z.number() }) });

type Tried = { $metadata: { attempts?: number | undefined } };

function tellRetries(onRetries: OnRetries) {
  const tell = (attempts = 1) => {
    if (attempts > 1) onRetries(attempts - 1);
  };
  return <Call, End extends { output: Tried }>(next: (call: Call) => Promise<End>) =>
    async (call: Call): Promise<End> => {
      try {
        const end = await next(call);
        tell(end.output.$metadata.attempts);
        return end;
      } catch (error) {
        tell(failed.safeParse(error).data?.$metadata.attempts);
        throw error;
      }
    };
}

/** Bounds the wait for an answer to begin, and for it to go on: neither of the two ends a body that stalls by itself. */
function timeouts(requestTimeout: number) {
  return {
    connectionTimeout: CONNECT_MS,
    requestTimeout,
    throwOnRequestTimeout: true,
    socketTimeout: requestTimeout,
  };
}
