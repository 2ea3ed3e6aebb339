import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import pMap from 'p-map';
import { QUEUE_BATCH, QUEUE_SENDS } from '../limits.ts';
import type { ArchiveTask } from './archive-task.ts';
import type { PlanTask } from './plan-task.ts';

/** Puts an import on the queue of the planner, to be delivered after some seconds. */
export type SendPlan = (task: PlanTask, delaySeconds: number, timeOut: AbortSignal) => Promise<void>;

/** An archive for a worker, and the seconds before it gets it. */
type QueuedArchive = { task: ArchiveTask; delaySeconds: number };
/** Puts archives on the queue of the workers. @throws if any was not taken; others may be on it. */
export type SendArchives = (archives: QueuedArchive[]) => Promise<void>;

export function sendPlanTo(sqs: SQSClient, queueUrl: string): SendPlan {
  return async (task, delaySeconds, abortSignal) => {
    const MessageBody = JSON.stringify(task);
    const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody, DelaySeconds: delaySeconds });
    await sqs.send(command, { abortSignal });
  };
}

/** The group of a message is its project: no project's many keep those of another waiting. Source: SQS fair queues. */
export function sendArchivesTo(sqs: SQSClient, queueUrl: string): SendArchives {
  return async (archives) => {
    const batches = Array.from({ length: Math.ceil(archives.length / QUEUE_BATCH) }, (_, batch) =>
      archives.slice(batch * QUEUE_BATCH, (batch + 1) * QUEUE_BATCH),
    );
    const send = async (batch: QueuedArchive[]) => {
      const Entries = batch.map(({ task, delaySeconds }, place) => ({
        Id: String(place),
        MessageBody: JSON.stringify(task),
        DelaySeconds: delaySeconds,
        MessageGroupId: task.projectId,
      }));
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0) throw new Error(`the queue did not take ${Failed.length} archives: ${Failed[0]?.Code}`);
    };
    await pMap(batches, send, { concurrency: QUEUE_SENDS });
  };
}
