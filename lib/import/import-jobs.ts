import { type Asked, acceptImport } from './accept-import.ts';
import { type ImportReply, importReply } from './answer.ts';
import { acceptInTime, carryOut, type ImportServices, refusalOf } from './carry-out.ts';

/** Who waits for an import. */
export type Listener = {
  /** Hears of the import's number as soon as it is known. */
  onAccepted: (importId: number) => void;
  /** Hears of faults that became rows of the answer. */
  onFault: (error: unknown) => void;
};

/**
 * Imports the archives that a request names: makes it an import, hands each archive to a worker, and joins what they
 * report into the answer.
 * @throws ApiError if the request cannot be carried out; then no job was written.
 */
export async function importJobs(
  services: ImportServices,
  asked: Asked,
  { onAccepted, onFault }: Listener,
): Promise<ImportReply> {
  const { requestId, receivedAt } = asked;
  const started = await acceptInTime(receivedAt, (timeOut) => acceptImport({ ...services, timeOut }, asked));
  onAccepted(started.importId);
  const carriedOut = await carryOut(services, started, { id: requestId, receivedAt, onFault });
  if (carriedOut.state === 'failed') throw refusalOf(carriedOut.results);
  return importReply({ projectId: started.projectId, importId: started.importId, ...carriedOut });
}
