import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { isFields } from '../../local/shapes.ts';
import { operationOf } from '../proxy.ts';

const CHANNEL = 'http.server.request.start';

/** Counts the calls that reach servers of this process, without a proxy that would take as long as they do. */
export class CallCounter {
  /** By service and operation, as in `table PutItem`. */
  readonly calls = new Map<string, number>();
  readonly #services: ReadonlyMap<number, string>;

  /** @param services names of servers by their endpoints. */
  constructor(services: Readonly<Record<string, string>>) {
    this.#services = new Map(Object.entries(services).map(([url, name]) => [Number(new URL(url).port), name]));
    subscribe(CHANNEL, this.#hear);
  }

  close(): void {
    unsubscribe(CHANNEL, this.#hear);
  }

  readonly #hear = (message: unknown): void => {
    const request = isFields(message) ? message['request'] : undefined;
    if (isRequest(request)) this.#count(request);
  };

  #count(request: IncomingMessage): void {
    const service = this.#services.get(request.socket.localPort ?? 0);
    if (service === undefined) return;
    // One server is S3 and SQS.
    const isQueue = /^AmazonSQS\./.test(String(request.headers['x-amz-target'] ?? ''));
    const name = `${isQueue ? 'queue' : service} ${operationOf(request)}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }
}

const isRequest = (value: unknown): value is IncomingMessage => isFields(value) && 'socket' in value;
