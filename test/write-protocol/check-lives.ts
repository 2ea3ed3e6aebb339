import type { AcceptedImport } from './import-process.ts';
import type { Ledger } from './ledger.ts';

/** Tells of lives that two rows claim to have created, or none. */
export function checkLives(ledger: Ledger, imports: AcceptedImport[]): string[] {
  const rows = imports.flatMap(({ answers }) => answers.at(-1)?.rows ?? []);
  const created = rows.filter(({ action }) => action === 'created').map(({ newJobId }) => newJobId);
  return ledger.lives.flatMap((life) => {
    const creators = created.filter((jobId) => jobId === life.jobId).length;
    const creator = imports.find(({ importId }) => importId === life.createdBy);
    // An import that learnt nothing of its write before the next life of the name began cannot tell of it.
    const mayBeUntold = ledger.lastOf(life.name) !== life || creator?.archives.some(({ isLost }) => isLost);
    return creators === 1 || (creators === 0 && mayBeUntold)
      ? []
      : [`${creators} rows tell of the creation of job ${life.jobId}`];
  });
}
