import { isFields } from '../../local/shapes.ts';

export const BUCKET = 'null';
export const TABLE = 'null';

/** What is put below it stays there; all else is answered, and forgotten. */
export const ARCHIVES = '/archives/';

/** Calls and bytes of their bodies since they were taken last. */
export type Traffic = { calls: number; bytes: number };

export type NullReport = { kind: 'ready'; atOnce: string; late: string } | ({ kind: 'taken' } & Traffic);

export const isTake = (message: unknown): boolean => isFields(message) && message['kind'] === 'take';

export const isNullReport = (message: unknown): message is NullReport =>
  isFields(message) && (message['kind'] === 'ready' || message['kind'] === 'taken');
