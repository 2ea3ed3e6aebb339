import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { StoredText } from '../store/blobs.ts';
import { type ArchiveTask, archiveReply } from './archive-task.ts';

/** Hands an archive to a worker and waits for where its outcomes are, until the signal. */
export type Dispatch = (task: ArchiveTask, timeOut: AbortSignal) => Promise<StoredText>;

/**
 * Dispatch by direct invocation. It throws when the worker died, ran out of time or did not answer: what it has
 * written by then is not known.
 */
export function invokeWorker(lambda: LambdaClient, functionName: string): Dispatch {
  return async (task, abortSignal) => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(task) }),
      { abortSignal },
    );
    const answer = Payload?.transformToString() ?? '';
    if (FunctionError !== undefined) throw new Error(`the worker failed: ${FunctionError}`);
    const reply = archiveReply.parse(JSON.parse(answer));
    return 'inline' in reply ? { inline: Buffer.from(reply.inline, 'base64') } : reply;
  };
}
