import { ApiError } from '../errors.ts';
import { type ArchiveOutcomes, isSettled } from '../job/outcome.ts';
import { openLocation } from '../location/locations.ts';
import type { Blobs } from '../store/blobs.ts';
import { type AcceptedImport, beginImport, type ImportRecord, readImport, reopenImport } from '../store/imports.ts';
import { readProgress } from '../store/progress.ts';
import type { Location } from '../store/projects.ts';
import type { JobTable } from '../store/table.ts';
import { importAddress } from './answer.ts';
import { examineImport } from './show-import.ts';

/** An import that is to be carried out, or continued, or that has ended with nothing left to be tried again. */
export type Started = AcceptedImport & {
  how: 'begun' | 'continued' | 'ended';
  /** What archives of it have stored already. */
  known: Map<number, ArchiveOutcomes>;
  /** Archives that earlier runs may have handed to a worker: the first ones. */
  begunBefore: number;
  /** Who carries it out, or did so last; and whether its end is noted. */
  run: string;
  isConcluded: boolean;
};

export type BeginServices = {
  table: JobTable;
  blobs: Blobs;
  /** When nobody waits for it any longer: an import that nobody carries out must not be noted as one that runs. */
  timeOut: AbortSignal;
  /** Hears of the address of the import before it is noted, or noted anew. */
  onNote: (address: string) => void;
};

/** Who carries an import out. */
export type Run = {
  /** Unlike that of any other run. */
  id: string;
  /** Where archives may be read from: may have changed since the import began. */
  locations: Location[];
  /** Whether it wants the import on the queue, however small it is. */
  isQueued: boolean;
  /** Done before a record says that the import runs: by it the import ends, whoever dies. @throws if there is no room for it. */
  prepare: (importId: number, isQueued: boolean) => Promise<void>;
};

/** Makes an import this run's: a new one, or what another run has made of it since. */
export async function beginOrContinue(services: BeginServices, accepted: AcceptedImport, run: Run): Promise<Started> {
  const { table, blobs } = services;
  await run.prepare(accepted.importId, accepted.isQueued);
  services.onNote(importAddress(accepted.projectId, accepted.importId));
  if (await beginImport(services, accepted, run.id)) {
    const known = new Map(accepted.refusal && [[0, accepted.refusal]]);
    return {
      ...accepted,
      how: known.size > 0 ? 'ended' : 'begun',
      known,
      begunBefore: 0,
      run: run.id,
      isConcluded: false,
    };
  }
  const record = await readImport(table, blobs, accepted.projectId, accepted.importId);
  if (record === undefined) throw new Error('the record of an import was neither written nor found');
  return continueImport(services, record, run);
}

/** Makes an import that has ended this run's, if anything is left to be done. @throws ApiError DLI.0007 if it runs. */
export async function continueImport(services: BeginServices, record: ImportRecord, run: Run): Promise<Started> {
  const { isRunning, isWhole, known } = await howFar(services, record);
  if (isRunning) throw stillRunning(record);
  const begunBefore = record.begun ?? record.archives.length;
  if (isWhole) return { ...record, how: 'ended', known, begunBefore };
  for (const archive of record.archives) openLocation(run.locations, archive, services.blobs.home);
  const isQueued = record.isQueued || run.isQueued;
  await run.prepare(record.importId, isQueued);
  services.onNote(importAddress(record.projectId, record.importId));
  if (!(await reopenImport(services, record, { run: run.id, isQueued }))) throw stillRunning(record);
  return { ...record, how: 'continued', known, begunBefore, run: run.id, isConcluded: false, isQueued };
}

type HowFar = { isRunning: boolean; isWhole: boolean; known: Map<number, ArchiveOutcomes> };

/** Of an import on the queue its progress tells enough, and is read at once; its outcomes may be a hundred thousand. */
async function howFar({ table, blobs }: BeginServices, record: ImportRecord): Promise<HowFar> {
  const total = record.archives.length;
  if (record.isQueued) {
    const { archives } = await readProgress(table, record);
    const done = [...archives.values()].filter(({ givenUp }) => givenUp === undefined);
    const isRunning = record.state === 'running' && archives.size < total;
    return { isRunning, isWhole: done.length === total, known: new Map() };
  }
  const { state, known } = await examineImport(table, blobs, record);
  const settled = [...known.values()].filter(isSettled);
  return { isRunning: state === 'running', isWhole: settled.length === total, known };
}

/** After its lease an import whose process died is known not to run, and can be continued. */
function stillRunning({ projectId, importId, lease, isQueued }: ImportRecord): ApiError {
  const seconds = Math.max(1, Math.ceil((lease - Date.now()) / 1000));
  const help = isQueued ? '' : ` If it does not end, send the request again after ${seconds} s.`;
  return new ApiError('DLI.0007', `This import is still running: see ${importAddress(projectId, importId)}.${help}`);
}
