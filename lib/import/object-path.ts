import { ApiError } from '../errors.ts';
import { OBJECT_KEY_BYTES, ZIP_FILE_CHARACTERS } from '../limits.ts';

/** Where an import reads: one archive, or all archives below a folder, whose key then ends in `/` or is empty. */
export type ImportSource = { kind: 'archive' | 'folder'; bucket: string; key: string };

const SCHEME = /^(?:obs|s3):\/\//i;
/** Source: the naming rules of S3 buckets. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const CONTROL_CHARACTER = /\p{Cc}/u;
const WILDCARD = /[*?]/;

/**
 * Reads `zip_file`: `bucket/dir/x.zip` for one archive (any case of `.zip`), `bucket/dir` for a folder. A leading
 * `obs://`, `s3://` or `/` and a trailing `/` are taken. The path is an object's name as it is: nothing is decoded.
 * @throws ApiError DLI.0001, which names the rule that the path breaks.
 */
export function parseObjectPath(zipFile: string): ImportSource {
  if (zipFile === '') throw invalid('is empty');
  if (zipFile.length > ZIP_FILE_CHARACTERS) {
    throw invalid(`has ${zipFile.length} characters; at most ${ZIP_FILE_CHARACTERS} are allowed`);
  }
  if (CONTROL_CHARACTER.test(zipFile) || !zipFile.isWellFormed()) {
    throw invalid('holds a control character or half a character');
  }
  if (WILDCARD.test(zipFile)) throw invalid('holds a wildcard (* or ?); name one archive, or a folder of them');

  const path = zipFile.replace(SCHEME, '').replace(/^\//, '');
  const isArchive = isArchivePath(path);
  const [bucket = '', ...segments] = path.replace(/\/$/, '').split('/');
  if (!BUCKET.test(bucket)) throw invalid('does not begin with the name of a bucket');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw invalid('holds an empty segment, "." or ".."');
  }
  const key = segments.join('/');
  if (Buffer.byteLength(key) > OBJECT_KEY_BYTES) throw invalid(`names a key of more than ${OBJECT_KEY_BYTES} bytes`);
  if (!isArchive || key === '') return { kind: 'folder', bucket, key: key === '' ? '' : `${key}/` };
  return { kind: 'archive', bucket, key };
}

/** Whether an object is taken as an archive: by the end of its name, in any case. */
export const isArchivePath = (path: string): boolean => /\.zip$/i.test(path);

function invalid(problem: string): ApiError {
  return new ApiError(
    'DLI.0001',
    `zip_file ${problem}. Expected the path of a ZIP or of a folder, as in bucket/dir/jobs.zip or bucket/dir.`,
  );
}
