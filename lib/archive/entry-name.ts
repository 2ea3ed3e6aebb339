import { ENTRY_NAME_BYTES } from '../limits.ts';
import { type Reason, refusal } from '../refusals.ts';
import { inEntry, inEntryAt } from './in-entry.ts';

/** What an entry is by its name: only `json` is read, `noise` and `manifest` are passed over, the others refuse the archive. */
export type EntryKind = 'json' | 'folder' | 'archive' | 'noise' | 'manifest' | 'foreign';

const NOISE_FOLDER = '__MACOSX';
const NOISE_FILE = /^(?:\.DS_Store|thumbs\.db|desktop\.ini)$/i;
const JSON_FILE = /\.json$/i;
const ARCHIVE_FILE = /\.(?:zip|jar|war|ear|apk|tar|t?gz|t?bz2|t?xz|zst|7z|rar)$/i;
/** Reserved for our own exports, which will check it. */
const MANIFEST = 'manifest.json';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const DRIVE = /^[A-Za-z]:/;

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
  if (CONTROL.test(name)) throw refuse('archive.name-control', 'a name without control characters', 'one');
  if (name.includes('\\')) throw refuse('archive.name-backslash', 'a name with folders separated by /', 'a backslash');
  if (name.startsWith('/')) throw refuse('archive.name-absolute', 'a relative name', 'a leading /');
  if (DRIVE.test(name)) throw refuse('archive.name-drive', 'a relative name', 'a drive');
  if (name.split('/').includes('..')) throw refuse('archive.name-parent', 'a name within the archive', 'a segment ..');
}

/** Throws an `ApiError` if two names lead to the same place, or do so where case or the form of accents do not count. */
export function checkDistinctNames(names: readonly string[]): void {
  const seen = new Set<string>();
  const seenAlike = new Set<string>();
  for (const name of names) {
    const place = toSegments(name).join('/');
    const alike = fold(place);
    if (seen.has(place)) throw refusal('archive.name-duplicate', inEntry(name, 'each name once', 'it twice'));
    if (seenAlike.has(alike)) {
      const expected = 'names that differ in more than case and the form of accents';
      throw refusal('archive.name-alike', inEntry(name, expected, 'another like it'));
    }
    seen.add(place);
    seenAlike.add(alike);
  }
}

export function entryKind(name: string): EntryKind {
  if (name.endsWith('/')) return 'folder';
  const segments = toSegments(name);
  if (ARCHIVE_FILE.test(name)) return 'archive';
  if (segments.includes(NOISE_FOLDER)) return 'noise';
  if (NOISE_FILE.test(segments.at(-1) ?? '')) return 'noise';
  if (segments.join('/') === MANIFEST) return 'manifest';
  return JSON_FILE.test(name) ? 'json' : 'foreign';
}

function toSegments(name: string): string[] {
  return name.split('/').filter((segment) => segment !== '' && segment !== '.');
}

/** Upper case first: it takes letters together that have one capital, as both small sigmas, or none, as sharp s. */
function fold(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}
