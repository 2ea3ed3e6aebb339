import type { MappingEntry } from '../../lib/import/mapping.ts';
import { jobOrder } from '../../lib/job/order.ts';
import type { AcceptedImport, Answer } from './import-process.ts';
import { isDisplaced, type Ledger, type Life, wrote } from './ledger.ts';
import type { TinyTable } from './tiny-table.ts';

type PlacedJob = { name: string; contentHash: string; order: string };
type Row = MappingEntry & PlacedJob;
/** A row and where it stands. */
type Told = { row: Row; rows: Row[]; made: AcceptedImport; answer: Answer; ledger: Ledger };

/** Tells what an import said that was not so. */
export function checkAnswers(ledger: Ledger, { items }: TinyTable, made: AcceptedImport): string[] {
  const final = made.answers.at(-1);
  if (!final?.isComplete) return [`import ${made.importId} is not settled in the end`];
  const untrue = made.answers.flatMap((answer) => {
    const rows = rowsOf(made, answer);
    return rows.filter((row) => !isTrue({ row, rows, made, answer, ledger }));
  });
  const complete = new Set(made.answers.filter(({ isComplete }) => isComplete).map(({ rows }) => JSON.stringify(rows)));
  const notThere = rowsOf(made, final).filter((row) => {
    const { job_id, order } = items.get(row.name) ?? {};
    const isThere = order === row.order && (!isImported(row) || job_id === row.newJobId);
    return isThere !== isImported(row) && !isExcused(ledger, made, row);
  });
  return [
    ...untrue.map((row) => `untrue: ${tell(row)}`),
    ...(complete.size > 1 ? [`import ${made.importId} answers one thing, then another`] : []),
    ...notThere.map((row) => `not so in the table: ${tell(row)}`),
  ];
}

/** The rows of jobs: an archive that told nothing has one without. */
function rowsOf(made: AcceptedImport, { rows }: Answer): Row[] {
  const jobs = new Map(jobsOf(made).map((job) => [job.entry, job]));
  return rows.flatMap((row) => {
    const job = jobs.get(row.entry ?? '');
    return job ? [{ ...row, ...job }] : [];
  });
}

function jobsOf({ importId, isCover, archives }: AcceptedImport): (PlacedJob & { entry: string })[] {
  return archives.flatMap(({ jobs }) =>
    jobs.map(({ name, contentHash, ...place }) => {
      const entry = `${place.archivePlace}.${place.jobPlace}`;
      return { name, contentHash, entry, order: jobOrder({ ...place, importId, isCover }) };
    }),
  );
}

const tell = ({ action, newJobId, name, order }: Row) => `${action} ${newJobId} of "${name}", ${order}`;
const isImported = ({ action }: Row) => action === 'created' || action === 'overwritten';
/** The answer says itself that a job which is not known to be imported may have taken the place of this one. */
const isUnsure = ({ remark }: Row) => remark.includes('may have taken its place');

/** What was imported may be gone since, by others. */
function isExcused(ledger: Ledger, { importId }: AcceptedImport, row: Row): boolean {
  const life = ledger.lifeOf(row.newJobId);
  return isImported(row) && (isUnsure(row) || (life !== undefined && isDisplaced(life, importId, row.order)));
}

/** Whether a row is true of what happened. */
function isTrue(told: Told): boolean {
  const { row, made, ledger } = told;
  const { importId } = made;
  const life = ledger.lifeOf(row.newJobId);
  if (row.newJobId !== -1 && life?.name !== row.name) return false;
  switch (row.action) {
    case 'created':
      return life?.createdBy === importId && (wrote(life, row.order) || isExcused(ledger, made, row));
    case 'overwritten':
      return life !== undefined && life.createdBy !== importId && wrote(life, row.order);
    case 'superseded':
      return life !== undefined && ledger.lives.some((other) => other.name === row.name && isAfter(other, importId));
    case 'skipped':
      return ledger.lives.some((other) => other.name === row.name && isInTheWay(other, told));
    case 'duplicate':
      return jobsOf(made).some((rival) => isImportedRival(rival, told));
    default:
      return row.newJobId === -1;
  }
}

/** A later cover or deletion, as takes the place of what a cover wrote. */
function isAfter({ number, writes }: Life, importId: number): boolean {
  const isDeletedAfter = number !== undefined && number >= importId;
  return isDeletedAfter || writes.some(({ place }) => place.isCover && place.importId > importId);
}

/** A job of another import that was there while ours ran, or whose deletion came after ours was accepted. */
function isInTheWay(life: Life, { made: { importId }, answer, ledger }: Told): boolean {
  const acceptedAt = ledger.acceptedAt.get(importId) ?? 0;
  const isMet = life.bornAt <= answer.at && life.endedAt >= acceptedAt;
  return life.createdBy !== importId && (isMet || (life.number !== undefined && life.number >= importId));
}

/** A job of the same import that beats the row's, equals it just if the row has its id, and was imported. */
function isImportedRival(rival: PlacedJob, { row, rows, made, ledger }: Told): boolean {
  const hasId = row.newJobId !== -1;
  const isRival = rival.name === row.name && (made.isCover ? rival.order > row.order : rival.order < row.order);
  if (!isRival || hasId !== (rival.contentHash === row.contentHash)) return false;
  const isNamed = (jobId: number) => !hasId || jobId === row.newJobId;
  const isTold = rows.some(({ order, action, newJobId }) => {
    return order === rival.order && action !== 'duplicate' && newJobId !== -1 && isNamed(newJobId);
  });
  return isTold || ledger.lives.some((life) => isNamed(life.jobId) && wrote(life, rival.order));
}
