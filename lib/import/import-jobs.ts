import { IMPORT_BEGIN_MS, IMPORT_CONCLUDE_MS } from '../limits.ts';
import { queueImport } from '../store/import-states.ts';
import { type Asked, acceptImport } from './accept-import.ts';
import { type ImportReply, importReply } from './answer.ts';
import type { Started } from './begin-import.ts';
import { acceptInTime, carryOut, type ImportServices, type Open, refusalOf, untilAfter } from './carry-out.ts';
import { importByQueue, type QueueServices, waitForQueue } from './import-by-queue.ts';
import { isDone } from './import-state.ts';
import { keepRoom } from './queue-room.ts';
import { within } from './within.ts';

/** Who waits for an import. */
export type Listener = {
  /** Hears of the import's number as soon as it is known. */
  onAccepted: (importId: number) => void;
  /** Hears of faults that became rows of the answer. */
  onFault: (error: unknown) => void;
};

export type RequestServices = ImportServices & QueueServices;

/**
 * Imports the archives that a request names: makes it an import, has each archive handed to a worker, and joins what they
 * report into the answer. What is not done by the time of the answer goes on by itself.
 * @throws ApiError if the request cannot be carried out; then no job was written.
 */
export async function importJobs(
  services: RequestServices,
  asked: Asked,
  { onAccepted, onFault }: Listener,
): Promise<ImportReply> {
  const { receivedAt } = asked;
  const started = await acceptInTime(receivedAt, (timeOut, onNote) =>
    acceptImport({ ...services, timeOut, onNote }, asked),
  );
  onAccepted(started.importId);
  return started.isQueued
    ? importByQueue(services, asked, started, onFault)
    : importDirectly(services, asked, started, onFault);
}

async function importDirectly(
  services: RequestServices,
  { requestId, receivedAt }: Asked,
  started: Started,
  onFault: (error: unknown) => void,
): Promise<ImportReply> {
  const handOver = async ({ begun, underWay }: Open) => {
    const { projectId, importId, run } = started;
    const timeOut = untilAfter(receivedAt, IMPORT_CONCLUDE_MS);
    if (!(await within(queueImport(services.table, started, begun), timeOut))) return false;
    await within(keepRoom(services.table, projectId, importId), timeOut);
    await services.sendPlan({ requestId, projectId, importId, run, underWay }, 0, timeOut);
    return true;
  };
  const { isHandedOver, ...carriedOut } = await carryOut(services, started, {
    id: requestId,
    receivedAt,
    onFault,
    handOver,
  });
  // There were too few workers: now the queue finds them.
  const done = carriedOut.results.filter(isDone).length;
  if (isHandedOver && Date.now() < receivedAt + IMPORT_BEGIN_MS)
    return waitForQueue(services, { receivedAt, onFault, done }, started);
  if (carriedOut.state === 'failed') throw refusalOf(carriedOut.results);
  return importReply({ projectId: started.projectId, importId: started.importId, ...carriedOut });
}
