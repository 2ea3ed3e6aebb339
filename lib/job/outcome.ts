import * as z from 'zod/mini';
import { errorCode } from '../errors.ts';

const seen = {
  /** Position in the archive, from 0. */
  jobPlace: z.int(),
  entry: z.string(),
  /** Digits of an int64. */
  oldJobId: z.nullable(z.string()),
};
const settled = { ...seen, name: z.string(), contentHash: z.string(), jobId: z.int() };

/** What happened to one job of an archive. Settled ones are final; what failed for a while may be tried again. */
const outcome = z.discriminatedUnion('action', [
  z.object({ ...settled, action: z.enum(['created', 'overwritten', 'skipped', 'superseded']) }),
  /** Another job of the same import had the name; `jobId` is its id. */
  z.object({ ...settled, action: z.literal('duplicate'), metOrder: z.string(), metHash: z.string() }),
  z.object({
    ...seen,
    action: z.enum(['failed', 'not_started']),
    name: z.nullable(z.string()),
    code: errorCode,
    message: z.string(),
    /** The job itself is sound: sent again it may succeed. */
    isTransient: z.boolean(),
  }),
]);

/** Why an archive was refused as a whole. */
export const refusedOutcomes = z.object({
  refused: z.object({
    code: errorCode,
    reason: z.optional(z.string()),
    message: z.string(),
    /** Another run, that told nothing, may have read the archive when it could still be read. */
    mayHaveWritten: z.optional(z.boolean()),
  }),
});

/** What happened to one archive: each of its jobs, or why it was refused as a whole, before the first write of the run. */
export const archiveOutcomes = z.union([z.object({ jobs: z.array(outcome) }), refusedOutcomes]);

export type Outcome = z.infer<typeof outcome>;
export type SettledOutcome = Exclude<Outcome, { isTransient: boolean }>;
export type ArchiveOutcomes = z.infer<typeof archiveOutcomes>;
/** An archive that was refused as a whole. */
export type Refused = z.infer<typeof refusedOutcomes>;

/** Whether nothing is left to be tried again. */
export function isSettled(outcomes: ArchiveOutcomes): boolean {
  return 'refused' in outcomes || !outcomes.jobs.some(isOpen);
}

/** Whether nothing of the archive was written. */
export function isRefusedWhole(outcomes: ArchiveOutcomes): boolean {
  return 'refused' in outcomes && outcomes.refused.mayHaveWritten !== true;
}

/** Whether the job may be tried again. */
export const isOpen = (outcome: Outcome): boolean => 'isTransient' in outcome && outcome.isTransient;

/** The table, or a run over the archive, did not tell: the job may be there or not. */
const notKnown = (by: string) =>
  ({
    action: 'failed',
    code: 'DLI.0999',
    message: `not known to be imported: ${by}. Send the request again.`,
    isTransient: true,
  }) as const;
export const NOT_KNOWN = notKnown('the table did not answer');
const NOT_TOLD = notKnown('another try of its archive did not tell');

/** What one run may say of an archive that others were at, too: of what it left open it cannot know what they did. */
export function asShared(outcomes: ArchiveOutcomes): ArchiveOutcomes {
  if ('refused' in outcomes) return { refused: { ...outcomes.refused, mayHaveWritten: true } };
  return { jobs: outcomes.jobs.map((outcome) => (isOpen(outcome) ? { ...outcome, ...NOT_TOLD } : outcome)) };
}

/** What two runs over an archive know together: what one has settled is, and who read it knows more than who could not. */
export function mergeOutcomes(stored: ArchiveOutcomes | undefined, ours: ArchiveOutcomes): ArchiveOutcomes {
  if (stored === undefined || ('refused' in stored && 'jobs' in ours)) return asShared(ours);
  if ('refused' in stored || 'refused' in ours) return asShared(stored);
  const jobs = new Map(ours.jobs.map((outcome) => [outcome.jobPlace, outcome]));
  for (const outcome of stored.jobs) {
    if (!isOpen(outcome) || !jobs.has(outcome.jobPlace)) jobs.set(outcome.jobPlace, outcome);
  }
  return asShared({ jobs: [...jobs.values()].sort((a, b) => a.jobPlace - b.jobPlace) });
}

/** What happened to an archive in numbers: its jobs by action, and the reason if it was refused. Quotes nothing. */
export function summarise(outcomes: ArchiveOutcomes): { jobs: Record<string, number>; reason?: string | undefined } {
  if ('refused' in outcomes) return { jobs: {}, reason: outcomes.refused.reason ?? outcomes.refused.code };
  return { jobs: countActions(outcomes.jobs) };
}

/** How often something of an archive was refused, by the reason, or else the code: all of it, or a job that breaks a rule. */
export function countRefusals(outcomes: ArchiveOutcomes): Record<string, number> {
  if ('refused' in outcomes) return { [outcomes.refused.reason ?? outcomes.refused.code]: 1 };
  return countEach(outcomes.jobs.flatMap((job) => ('isTransient' in job && !job.isTransient ? [job.code] : [])));
}

/** How many came to each action. */
export function countActions(found: readonly { action: Outcome['action'] }[]): Record<string, number> {
  return countEach(found.map(({ action }) => action));
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
