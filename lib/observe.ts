import { Logger } from '@aws-lambda-powertools/logger';
import { faultLog } from './errors.ts';
import { LOG_TEXT_CHARACTERS } from './limits.ts';
import { escapeUnseen } from './quote-name.ts';

/** What functions tell of themselves. Apart from the clients, so that who calls no service carries none. */

export const SERVICE = 'flink-job-import';

/** A logger whose lines are one line each to everybody, of bounded texts, whatever these hold. */
export function createLogger(): Logger {
  return new Logger({ serviceName: SERVICE, jsonReplacerFn: (_key, value) => asLogged(value) });
}

/** Logs a fault that became part of an answer. @param about what it happened to. */
export function faultLogger(logger: Logger, about: object = {}) {
  return (error: unknown): void => logger.error('fault', { ...about, fault: faultLog(error) });
}

function asLogged(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const isLong = value.length > LOG_TEXT_CHARACTERS;
  return escapeUnseen(isLong ? `${value.slice(0, LOG_TEXT_CHARACTERS)}…` : value);
}
