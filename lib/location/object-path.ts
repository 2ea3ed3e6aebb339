import { ApiError } from '../errors.ts';
import { OBJECT_KEY_BYTES, OBJECT_PATH_CHARACTERS } from '../limits.ts';

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
  const { bucket, key } = parsePath(zipFile, ZIP_FILE, OBJECT_KEY_BYTES);
  if (!isArchivePath(zipFile) || key === '') return { kind: 'folder', ...asFolder(bucket, key) };
  return { kind: 'archive', bucket, key };
}

/**
 * Reads `obs_dir`, the path of a folder, in the forms of `zip_file`.
 * @param nameBytes of the names that objects get there.
 * @throws ApiError DLI.0001, which names the rule that the path breaks.
 */
export function parseFolderPath(obsDir: string, nameBytes: number): { bucket: string; key: string } {
  const { bucket, key } = parsePath(obsDir, OBS_DIR, OBJECT_KEY_BYTES - nameBytes - '/'.length);
  if (isArchivePath(obsDir) && key !== '') throw invalid(OBS_DIR, 'names an archive');
  return asFolder(bucket, key);
}

/** Whether an object is taken as an archive: by the end of its name, in any case. */
export const isArchivePath = (path: string): boolean => /\.zip$/i.test(path);

const asFolder = (bucket: string, key: string) => ({ bucket, key: key === '' ? '' : `${key}/` });

/** A field that holds a path, and what is expected there. */
type Field = { name: string; expected: string };

const ZIP_FILE = {
  name: 'zip_file',
  expected: 'the path of a ZIP or of a folder, as in bucket/dir/jobs.zip or bucket/dir',
};
const OBS_DIR = { name: 'obs_dir', expected: 'the path of a folder, as in bucket/dir' };

function parsePath(text: string, field: Field, keyBytes: number): { bucket: string; key: string } {
  if (text === '') throw invalid(field, 'is empty');
  if (text.length > OBJECT_PATH_CHARACTERS) {
    throw invalid(field, `has ${text.length} characters; at most ${OBJECT_PATH_CHARACTERS} are allowed`);
  }
  if (CONTROL_CHARACTER.test(text) || !text.isWellFormed()) {
    throw invalid(field, 'holds a control character or half a character');
  }
  if (WILDCARD.test(text)) throw invalid(field, 'holds a wildcard (* or ?)');

  const path = text.replace(SCHEME, '').replace(/^\//, '');
  const [bucket = '', ...segments] = path.replace(/\/$/, '').split('/');
  if (!BUCKET.test(bucket)) throw invalid(field, 'does not begin with the name of a bucket');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw invalid(field, 'holds an empty segment, "." or ".."');
  }
  const key = segments.join('/');
  if (Buffer.byteLength(key) > keyBytes) throw invalid(field, `names a key of more than ${keyBytes} bytes`);
  return { bucket, key };
}

function invalid({ name, expected }: Field, problem: string): ApiError {
  return new ApiError('DLI.0001', `${name} ${problem}. Expected ${expected}.`);
}
