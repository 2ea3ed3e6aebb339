import { ARCHIVE_BYTES, ARCHIVE_INFLATED_BYTES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import { type CentralEntry, readDirectory } from './directory.ts';
import { checkDistinctNames } from './distinct-names.ts';
import { findDirectory } from './end-record.ts';
import { readData } from './entry-data.ts';
import { checkCentralEntry } from './entry-header.ts';
import { entryKind } from './entry-name.ts';
import { checkLayout } from './layout.ts';
import { locateData } from './local-header.ts';

/** A file of an archive with jobs, or its manifest; of a stored entry `bytes` is a view of the archive. */
export type ArchiveEntry = { name: string; kind: 'json' | 'manifest'; bytes: Buffer };

/**
 * The `.json` files of a ZIP archive, in the order of its directory, inflated one at a time. Folders and noise of desktop
 * systems are checked and passed over.
 *
 * Rejects with an `ApiError` on any defect in structure or integrity, any ambiguity, a hostile name, another file, and
 * on an archive without a `.json` file, or over a limit; the reason is `archive.*`. The structure of the whole archive is
 * sound, and its sizes are within the limits, before the first file is given; the data of the others may yet be damaged.
 */
export async function* readArchive(bytes: Buffer): AsyncGenerator<ArchiveEntry> {
  checkArchiveSize(bytes.length);
  const place = findDirectory(bytes);
  const entries = await readDirectory(bytes, place);
  entries.forEach(checkCentralEntry);
  checkDistinctNames(entries);
  const located = entries.map((entry) => locateData(bytes, entry, place.offset));
  checkLayout(bytes, located, place.offset);
  checkContent(entries);
  for (const entry of located) {
    const content = readData(entry, bytes.subarray(entry.dataStart, entry.end));
    const kind = entryKind(entry.name);
    if (kind === 'json' || kind === 'manifest') yield { name: entry.name, kind, bytes: content };
  }
}

function checkArchiveSize(size: number): void {
  if (size <= ARCHIVE_BYTES) return;
  throw refusal('archive.size', `Expected an archive of at most ${ARCHIVE_BYTES} bytes, found ${size}`);
}

function checkContent(entries: readonly CentralEntry[]): void {
  if (!entries.some(({ name }) => entryKind(name) === 'json')) {
    throw refusal('archive.empty', 'Expected a .json file in the archive, found none');
  }
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (size <= ARCHIVE_INFLATED_BYTES) return;
  const expected = `entries of at most ${ARCHIVE_INFLATED_BYTES} bytes in all`;
  throw refusal('archive.inflated-size', `Expected ${expected}, found ${size}`);
}
