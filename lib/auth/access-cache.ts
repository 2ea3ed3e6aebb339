import { ACCESS_CACHE_ENTRIES, ACCESS_CACHE_MS } from '../limits.ts';
import type { Project } from '../store/projects.ts';

/** What a credential opened, and of an access key its secret: in memory only, and for a minute. */
export type Access = { project: Project; secretKey: string };

/** Remembers what credentials opened, of as many as its bound. Times are milliseconds since the epoch. */
export class AccessCache {
  readonly #entries = new Map<string, Access & { until: number }>();

  find(key: string, now: number): Access | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.until > now) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  /** @param askedAt when the table was asked, not when it answered: a revocation in between waits no longer than others. */
  keep(key: string, access: Access, askedAt: number): void {
    if (this.#entries.size >= ACCESS_CACHE_ENTRIES) this.#entries.clear();
    this.#entries.set(key, { ...access, until: askedAt + ACCESS_CACHE_MS });
  }
}
