import type { ApiEvent } from './api.ts';

/** The preference of a client that does not want to wait. Source: RFC 7240. */
export const RESPOND_ASYNC = 'respond-async';

/** Whether a client prefers its answer at once, and looks for the end by itself. Other preferences are passed over. */
export function prefersAsync({ headers }: ApiEvent): boolean {
  const preferences = (headers['prefer'] ?? '').split(',').map((preference) => preference.split(';')[0]?.trim());
  return preferences.some((preference) => preference?.toLowerCase() === RESPOND_ASYNC);
}
