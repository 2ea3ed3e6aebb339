import { ApiError } from '../errors.ts';
import { type ArchiveOutcomes, isSettled } from '../job/outcome.ts';
import type { Blobs } from '../store/blobs.ts';
import { takeImportId } from '../store/counters.ts';
import { type AcceptedImport, beginImport, type ImportRecord, readImport, reopenImport } from '../store/imports.ts';
import type { Project } from '../store/projects.ts';
import { claimRequest, findRequest, type KeyedRequest, type KnownRequest } from '../store/requests.ts';
import type { JobTable } from '../store/table.ts';
import { importAddress } from './answer.ts';
import { findArchives } from './find-archives.ts';
import type { ImportRequest } from './import-request.ts';
import { openLocation } from './locations.ts';
import { parseObjectPath } from './object-path.ts';
import { examineImport } from './show-import.ts';

/** What a request is about. */
export type Asked = {
  project: Project;
  request: ImportRequest;
  /** The credential of the request, as it may be shown. */
  requestedBy: string;
  /** Makes the request one that can be sent again: it stays one import. */
  idempotencyKey: string | undefined;
  /** Unlike that of any other request. */
  requestId: string;
  /** Milliseconds since the epoch, when the gateway got it: how long it may take is counted from there. */
  receivedAt: number;
};

/** An import that is to be carried out, or continued, or that has ended with nothing left to be tried again. */
export type Started = AcceptedImport & {
  how: 'begun' | 'continued' | 'ended';
  /** What archives of it have stored already. */
  known: Map<number, ArchiveOutcomes>;
  /** Archives that earlier requests may have handed to a worker: the first ones. */
  begunBefore: number;
};

type Services = {
  table: JobTable;
  blobs: Blobs;
  /** When nobody waits for it any longer: an import that nobody carries out must not be noted as one that runs. */
  timeOut: AbortSignal;
};

/**
 * Makes a request an import: a new one with the next number, or the one that its Idempotency-Key stands for.
 * @throws ApiError if the request cannot be carried out, if its key was used to ask for something else (DLI.0001), or if
 * that import is still running (DLI.0007).
 */
export async function acceptImport(services: Services, asked: Asked): Promise<Started> {
  const { project, idempotencyKey, request } = asked;
  if (idempotencyKey === undefined) return beginNew(services, asked);
  const keyed = { projectId: project.projectId, idempotencyKey, asksFor: JSON.stringify(request) };
  const known = await findRequest(services.table, keyed);
  return known ? resume(services, asked, known) : beginNew(services, asked, keyed);
}

async function beginNew(services: Services, asked: Asked, keyed?: KeyedRequest): Promise<Started> {
  const { projectId } = asked.project;
  const archives = await findArchives(services.blobs, asked.project, asked.request.zip_file);
  const importId = await takeImportId(services.table, projectId);
  const known = keyed && (await claimRequest(services.table, keyed, importId));
  if (known !== undefined && known.importId !== importId) return resume(services, asked, known);
  return begin(services, asked, importId, archives);
}

async function begin(
  services: Services,
  asked: Asked,
  importId: number,
  archives: AcceptedImport['archives'],
): Promise<Started> {
  const { project, request, requestedBy, requestId } = asked;
  const { zip_file: zipFile, is_cover: isCover } = request;
  const accepted = { projectId: project.projectId, importId, zipFile, isCover, requestedBy, archives };
  const isOurs = await beginImport(services, accepted, requestId);
  if (!isOurs) {
    const record = await readImport(services.table, services.blobs, project.projectId, importId);
    if (record === undefined) throw new Error('the record of an import was neither written nor found');
    return continueImport(services, record, asked);
  }
  return { ...accepted, how: 'begun', known: new Map(), begunBefore: 0 };
}

async function resume(services: Services, asked: Asked, { importId, isSame }: KnownRequest): Promise<Started> {
  const { projectId } = asked.project;
  if (!isSame) {
    throw new ApiError('DLI.0001', 'Idempotency-Key was used for another request. Take another key for this one.');
  }
  const record = await readImport(services.table, services.blobs, projectId, importId);
  if (record === undefined) {
    // Whoever claimed the key died before it wrote the record: nothing was imported.
    const archives = await findArchives(services.blobs, asked.project, asked.request.zip_file);
    return begin(services, asked, importId, archives);
  }
  return continueImport(services, record, asked);
}

async function continueImport(services: Services, record: ImportRecord, asked: Asked): Promise<Started> {
  const { table, blobs } = services;
  const { state, known } = await examineImport(table, blobs, record);
  if (state === 'running') throw stillRunning(record);
  const isWhole = record.archives.every((_, place) => {
    const outcomes = known.get(place);
    return outcomes !== undefined && isSettled(outcomes);
  });
  const begunBefore = record.begun ?? record.archives.length;
  if (isWhole) return { ...record, how: 'ended', known, begunBefore };
  // What the project may read may have changed since its key was first used.
  openLocation(asked.project.locations, parseObjectPath(record.zipFile), blobs.home);
  if (!(await reopenImport(services, record, asked.requestId))) throw stillRunning(record);
  return { ...record, how: 'continued', known, begunBefore };
}

/** After its lease an import whose process died is known not to run, and can be continued. */
function stillRunning({ projectId, importId, lease }: ImportRecord): ApiError {
  const seconds = Math.max(1, Math.ceil((lease - Date.now()) / 1000));
  return new ApiError(
    'DLI.0007',
    `The import with this Idempotency-Key is still running: see ${importAddress(projectId, importId)}. ` +
      `If it does not end, send the request again after ${seconds} s.`,
  );
}
