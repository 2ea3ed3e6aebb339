import { ENTRY_NAME_BYTES, NAME_MARKS } from '../limits.ts';
import { type Reason, refusal } from '../refusals.ts';
import { inEntryAt } from './in-entry.ts';

/** What an entry is by its name: only `json` and `manifest` are read, `noise` is passed over, the others refuse the archive. */
export type EntryKind = 'json' | 'folder' | 'archive' | 'noise' | 'manifest' | 'foreign';

const NOISE_FOLDER = /(?:^|\/)__MACOSX(?:\/|$)/;
const NOISE_FILE = /(?:^|\/)(?:\.DS_Store|thumbs\.db|desktop\.ini)$/i;
const JSON_FILE = /\.json$/i;
const ARCHIVE_FILE = /\.(?:zip|jar|war|ear|apk|tar|t?gz|t?bz2|t?xz|zst|7z|rar)$/i;
/** Reserved for our own exports. */
const MANIFEST = /^(?:\.?\/)*manifest\.json$/;

/** Controls, separators of lines, and what turns the direction of the text around it: they deceive who reads a name. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const DRIVE = /^[A-Za-z]:|\/[A-Za-z]:(?:\/|$)/;
/** Windows leaves out blanks and dots at the end of a segment. */
const PARENT = /^\.\.(?:[\s.]*\s)?$/u;
/** One too many in a row. From the first of a row on only, so that no mark is looked at twice. */
const MARKS = new RegExp(`(?<!\\p{M})\\p{M}{${NAME_MARKS + 1}}`, 'u');

/** Throws an `ApiError` if a header has no name or a long one. */
export function checkNameLength(place: number, length: number): void {
  if (length === 0) throw refusal('archive.name-empty', inEntryAt(place, 'a name', 'none'));
  if (length <= ENTRY_NAME_BYTES) return;
  throw refusal('archive.name-length', inEntryAt(place, `a name of at most ${ENTRY_NAME_BYTES} bytes`, `${length}`));
}

/** Throws an `ApiError` if a name could lead out of the folder that an archive is unpacked into, or deceive a reader. */
export function checkName(place: number, name: string): void {
  const refuse = (reason: Reason, expected: string, found: string) => {
    return refusal(reason, inEntryAt(place, expected, `${found}, in one of ${name.length} characters`));
  };
  if (CONTROL.test(name)) {
    throw refuse('archive.name-control', 'a name without characters that control lines or direction', 'one');
  }
  if (name.includes('\\')) throw refuse('archive.name-backslash', 'a name with folders separated by /', 'a backslash');
  if (name.startsWith('/')) throw refuse('archive.name-absolute', 'a relative name', 'a leading /');
  if (DRIVE.test(name)) throw refuse('archive.name-drive', 'a relative name', 'a drive');
  if (name.split('/').some((segment) => PARENT.test(segment))) {
    throw refuse('archive.name-parent', 'a name within the archive', 'a segment ..');
  }
  if (MARKS.test(name)) throw refuse('archive.name-marks', `at most ${NAME_MARKS} combining marks in a row`, 'more');
}

export function entryKind(name: string): EntryKind {
  if (name.endsWith('/')) return 'folder';
  if (ARCHIVE_FILE.test(name)) return 'archive';
  if (NOISE_FOLDER.test(name) || NOISE_FILE.test(name)) return 'noise';
  if (MANIFEST.test(name)) return 'manifest';
  return JSON_FILE.test(name) ? 'json' : 'foreign';
}

/** The parts of a name that lead somewhere. */
export function toSegments(name: string): string[] {
  return name.split('/').filter((segment) => segment !== '' && segment !== '.');
}
