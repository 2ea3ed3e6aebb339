import type { ImportGlance } from '../store/import-states.ts';
import { type Progress, sumOf } from '../store/progress.ts';
import { progressMessage } from './answer.ts';
import type { ShownImport } from './import-answers.ts';

/** How far an import is that is under way, by what its archives noted: no row of its mapping is settled yet. */
export function progressAnswer(glance: ImportGlance, progress: Progress): ShownImport {
  const { importId, archivesTotal, bytesTotal, startTime } = glance;
  // One that was given up is none of which it is known what became of it.
  const done = [...progress.archives.values()].filter(({ givenUp }) => givenUp === undefined).length;
  const { jobs, bytes } = sumOf(progress);
  return {
    is_success: 'false',
    message: progressMessage(done, archivesTotal),
    job_mapping: [],
    import_id: importId,
    state: stateByProgress(progress),
    archives_total: archivesTotal,
    archives_done: done,
    jobs_total: jobs,
    jobs_done: jobs,
    bytes_total: bytesTotal,
    bytes_done: bytes,
    counts: {},
    start_time: startTime,
    update_time: Math.max(startTime, progress.updateTime),
  };
}

/** The state of an import on the queue of which archives are open. */
export const stateByProgress = ({ archives }: Progress): 'queued' | 'running' =>
  archives.size === 0 ? 'queued' : 'running';
