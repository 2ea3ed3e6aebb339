import type { ErrorCode } from '../errors.ts';
import { jobOrder } from '../job/order.ts';
import { type ArchiveOutcomes, isRefusedWhole, type Outcome, type Refused } from '../job/outcome.ts';
import { IMPORT_JOBS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { findUnsure, findWinners, type ImportPlace, type Placed, type Winner } from './winners.ts';

/**
 * What is known of an archive of an import: what its worker reported, or that it works on it still, that it died or did
 * not answer, that it was never begun.
 */
export type ArchiveResult = { archive: string; outcomes: ArchiveOutcomes | Unreported };
type Unreported = 'running' | 'lost' | 'not_started';

/** One row of the answer. */
export type MappingEntry = {
  action: Outcome['action'];
  /** Digits of an int64. */
  oldJobId: string | null;
  /** -1 when nothing was imported for this row. */
  newJobId: number;
  remark: string;
  archive: string;
  entry: string | null;
  jobName: string | null;
  code: ErrorCode | null;
};

/** Nothing was imported for the row. */
const NO_JOB = -1;

/**
 * Makes one mapping of what all workers of an import reported, in the order of archives and jobs. Pure: the winner of
 * a name is told by order alone, whichever worker was faster.
 */
export function joinOutcomes(place: ImportPlace, results: ArchiveResult[]): MappingEntry[] {
  const rows = results.map(({ archive, outcomes }, archivePlace) => {
    if (typeof outcomes === 'string' || 'refused' in outcomes) return { archive, outcomes };
    const jobs = outcomes.jobs.map((outcome) => ({
      outcome,
      order: jobOrder({ ...place, archivePlace, jobPlace: outcome.jobPlace }),
      archive,
    }));
    return { archive, jobs };
  });
  const jobs = rows.flatMap((row) => row.jobs ?? []);
  const winners = findWinners(place, jobs);
  const silent = rows.flatMap(({ outcomes }, archivePlace) => {
    return isSilent(outcomes) ? [jobOrder({ ...place, archivePlace, jobPlace: 0 })] : [];
  });
  const isUnsure = findUnsure(place, jobs, silent);
  const byOrder = new Map(jobs.map((job) => [job.order, job]));
  return rows.flatMap((row) => {
    if (row.jobs === undefined) return archiveRow(row.archive, row.outcomes);
    return row.jobs.map((job) => {
      const entry = jobEntry(job, winners, byOrder);
      return entry.action !== 'duplicate' && entry.newJobId !== NO_JOB && isUnsure(job)
        ? { ...entry, remark: `${entry.remark}${UNSURE}` }
        : entry;
    });
  });
}

/** Whether jobs of the archive may be in the table that nobody tells of. */
function isSilent(outcomes: ArchiveOutcomes | Unreported | undefined): boolean {
  if (typeof outcomes !== 'object') return outcomes === 'lost' || outcomes === 'running';
  return 'refused' in outcomes && !isRefusedWhole(outcomes);
}

function jobEntry(
  { outcome, order, archive }: Placed,
  winners: Map<string, Winner>,
  byOrder: Map<string, Placed>,
): MappingEntry {
  const { entry, oldJobId, name: jobName } = outcome;
  const row = { oldJobId, archive, entry, jobName, code: null };
  if ('isTransient' in outcome) {
    const { action, code, message } = outcome;
    return { ...row, action, code, newJobId: NO_JOB, remark: `${capital(whereIs({ outcome, archive }))}: ${message}` };
  }
  const winner = winners.get(outcome.name);
  if (winner === undefined) throw new Error('a settled outcome has no winner of its name');
  if (winner.action === 'skipped') return { ...row, action: 'skipped', newJobId: NO_JOB, remark: REMARKS.skipped };
  if (winner.order === order && winner.action !== 'unknown') {
    return { ...row, action: winner.action, newJobId: winner.jobId, remark: REMARKS[winner.action] };
  }
  const isCopy = outcome.contentHash === winner.contentHash;
  const winning = byOrder.get(winner.order);
  const where = winning ? whereIs(winning) : 'a job elsewhere in this import';
  const remark = isCopy ? `The same as ${where}, which was imported` : `Not imported: of this name ${where} wins`;
  return { ...row, action: 'duplicate', newJobId: isCopy ? winner.jobId : NO_JOB, remark };
}

/** A job as people find it: counted from 1, through all entries of its archive. */
function whereIs({ outcome: { jobPlace, entry }, archive }: Pick<Placed, 'outcome' | 'archive'>): string {
  return `job ${jobPlace + 1} of ${quoteName(archive)}, in ${quoteName(entry)}`;
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const UNSURE = '; a job of this name that is not known to be imported may have taken its place';

const REMARKS = {
  created: 'Job successfully created',
  overwritten: 'Job successfully overwritten',
  skipped: 'The job name already exists; the job was left as it is because is_cover is false',
  superseded: 'Imported, and replaced or deleted at once by a later import or deletion',
} as const;

/** One row for an archive of which no job is known; none while a worker is still at it. */
function archiveRow(archive: string, outcomes: Refused | Unreported): MappingEntry[] {
  const row = { oldJobId: null, newJobId: NO_JOB, archive, entry: null, jobName: null } as const;
  const name = quoteName(archive);
  switch (outcomes) {
    case 'running':
      return [];
    case 'lost': {
      const remark = `${name} is not known to be imported: its worker failed, or did not answer. Send the request again.`;
      return [{ ...row, action: 'failed', code: 'DLI.0999', remark }];
    }
    case 'not_started': {
      const remark = `${name} was not started: the import had no time left, or had its ${IMPORT_JOBS} jobs. Send the request again under its Idempotency-Key, or import the rest in parts.`;
      return [{ ...row, action: 'not_started', code: 'DLI.0019', remark }];
    }
    default: {
      const { code, message, mayHaveWritten } = outcomes.refused;
      const what = mayHaveWritten
        ? 'is not known to be imported, since an earlier try of it broke off'
        : 'was not imported';
      return [{ ...row, action: 'failed', code, remark: `${name} ${what}: ${message}` }];
    }
  }
}
