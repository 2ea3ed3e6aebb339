import { IMPORT_JOBS, JOBS_COUNTED_MOST_MS, JOBS_COUNTED_MS } from '../limits.ts';
import type { ImportGlance } from '../store/import-states.ts';
import { readProgress, sumOf } from '../store/progress.ts';
import type { JobTable } from '../store/table.ts';

/** Counts the jobs of an import, now and then: a worker that does so for each archive would read more than it writes. */
export class CountedJobs {
  #import = '';
  #countAt = 0;
  #jobs = 0;

  /** The jobs that its archives noted, as they were within the last seconds. */
  async of(table: JobTable, glance: ImportGlance): Promise<number> {
    const id = `${glance.projectId}#${glance.importId}`;
    if (id !== this.#import || Date.now() >= this.#countAt) {
      const { jobs } = sumOf(await readProgress(table, glance));
      const now = Date.now();
      [this.#import, this.#countAt, this.#jobs] = [id, now + countedFor(jobs, now - glance.startTime), jobs];
    }
    return this.#jobs;
  }
}

/** Milliseconds for which a count holds: half of those in which an import is full, if it goes on as it did so far. */
export function countedFor(jobs: number, elapsedMs: number): number {
  const untilFull = jobs === 0 ? 0 : ((IMPORT_JOBS - jobs) / jobs) * elapsedMs;
  return Math.min(Math.max(untilFull / 2, JOBS_COUNTED_MS), JOBS_COUNTED_MOST_MS);
}
