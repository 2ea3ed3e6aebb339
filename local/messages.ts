import { isFields } from './shapes.ts';

/** From the pool to a container: one request. `deadline` is in milliseconds since the epoch. */
export type Request = { readonly requestId: string; readonly payload: string; readonly deadline: number };

/** From a container: its module is loaded; or the end of its request. After a final answer it takes no other. */
export type Report =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answer';
      readonly payload: string;
      readonly failed: boolean;
      readonly final: boolean;
      readonly peakMemoryBytes: number;
    };

/** What Lambda answers with when a function fails. */
export type Failure = { readonly errorType: string; readonly errorMessage: string; readonly trace?: readonly string[] };

/** How a request ended, as its caller sees it. */
export type Outcome = {
  readonly payload: string;
  readonly functionError: 'Unhandled' | undefined;
  /** The most memory its process has held so far, if it lived to tell. */
  readonly peakMemoryBytes: number | undefined;
};

export function isRequest(message: unknown): message is Request {
  return isFields(message) && typeof message['requestId'] === 'string';
}

export function isReport(message: unknown): message is Report {
  return isFields(message) && (message['kind'] === 'ready' || message['kind'] === 'answer');
}
