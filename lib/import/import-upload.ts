import { ApiError } from '../errors.ts';
import { countActions } from '../job/outcome.ts';
import { IMPORT_ANSWER_MS } from '../limits.ts';
import { isArchivePath } from '../location/object-path.ts';
import { escapeName } from '../quote-name.ts';
import { type Blobs, UPLOADS } from '../store/blobs.ts';
import type { CreatedObject } from '../store/objects.ts';
import { readProject } from '../store/projects.ts';
import { acceptUpload, type Upload } from './accept-upload.ts';
import { importAnswer } from './answer.ts';
import { acceptInTime, type CarriedOut, carryOut, type ImportServices, refusalOf } from './carry-out.ts';

/** What came of an upload, for the log. `again`: nothing that would stay so; its event is to be delivered once more. */
export type UploadEnd = { project_id?: string; import_id?: number } & (
  | { outcome: 'imported' | 'failed'; jobs: Record<string, number>; error_code?: string; remark?: string }
  | { outcome: 'ignored' | 'superseded' | 'repeated' | 'cancelled' | 'again'; remark: string }
);

/** One delivery of an upload's event. */
export type Delivery = {
  /** Unlike that of any other. */
  id: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** Hears of faults that became outcomes. */
  onFault: (error: unknown) => void;
};

/** Imports an archive that was uploaded, once, and never after a newer version of it. Every failure is an outcome. */
export async function importUpload(
  services: ImportServices,
  object: CreatedObject,
  delivery: Delivery,
): Promise<UploadEnd> {
  const upload = toUpload(services.blobs.home, object);
  if (typeof upload === 'string') return { outcome: 'ignored', remark: upload };
  const project_id = escapeName(upload.projectId);
  try {
    return { project_id, ...(await importNew(services, upload, delivery)) };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'DLI.0007')
      return { project_id, outcome: 'again', remark: 'it is being imported' };
    delivery.onFault(error);
    return { project_id, outcome: 'again', remark: 'a fault of this service; see the log' };
  }
}

/** The archive that an event is about, or why it is about none. */
function toUpload(home: Blobs['home'], { sequencer, ...object }: CreatedObject): Upload | string {
  const [, projectId = '', ...rest] = object.key.split('/');
  if (object.bucket !== home.bucket) return 'it lies in another bucket';
  if (!object.key.startsWith(UPLOADS) || rest.length === 0) return `it does not lie below ${UPLOADS}{project_id}/`;
  if (!isArchivePath(object.key)) return 'its name does not end in .zip';
  if (object.size === 0) return 'it is empty';
  return { projectId, archive: { ...object, owner: home.owner }, sequencer };
}

async function importNew(services: ImportServices, upload: Upload, delivery: Delivery): Promise<UploadEnd> {
  const { projectId, archive } = upload;
  const { id, receivedAt } = delivery;
  const started = await acceptInTime(receivedAt, async (timeOut, onNote) => {
    if ((await readProject(services.table, projectId)) === undefined) return 'unknown';
    const location = { bucket: archive.bucket, owner: archive.owner, prefix: `${UPLOADS}${projectId}/`, write: false };
    // The queue of uploads brings it again, whoever dies.
    const run = { id, locations: [location], isQueued: false, prepare: async () => undefined };
    return acceptUpload({ ...services, timeOut, onNote }, upload, run);
  });
  if (started === 'unknown') return { outcome: 'ignored', remark: 'there is no such project' };
  if (started === 'superseded') return { outcome: 'superseded', remark: 'a newer version of it is known' };
  if (started === 'cancelled') return { outcome: 'cancelled', remark: 'its import was cancelled' };
  const { importId: import_id } = started;
  if (started.isConcluded) return { outcome: 'repeated', import_id, remark: 'its import has ended' };
  return { import_id, ...toEnd(await carryOut(services, started, delivery)) };
}

function toEnd(carriedOut: CarriedOut): UploadEnd {
  const { state, entries, results } = carriedOut;
  const jobs = countActions(entries);
  const { is_success: isSuccess, message: remark } = importAnswer(carriedOut);
  switch (state) {
    case 'failed': {
      const { code, message } = refusalOf(results);
      return { outcome: 'failed', jobs: {}, error_code: code, remark: message };
    }
    case 'finished':
      return { outcome: 'imported', jobs, ...(isSuccess === 'false' && { remark }) };
    case 'cancelled':
      return { outcome: 'cancelled', remark };
    case 'queued':
    case 'running':
      return { outcome: 'again', remark: `it is being imported, for longer than ${IMPORT_ANSWER_MS / 1000} s` };
    case 'interrupted':
      return { outcome: 'again', remark };
  }
}
