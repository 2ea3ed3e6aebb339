import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { faultLog } from './errors.ts';

/** What functions tell of themselves. Apart from the clients, so that who calls no service carries none. */

const SERVICE = 'flink-job-import';

export function createLogger(): Logger {
  return new Logger({ serviceName: SERVICE });
}

/** Logs a fault that became part of an answer. @param about what it happened to. */
export function faultLogger(logger: Logger, about: object = {}) {
  return (error: unknown): void => logger.error('fault', { ...about, fault: faultLog(error) });
}

export function createMetrics(): Metrics {
  return new Metrics({ namespace: 'FlinkJobImport', serviceName: SERVICE });
}
