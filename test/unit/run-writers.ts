import { readRefusal, readWrite, type Written } from '../../lib/store/write-rules.ts';
import type { Random } from '../random.ts';
import type { TinyJob, TinyTable } from '../write-protocol/tiny-table.ts';

type Step = { job: TinyJob; step: 'write' | 'read' };

/**
 * Writes jobs in an order of chance, reading what refused a write at once or later. Some answers are lost, and the
 * write is then repeated.
 * @param end steps after which all writers die; what is under way then has no outcome.
 */
export function runWriters(
  table: TinyTable,
  jobs: TinyJob[],
  random: Random,
  end = Number.POSITIVE_INFINITY,
): Map<TinyJob, Written> {
  const outcomes = new Map<TinyJob, Written>();
  const waiting: Step[] = jobs.map((job) => ({ job, step: 'write' }));
  for (let at = 0; at < end && waiting.length > 0; at++) {
    const [next] = waiting.splice(random.below(waiting.length), 1);
    if (next === undefined) break;
    const { job, step } = next;
    const read = step === 'write' ? write(table, job) : readRefusal(job.place, table.items.get(job.name));
    if (read === undefined) waiting.push({ job, step: 'read' });
    else if (read.action === 'again' || read.action === 'unnumbered' || random.below(5) === 0) {
      waiting.push({ job, step: 'write' });
    } else outcomes.set(job, read);
  }
  return outcomes;
}

/** Undefined if it was refused. */
function write(table: TinyTable, job: TinyJob): Written | undefined {
  const { isDone, old } = table.write(job);
  return isDone ? readWrite(job.place, job.newJobId, old) : undefined;
}
