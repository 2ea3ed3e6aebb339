import { isUtf8 } from 'node:buffer';
import { ENTRY_NAME_BYTES } from '../limits.ts';
import { type Reason, refusal } from '../refusals.ts';
import { inEntry } from './in-entry.ts';

/** What an entry is by its name: only `json` is read, `foreign` refuses the archive, the others are passed over. */
export type EntryKind = 'json' | 'folder' | 'noise' | 'manifest' | 'foreign';

const NOISE_FOLDER = '__MACOSX';
const NOISE_FILE = /^(?:\.DS_Store|thumbs\.db|desktop\.ini)$/i;
const JSON_FILE = /\.json$/i;
/** Reserved for our own exports, which will check it. */
const MANIFEST = 'manifest.json';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;
const DRIVE = /^[A-Za-z]:/;

/** The text of a name. Throws an `ApiError` on an empty or long one, and on bytes that are not UTF-8. */
export function decodeName(raw: Buffer): string {
  if (raw.length === 0) throw refusal('archive.name-empty', 'Expected every entry to have a name, found one without');
  if (raw.length > ENTRY_NAME_BYTES) {
    const expected = `a name of at most ${ENTRY_NAME_BYTES} bytes`;
    throw refusal('archive.name-length', inEntry(raw.toString('latin1'), expected, `${raw.length}`));
  }
  if (!isUtf8(raw)) {
    throw refusal('archive.name-encoding', inEntry(raw.toString('latin1'), 'a name in UTF-8', 'bytes that are not'));
  }
  return raw.toString('utf8');
}

/** Throws an `ApiError` if a name could lead out of the folder that an archive is unpacked into, or deceive a reader. */
export function checkName(name: string): void {
  const refuse = (reason: Reason, expected: string, found: string) => refusal(reason, inEntry(name, expected, found));
  if (CONTROL.test(name)) throw refuse('archive.name-control', 'a name without control characters', 'one');
  if (name.includes('\\')) throw refuse('archive.name-backslash', 'folders separated by /', 'a backslash');
  if (name.startsWith('/')) throw refuse('archive.name-absolute', 'a relative name', 'an absolute one');
  if (DRIVE.test(name)) throw refuse('archive.name-drive', 'a relative name', 'a drive');
  if (name.split('/').includes('..')) throw refuse('archive.name-parent', 'a name within the archive', 'a segment ..');
}

/** Throws an `ApiError` if two names lead to the same place. */
export function checkDistinctNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const place = toSegments(name).join('/');
    if (seen.has(place)) throw refusal('archive.name-duplicate', inEntry(name, 'each name once', 'it twice'));
    seen.add(place);
  }
}

export function entryKind(name: string): EntryKind {
  if (name.endsWith('/')) return 'folder';
  const segments = toSegments(name);
  if (segments.includes(NOISE_FOLDER)) return 'noise';
  if (NOISE_FILE.test(segments.at(-1) ?? '')) return 'noise';
  if (segments.join('/') === MANIFEST) return 'manifest';
  return JSON_FILE.test(name) ? 'json' : 'foreign';
}

function toSegments(name: string): string[] {
  return name.split('/').filter((segment) => segment !== '' && segment !== '.');
}
