import type { JobPlace } from '../job/order.ts';
import { isOpen, type Outcome, type SettledOutcome } from '../job/outcome.ts';

export type ImportPlace = Pick<JobPlace, 'importId' | 'isCover'>;
/** A job of an import by its order, and where people find it. */
export type Placed = { outcome: Outcome; order: string; archive: string };

/** Who has a name in the end, told by what the outcomes of that name say. */
export type Winner = {
  order: string;
  contentHash: string;
  jobId: number;
  /** `unknown`: it was met in the table, but its own outcome is missing. */
  action: 'created' | 'overwritten' | 'skipped' | 'superseded' | 'unknown';
};

/**
 * Tells which job has each name in the end: with cover the last of an import, without it the first, whichever worker was
 * faster. Pure. The table decides by the same order, in `store/write-rules.ts`: they change together.
 */
export function findWinners({ isCover }: ImportPlace, jobs: Placed[]): Map<string, Winner> {
  const winners = new Map<string, Winner>();
  const created = new Map<string, number>();
  for (const { outcome, order } of jobs) {
    if ('isTransient' in outcome) continue;
    const { name } = outcome;
    if (outcome.action === 'created') created.set(name, outcome.jobId);
    const contender = toContender(outcome, order);
    const best = winners.get(name);
    const beats = best === undefined || (isCover ? contender.order > best.order : contender.order < best.order);
    // The job's own word counts for more than that of another, who only met it.
    const knowsMore = best?.order === contender.order && best.action === 'unknown';
    if (beats || knowsMore) winners.set(name, contender);
  }
  for (const [name, jobId] of created) {
    const winner = winners.get(name);
    if (winner) winners.set(name, { ...winner, action: 'created', jobId });
  }
  return winners;
}

function toContender(outcome: SettledOutcome, order: string): Winner {
  const { jobId } = outcome;
  if (outcome.action === 'duplicate') {
    return { order: outcome.metOrder, contentHash: outcome.metHash, jobId, action: 'unknown' };
  }
  return { order, contentHash: outcome.contentHash, jobId, action: outcome.action };
}

/**
 * Tells of which jobs it is not sure that the table holds them: a job that is not known to be imported comes before them
 * in the order of the import, one of their name, or any of an archive that told nothing.
 * @param silent orders of the first jobs of such archives.
 */
export function findUnsure({ isCover }: ImportPlace, jobs: Placed[], silent: string[]): (job: Placed) => boolean {
  const best = (a: string | undefined, b: string) => (a === undefined || (isCover ? b > a : b < a) ? b : a);
  const ofAnyName = silent.reduce<string | undefined>(best, undefined);
  const ofName = new Map<string, string>();
  for (const { outcome, order } of jobs) {
    if (isOpen(outcome) && outcome.name !== null) ofName.set(outcome.name, best(ofName.get(outcome.name), order));
  }
  const beats = (rival: string | undefined, order: string) => rival !== undefined && best(order, rival) === rival;
  return ({ outcome, order }) => beats(ofAnyName, order) || beats(ofName.get(outcome.name ?? ''), order);
}
