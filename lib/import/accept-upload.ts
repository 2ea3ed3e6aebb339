import { ApiError } from '../errors.ts';
import { takeImportId } from '../store/counters.ts';
import { readImport } from '../store/imports.ts';
import { readMetadata, type SeenObject } from '../store/objects.ts';
import { claimUpload, numberUpload } from '../store/uploads.ts';
import { type BeginServices, beginOrContinue, continueImport, type Run, type Started } from './begin-import.ts';

/** An archive that was uploaded: the version that an event told of. */
export type Upload = { projectId: string; archive: SeenObject; sequencer: string };

/**
 * Makes an upload an import: with the next number, or, if its event came before, the one that it has already. None if a
 * newer version of the archive is known, which is imported in its place, or if its import was cancelled.
 * @param run its locations hold the archive.
 * @throws ApiError DLI.0007 if the import is running.
 */
export async function acceptUpload(
  services: BeginServices,
  upload: Upload,
  run: Run,
): Promise<Started | 'superseded' | 'cancelled'> {
  const { table, blobs } = services;
  const { projectId } = upload;
  const importId = await importIdOf(services, upload);
  if (importId === undefined) return 'superseded';
  const record = await readImport(table, blobs, projectId, importId);
  if (record?.state === 'cancelled') return 'cancelled';
  return record ? continueImport(services, record, run) : beginUpload(services, upload, importId, run);
}

/** The number of an upload's import, given once. Undefined if a newer version is known. */
async function importIdOf(
  { table }: BeginServices,
  { projectId, archive, sequencer }: Upload,
): Promise<number | undefined> {
  const version = { projectId, key: archive.key, etag: archive.etag, sequencer };
  const claim = await claimUpload(table, version);
  if (!claim.isNewest) return undefined;
  if (claim.importId !== undefined) return claim.importId;
  const numbered = await numberUpload(table, version, await takeImportId(table, projectId));
  return numbered.isNewest ? numbered.importId : undefined;
}

/** What can be seen to fail is recorded as failed, at once: no worker is asked. */
async function beginUpload(
  services: BeginServices,
  { projectId, archive }: Upload,
  importId: number,
  run: Run,
): Promise<Started> {
  const { bucket, key, etag } = archive;
  const isCover = await readIsCover(services, archive);
  const accepted = {
    projectId,
    importId,
    zipFile: `${bucket}/${key}`,
    origin: { upload: { key, etag } },
    archives: [archive],
    isQueued: false,
  };
  if (!(isCover instanceof ApiError)) return beginOrContinue(services, { ...accepted, isCover }, run);
  const { code, message } = isCover;
  return beginOrContinue(services, { ...accepted, isCover: false, refusal: { refused: { code, message } } }, run);
}

/** What its maker says of an archive, or why it cannot be imported. */
async function readIsCover({ blobs }: BeginServices, archive: SeenObject): Promise<boolean | ApiError> {
  try {
    return isCoverOf(await readMetadata(blobs.s3, archive));
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** @throws ApiError DLI.0001 if it is neither true nor false: to guess could replace jobs, or not. */
function isCoverOf(metadata: Record<string, string>): boolean {
  const value = (metadata['is-cover'] ?? 'false').trim().toLowerCase();
  if (value === 'true' || value === 'false') return value === 'true';
  const found = `found ${value.length} characters that are neither`;
  throw new ApiError('DLI.0001', `The object's metadata is-cover takes true or false; ${found}. Upload it again.`);
}
