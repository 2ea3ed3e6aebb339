import { JOBS_COUNTED_MS } from '../limits.ts';
import type { ImportGlance } from '../store/import-states.ts';
import { readProgress, sumOf } from '../store/progress.ts';
import type { JobTable } from '../store/table.ts';

/** Counts the jobs of an import, now and then: a worker that does so for each archive would read more than it writes. */
export class CountedJobs {
  #import = '';
  #countedAt = 0;
  #jobs = 0;

  /** The jobs that its archives noted, as they were within the last seconds. */
  async of(table: JobTable, glance: ImportGlance): Promise<number> {
    const id = `${glance.projectId}#${glance.importId}`;
    if (id !== this.#import || Date.now() >= this.#countedAt + JOBS_COUNTED_MS) {
      const { jobs } = sumOf(await readProgress(table, glance));
      [this.#import, this.#countedAt, this.#jobs] = [id, Date.now(), jobs];
    }
    return this.#jobs;
  }
}
