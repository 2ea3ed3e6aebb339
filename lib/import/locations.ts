import { ApiError } from '../errors.ts';
import { INTERNAL_PREFIXES } from '../store/blobs.ts';
import type { Bucket } from '../store/objects.ts';
import type { Location } from '../store/projects.ts';
import type { ImportSource } from './object-path.ts';

/**
 * The bucket of a source, if one of the project's locations holds it. A location ends at a `/`, so `a/` never
 * opens `ab/`.
 * @param home the deployment's own bucket: what it keeps there for itself belongs to no location.
 * @throws ApiError DLI.0011, the same whether the source exists or not.
 */
export function openLocation(
  locations: Location[],
  { bucket, key }: Pick<ImportSource, 'bucket' | 'key'>,
  home: Bucket,
): Bucket {
  const location = locations.find((candidate) => candidate.bucket === bucket && key.startsWith(candidate.prefix));
  const isInternal = bucket === home.bucket && INTERNAL_PREFIXES.some((prefix) => key.startsWith(prefix));
  if (isInternal) throw new ApiError('DLI.0011', 'zip_file names a place that this service keeps for itself.');
  if (location === undefined) {
    const readable = locations.map((candidate) => `${candidate.bucket}/${candidate.prefix}`).join(', ');
    throw new ApiError(
      'DLI.0011',
      `zip_file names a location that this project may not read. It may read ${readable || 'none'}.`,
    );
  }
  return { bucket, owner: location.owner };
}
