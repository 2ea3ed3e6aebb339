import { setTimeout as sleep } from 'node:timers/promises';
import {
  InvokeCommand,
  type InvokeCommandOutput,
  type LambdaClient,
  LambdaServiceException,
  TooManyRequestsException,
} from '@aws-sdk/client-lambda';
import { CALL_ATTEMPTS, CALL_PAUSE_MS } from '../limits.ts';
import type { StoredText } from '../store/blobs.ts';
import { type ArchiveTask, archiveReply } from './archive-task.ts';

/** Hands an archive to a worker and waits for where its outcomes are, until the signal. */
export type Dispatch = (task: ArchiveTask, timeOut: AbortSignal) => Promise<StoredText>;

/** The service took none of the calls: no worker was begun. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/**
 * Dispatch by direct invocation. It throws when the worker died, ran out of time or did not answer: what it has
 * written by then is not known, but for `Throttled`: then none was begun. A call that failed on the way is repeated here, not by the SDK: the worker must know
 * that another may be at the same archive, or have been.
 * @param lambda does not repeat calls by itself.
 */
export function invokeWorker(lambda: LambdaClient, functionName: string): Dispatch {
  return async (task, timeOut) => {
    let wasThrottled = true;
    for (let attempt = 1; ; attempt++) {
      const Payload = JSON.stringify(attempt === 1 ? task : { ...task, isContinued: true });
      const called = lambda.send(new InvokeCommand({ FunctionName: functionName, Payload }), { abortSignal: timeOut });
      const answer = await called.catch((error: unknown) => {
        wasThrottled &&= error instanceof TooManyRequestsException;
        if (attempt < CALL_ATTEMPTS && !timeOut.aborted && isOnTheWay(error)) return;
        throw wasThrottled ? new Throttled('the service took no call of the worker', { cause: error }) : error;
      });
      if (answer) return readReply(answer);
      await sleep(Math.random() * CALL_PAUSE_MS * 2 ** attempt, undefined, { signal: timeOut });
    }
  };
}

/** Whether a call may succeed when it is repeated: there was no answer, or one of a service that is too busy or fails. */
function isOnTheWay(error: unknown): boolean {
  const status = error instanceof LambdaServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === undefined || status === TOO_MANY_REQUESTS || status >= SERVER_ERRORS;
}

const TOO_MANY_REQUESTS = 429;
const SERVER_ERRORS = 500;

function readReply({ FunctionError, Payload }: InvokeCommandOutput): StoredText {
  if (FunctionError !== undefined) throw new Error(`the worker failed: ${FunctionError}`);
  const reply = archiveReply.parse(JSON.parse(Payload?.transformToString() ?? ''));
  return 'inline' in reply ? { inline: Buffer.from(reply.inline, 'base64') } : reply;
}
