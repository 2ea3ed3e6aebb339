import { jobOrder } from '../../lib/job/order.ts';
import type { AcceptedImport } from './import-process.ts';
import { type Ledger, type Life, wrote } from './ledger.ts';
import type { TinyTable } from './tiny-table.ts';

type Contender = { order: string; importId: number; isCover: boolean };

/** Tells where the table does not hold in the end what the rules say, whatever came first. */
export function checkTable(ledger: Ledger, table: TinyTable, imports: AcceptedImport[]): string[] {
  const names = new Set(
    imports.flatMap(({ archives }) => archives).flatMap(({ jobs }) => jobs.map(({ name }) => name)),
  );
  return [...names].flatMap((name) => {
    const expected = expectedOrder(ledger, imports, name);
    const { job_id, order } = table.items.get(name) ?? {};
    const found = job_id === undefined ? undefined : order;
    return found === expected ? [] : [`"${name}" is ${found}, and was to be ${expected}`];
  });
}

/** The order of the job that is to have a name in the end: undefined if there is to be none. */
function expectedOrder(ledger: Ledger, imports: AcceptedImport[], name: string): string | undefined {
  const lives = ledger.lives.filter((life) => life.name === name);
  const deleted = Math.max(0, ...lives.map(numberOf));
  const contenders = imports
    .filter(({ importId }) => importId > deleted)
    .flatMap((made) => contendersOf(made, name, lives));
  const covers = contenders.filter(({ isCover }) => isCover).map(({ order }) => order);
  if (covers.length > 0) return covers.sort().at(-1);
  // Of imports without cover the first to write has the name, and of its jobs the first in order.
  const { createdBy } = lives.at(-1) ?? {};
  const first = contenders.filter(({ importId }) => importId === createdBy).map(({ order }) => order);
  return contenders.length === 0 ? undefined : (first.sort()[0] ?? 'one of an import that came first');
}

/** Nobody came after a deletion that has no number. */
function numberOf({ number, endedAt }: Life): number {
  return number ?? (endedAt < Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : 0);
}

/** The jobs of a name: of an archive whose workers all died only those that were written. */
function contendersOf({ importId, isCover, archives }: AcceptedImport, name: string, lives: Life[]): Contender[] {
  return archives.flatMap(({ isLost, jobs }) =>
    jobs
      .filter((job) => job.name === name)
      .map(({ archivePlace, jobPlace }) => {
        return { importId, isCover, order: jobOrder({ importId, isCover, archivePlace, jobPlace }) };
      })
      .filter(({ order }) => !isLost || lives.some((life) => wrote(life, order))),
  );
}
