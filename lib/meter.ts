import type { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { MiddlewareObj } from '@middy/core';
import { faultLog } from './errors.ts';
import { SERVICE } from './observe.ts';

/** What is counted, and what is timed, as docs/operations.md tells of it. */
export const COUNTED = [
  'Imports',
  'Archives',
  'Jobs.<action>',
  'Refusals.<reason>',
  'Uploads.<outcome>',
  'Exports',
  'Retries',
] as const;
export const TIMED = [
  'Duration.import',
  'Duration.archive',
  'Duration.plan',
  'Duration.upload',
  'Duration.export',
] as const;

type NameOf<Pattern> = Pattern extends `${infer Family}.<${string}>` ? `${Family}.${string}` : Pattern;
type Counted = NameOf<(typeof COUNTED)[number]>;
type Timed = (typeof TIMED)[number];

/**
 * The metrics of one function: a line of the log for each invocation, in CloudWatch's embedded format, so that no call is
 * waited for. What fails here is told by the log and fails nothing else: what was imported stays imported.
 */
export class Meter {
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  #retries = 0;

  constructor({ POWERTOOLS_METRICS_NAMESPACE: namespace }: { POWERTOOLS_METRICS_NAMESPACE: string }, logger: Logger) {
    this.#metrics = new Metrics({ namespace, serviceName: SERVICE, logger });
    this.#logger = logger;
  }

  count(name: Counted, times = 1): void {
    this.#try(() => this.#metrics.addMetric(name, MetricUnit.Count, times));
  }

  /** Counts what has a name of its own in a family: `Jobs.created`. */
  countEach(family: 'Jobs' | 'Refusals', counts: Record<string, number>): void {
    for (const [name, times] of Object.entries(counts)) this.count(`${family}.${name}`, times);
  }

  time(name: Timed, milliseconds: number): void {
    this.#try(() => this.#metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds));
  }

  /** Hears of the tries of a call beyond the first. A container has one invocation at a time, so that they are its own. */
  readonly onRetries = (retries: number): void => {
    this.#retries += retries;
  };

  /** Middleware around all others: notes a cold start, and writes what was counted when the function ends, by a failure too. */
  around(timed?: Timed): MiddlewareObj {
    let startedAt = 0;
    const end = () => {
      if (timed !== undefined) this.time(timed, Date.now() - startedAt);
      this.count('Retries', this.#retries);
      this.#retries = 0;
      this.#try(() => this.#metrics.publishStoredMetrics());
    };
    return {
      before: ({ context }) => {
        startedAt = Date.now();
        this.#try(() => this.#metrics.captureColdStartMetric(context.functionName));
      },
      after: end,
      onError: end,
    };
  }

  #try(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#logger.warn('metrics', { fault: faultLog(error) });
    }
  }
}
