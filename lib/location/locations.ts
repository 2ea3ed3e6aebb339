import { ApiError } from '../errors.ts';
import { INTERNAL_PREFIXES, UPLOADS } from '../store/blobs.ts';
import type { Bucket } from '../store/objects.ts';
import type { Location } from '../store/projects.ts';

/** A key, or what the keys of a folder begin with: then it ends in `/` or is empty. */
type Place = { bucket: string; key: string };

/**
 * The bucket of a source, if one of the project's locations holds it. A location ends at a `/`, so `a/` never
 * opens `ab/`.
 * @param home the deployment's own bucket: what it keeps there for itself belongs to no location.
 * @throws ApiError DLI.0011, the same whether the source exists or not.
 */
export function openLocation(locations: Location[], source: Place, home: Bucket): Bucket {
  return open(locations, source, home, { field: 'zip_file', verb: 'read' });
}

/**
 * The bucket of a folder that exports go to, if one of the project's locations that may be written holds it.
 * @throws ApiError DLI.0011, the same whether the folder exists or not; also below `uploads/` of the deployment's
 * bucket, where an export would import itself.
 */
export function openExportFolder(locations: Location[], folder: Place, home: Bucket): Bucket {
  if (folder.bucket === home.bucket && folder.key.startsWith(UPLOADS)) {
    throw new ApiError(
      'DLI.0011',
      `obs_dir lies below ${UPLOADS}, where every archive is imported by itself. Export to another folder.`,
    );
  }
  const writable = locations.filter(({ write }) => write);
  return open(writable, folder, home, { field: 'obs_dir', verb: 'write' });
}

type Use = { field: 'zip_file' | 'obs_dir'; verb: 'read' | 'write' };

function open(locations: Location[], { bucket, key }: Place, home: Bucket, { field, verb }: Use): Bucket {
  const location = locations.find((candidate) => candidate.bucket === bucket && key.startsWith(candidate.prefix));
  const isInternal = bucket === home.bucket && INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix));
  if (isInternal) throw new ApiError('DLI.0011', `${field} names a place that this service keeps for itself.`);
  if (location === undefined) {
    const usable = locations.map((candidate) => `${candidate.bucket}/${candidate.prefix}`).join(', ');
    throw new ApiError(
      'DLI.0011',
      `${field} names a location that this project may not ${verb}. It may ${verb} ${usable || 'none'}.`,
    );
  }
  return { bucket, owner: location.owner };
}
