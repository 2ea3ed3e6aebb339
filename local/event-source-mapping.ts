import type { References } from './references.ts';
import { fieldsAt, isFields, numberAt } from './shapes.ts';

/** A queue whose messages a function gets, in batches. */
export type EventSourceMapping = {
  readonly queueArn: string;
  /** Messages of a batch at the most. */
  readonly batchSize: number;
  /** Batches at a time at the most. */
  readonly maximumConcurrency: number;
  /** Whether the function's response says which messages failed; else it fails or succeeds with all of them. */
  readonly reportsItemFailures: boolean;
};

// Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const DEFAULT_BATCH_SIZE = 10;
/** One receive brings no more, and without a batching window a batch is one receive. */
const MAX_BATCH_SIZE = 10;
/** With this many batches at a time the service begins. */
const DEFAULT_CONCURRENCY = 5;
const MIN_CONCURRENCY = 2;
const MAX_CONCURRENCY = 1_000;

const KNOWN = ['arn', 'batchSize', 'maximumConcurrency', 'functionResponseType'];

/** Reads the `sqs` event of a function. Throws, naming the place, where it is not as expected. */
export function mappingOf(value: unknown, place: string, references: References): EventSourceMapping {
  const fields = isFields(value) && 'arn' in value ? value : fieldsAt({ arn: value }, place);
  const unknown = Object.keys(fields).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) throw new Error(`${place}.${unknown} is not supported here.`);
  const type = fields['functionResponseType'];
  if (type !== undefined && type !== 'ReportBatchItemFailures') {
    throw new Error(`${place}.functionResponseType: expected ReportBatchItemFailures, found ${String(type)}.`);
  }
  return {
    queueArn: references.text(fields['arn'], `${place}.arn`),
    batchSize: within(fields['batchSize'], `${place}.batchSize`, DEFAULT_BATCH_SIZE, 1, MAX_BATCH_SIZE),
    maximumConcurrency: within(
      fields['maximumConcurrency'],
      `${place}.maximumConcurrency`,
      DEFAULT_CONCURRENCY,
      MIN_CONCURRENCY,
      MAX_CONCURRENCY,
    ),
    reportsItemFailures: type !== undefined,
  };
}

function within(value: unknown, place: string, absent: number, least: number, most: number): number {
  const number = numberAt(value, place, absent);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${place}: expected an integer from ${least} to ${most}, found ${number}.`);
}
