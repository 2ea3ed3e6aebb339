import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { doneIds } from './batch-response.ts';
import type { EventSourceMapping } from './event-source-mapping.ts';
import { CREDENTIALS, REGION } from './identity.ts';
import type { LambdaPool } from './lambda.ts';
import { sqsEvent } from './sqs-event.ts';

export type EventSourceOptions = {
  readonly functionKey: string;
  readonly mapping: EventSourceMapping;
  readonly endpoint: string;
  readonly queueUrl: string;
  readonly pool: Pick<LambdaPool, 'invoke'>;
  /** Hears, in sentences, of batches that come again, and of a queue that cannot be reached, once until it can. */
  readonly onProblem?: (text: string) => void;
};

/** Of one receive: the most that the service waits for a message. */
const WAIT_SECONDS = 20;
/** A receive that is not answered by then never will be. */
const RECEIVE_MILLISECONDS = (WAIT_SECONDS + 10) * 1_000;
/** Batches of one queue at a time: each is a process, and one machine has few cores. */
const POLLERS = 8;
/** Between two tries to reach the queue: the first pause, each further one twice as long, and the longest. */
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 5_000;
/** Of a response in a report: its beginning says what went wrong, its end is a trace. */
const SHOWN_CHARACTERS = 300;

/**
 * Gives the messages of a queue to a function, as Lambda's event source mapping does: what the function is done with is
 * deleted; the rest is left to the queue, which shows it again after its visibility timeout, or puts it aside.
 */
export class EventSource {
  readonly #options: EventSourceOptions;
  readonly #client: SQSClient;
  readonly #stop = new AbortController();
  #isReachable = true;

  constructor(options: EventSourceOptions) {
    this.#options = options;
    const { endpoint } = options;
    this.#client = new SQSClient({ endpoint, region: REGION, credentials: CREDENTIALS });
    const length = Math.min(options.mapping.maximumConcurrency, POLLERS);
    const pollers = Array.from({ length }, () => this.#poll());
    void Promise.all(pollers).finally(() => this.#client.destroy());
  }

  /** No batch begins from now on. Those under way may end; messages of the others come again. */
  async close(): Promise<void> {
    this.#stop.abort();
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stop;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const messages = await this.#receive();
        failures = 0;
        this.#isReachable = true;
        if (messages.length > 0 && !signal.aborted) await this.#handle(messages);
      } catch (error) {
        if (this.#isReachable) this.#report(`The queue cannot be reached: ${String(error)}`);
        this.#isReachable = false;
        const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** failures, LONGEST_PAUSE_MILLISECONDS);
        failures += 1;
        await sleep(pause, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #receive(): Promise<readonly Message[]> {
    const { queueUrl, mapping } = this.#options;
    const command = new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: mapping.batchSize,
      WaitTimeSeconds: WAIT_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const abortSignal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(RECEIVE_MILLISECONDS)]);
    const { Messages = [] } = await this.#client.send(command, { abortSignal });
    return Messages;
  }

  async #handle(messages: readonly Message[]): Promise<void> {
    try {
      const done = await this.#run(messages);
      await this.#delete(messages.filter(({ MessageId = '' }) => done.includes(MessageId)));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = messages.length === 1 ? '1 message' : `${messages.length} messages`;
      this.#report(`${what} will come again: ${reason}`);
    }
  }

  /** @returns ids of the messages that the function is done with. Throws if it failed with all. */
  async #run(messages: readonly Message[]): Promise<readonly string[]> {
    const { functionKey, mapping, pool } = this.#options;
    const event = sqsEvent(messages, mapping.queueArn);
    const { payload, functionError } = await pool.invoke(functionKey, JSON.stringify(event));
    if (functionError !== undefined) throw new Error(`the function failed: ${payload.slice(0, SHOWN_CHARACTERS)}`);
    const ids = messages.map(({ MessageId = '' }) => MessageId);
    if (!mapping.reportsItemFailures) return ids;
    const done = doneIds(payload, ids);
    if (done === undefined) throw new Error(`this is no response to a batch: ${payload.slice(0, SHOWN_CHARACTERS)}`);
    return done;
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, place) => ({ Id: String(place), ReceiptHandle }));
    const { queueUrl } = this.#options;
    const { Failed = [] } = await this.#client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} could not be deleted: ${Failed[0]?.Message}`);
  }

  // What fails while everything ends is no news.
  #report(text: string): void {
    if (!this.#stop.signal.aborted) this.#options.onProblem?.(text);
  }
}
