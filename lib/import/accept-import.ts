import type { SendPlan } from '../dispatch/send-tasks.ts';
import { ApiError } from '../errors.ts';
import { DIRECT_ARCHIVES, DIRECT_BYTES, IMPORT_LOOK_AFTER_MS } from '../limits.ts';
import { takeImportId } from '../store/counters.ts';
import { readImport } from '../store/imports.ts';
import type { SeenObject } from '../store/objects.ts';
import type { Project } from '../store/projects.ts';
import { claimRequest, findRequest, type KeyedRequest, type KnownRequest } from '../store/requests.ts';
import { type BeginServices, beginOrContinue, continueImport, type Run, type Started } from './begin-import.ts';
import { findArchives } from './find-archives.ts';
import type { ImportRequest } from './import-request.ts';
import { takeRoom } from './queue-room.ts';

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
  /** Whether the client wants its answer at once, and will look for the end of the import by itself. */
  respondAsync: boolean;
};

export type AcceptServices = BeginServices & { sendPlan: SendPlan };

/**
 * Makes a request an import: a new one with the next number, or the one that its Idempotency-Key stands for.
 * @throws ApiError if the request cannot be carried out, if its key was used to ask for something else (DLI.0001), or if
 * that import is still running (DLI.0007).
 */
export async function acceptImport(services: AcceptServices, asked: Asked): Promise<Started> {
  const { project, idempotencyKey, request } = asked;
  if (idempotencyKey === undefined) return beginNew(services, asked);
  const keyed = { projectId: project.projectId, idempotencyKey, asksFor: JSON.stringify(request) };
  const known = await findRequest(services.table, keyed);
  return known ? resume(services, asked, known) : beginNew(services, asked, keyed);
}

async function beginNew(services: AcceptServices, asked: Asked, keyed?: KeyedRequest): Promise<Started> {
  const { projectId } = asked.project;
  const archives = await findArchives(services.blobs, asked.project, asked.request.zip_file);
  const importId = await takeImportId(services.table, projectId);
  const known = keyed && (await claimRequest(services.table, keyed, importId));
  if (known !== undefined && known.importId !== importId) return resume(services, asked, known);
  return beginOrContinue(services, { ...wantedBy(asked, archives), importId }, runOf(services, asked));
}

async function resume(services: AcceptServices, asked: Asked, { importId, isSame }: KnownRequest): Promise<Started> {
  const { projectId } = asked.project;
  if (!isSame) {
    throw new ApiError('DLI.0001', 'Idempotency-Key was used for another request. Take another key for this one.');
  }
  const record = await readImport(services.table, services.blobs, projectId, importId);
  if (record !== undefined) return continueImport(services, record, runOf(services, asked));
  // Whoever claimed the key died before it wrote the record: nothing was imported.
  const archives = await findArchives(services.blobs, asked.project, asked.request.zip_file);
  return beginOrContinue(services, { ...wantedBy(asked, archives), importId }, runOf(services, asked));
}

const wantedBy = ({ project, request, requestedBy, respondAsync }: Asked, archives: SeenObject[]) => ({
  projectId: project.projectId,
  zipFile: request.zip_file,
  isCover: request.is_cover,
  origin: { requestedBy },
  archives,
  isQueued: respondAsync || isLarge(archives),
});

/** Whether an import is more than workers that are handed its archives directly end while its request waits. */
export function isLarge(archives: SeenObject[]): boolean {
  const bytes = archives.reduce((sum, { size }) => sum + size, 0);
  return archives.length > DIRECT_ARCHIVES || bytes > DIRECT_BYTES;
}

function runOf({ table, sendPlan, timeOut }: AcceptServices, { requestId, project, respondAsync }: Asked): Run {
  const { projectId, locations } = project;
  return {
    id: requestId,
    locations,
    isQueued: respondAsync,
    prepare: async (importId, isQueued) => {
      if (isQueued) await takeRoom(table, projectId, importId);
      // If its run dies the planner ends the import.
      const plan = { requestId, projectId, importId, run: requestId, underWay: [] };
      await sendPlan(plan, IMPORT_LOOK_AFTER_MS / 1_000, timeOut);
    },
  };
}
