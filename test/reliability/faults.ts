import { OBJECT_CALL_MS, QUEUE_CALL_MS, TABLE_CALL_MS } from '../../lib/limits.ts';
import type { Fault } from '../proxy.ts';
import type { Service } from './signature.ts';

/** What can happen to a call on its way. */
export const FAULTS = [
  'error 500',
  'error 503',
  'throttle',
  'reset before',
  'reset during',
  'reset after',
  'cut',
  'stall',
  'delay',
  'late',
] as const;
export type FaultKind = (typeof FAULTS)[number];

/** Milliseconds of a delay that nobody gives up over, and by which a call is late for who gave up. */
const DELAY_MS = 200;
const LATE_MS = 1_000;

/** Milliseconds for which the functions wait for an answer. A worker is waited for as long as there is time. */
const PATIENCE_MS: Record<Service, number> = {
  table: TABLE_CALL_MS,
  S3: OBJECT_CALL_MS,
  Lambda: LATE_MS,
  SQS: QUEUE_CALL_MS,
};

const tableError = (status: number, type: string): Fault => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected' }),
});
const sqsError = (status: number, type: string): Fault => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({ __type: `com.amazonaws.sqs#${type}`, message: 'injected' }),
});
const s3Error = (status: number, code: string): Fault => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>injected</Message></Error>`,
});
const lambdaError = (status: number, type: string): Fault => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ Type: 'Service', Message: 'injected' }),
});

/** The errors of each service, as it sends them. */
const ERRORS: Record<Service, Record<'error 500' | 'error 503' | 'throttle', Fault>> = {
  table: {
    'error 500': tableError(500, 'InternalServerError'),
    'error 503': tableError(503, 'ServiceUnavailable'),
    throttle: tableError(400, 'ProvisionedThroughputExceededException'),
  },
  S3: {
    'error 500': s3Error(500, 'InternalError'),
    'error 503': s3Error(503, 'ServiceUnavailable'),
    throttle: s3Error(503, 'SlowDown'),
  },
  Lambda: {
    'error 500': lambdaError(500, 'ServiceException'),
    'error 503': lambdaError(503, 'ServiceException'),
    throttle: lambdaError(429, 'TooManyRequestsException'),
  },
  SQS: {
    'error 500': sqsError(500, 'InternalFailure'),
    'error 503': sqsError(503, 'ServiceUnavailable'),
    throttle: sqsError(400, 'RequestThrottled'),
  },
};

export function faultOf(kind: FaultKind, service: Service): Fault {
  switch (kind) {
    case 'reset before':
      return { reset: 'before' };
    case 'reset during':
      return { reset: 'during' };
    case 'reset after':
      return { reset: 'after' };
    case 'cut':
      return { cutBody: 'reset' };
    case 'stall':
      return { cutBody: 'stall' };
    case 'delay':
      return { delayMs: DELAY_MS };
    case 'late':
      return { delayMs: PATIENCE_MS[service] + LATE_MS };
    default:
      return ERRORS[service][kind];
  }
}
