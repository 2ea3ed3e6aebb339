import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { WORKER_CALL_MS } from '../limits.ts';
import type { StoredText } from '../store/blobs.ts';
import { type ArchiveTask, archiveReply } from './archive-task.ts';

/** Hands an archive to a worker and waits for where its outcomes are. */
export type Dispatch = (task: ArchiveTask) => Promise<StoredText>;

/**
 * Dispatch by direct invocation. It throws when the worker died, ran out of time or did not answer: what it has
 * written by then is not known.
 */
export function invokeWorker(lambda: LambdaClient, functionName: string): Dispatch {
  return async (task) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(task) }),
      { abortSignal: AbortSignal.timeout(WORKER_CALL_MS) },
    );
    const answer = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`the worker failed: ${FunctionError}`);
    const reply = archiveReply.parse(JSON.parse(answer));
    return 'inline' in reply ? { inline: Buffer.from(reply.inline, 'base64') } : reply;
  };
}
