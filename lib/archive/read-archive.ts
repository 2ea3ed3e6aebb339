import { ARCHIVE_BYTES, ARCHIVE_INFLATED_BYTES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import { type CentralEntry, readDirectory } from './directory.ts';
import { findDirectory } from './end-record.ts';
import { readData } from './entry-data.ts';
import { checkCentralEntry } from './entry-header.ts';
import { checkDistinctNames, entryKind } from './entry-name.ts';
import { checkOverlaps, locateData } from './local-header.ts';

/** A `.json` file of an archive; of a stored entry `bytes` is a view of the archive. */
export type ArchiveEntry = { name: string; bytes: Buffer };

/**
 * The `.json` files of a ZIP archive, in the order of its directory. Folders, noise of desktop systems and the
 * manifest of an export are passed over, their data unread.
 *
 * Rejects with an `ApiError` on any defect in structure or integrity, any ambiguity, a hostile name, another file, and
 * on an archive without a `.json` file (`DLI.0018`), or on one over a limit (`DLI.0009`); the reason is `archive.*`.
 */
export async function readArchive(bytes: Buffer): Promise<ArchiveEntry[]> {
  checkArchiveSize(bytes.length);
  const place = findDirectory(bytes);
  const entries = await readDirectory(bytes, place);
  entries.forEach(checkCentralEntry);
  checkDistinctNames(entries.map(({ name }) => name));
  const located = entries.map((entry) => ({ entry, range: locateData(bytes, entry, place.offset) }));
  checkOverlaps(located.map(({ range }) => range));
  const documents = located.filter(({ entry }) => entryKind(entry.name) === 'json');
  checkDocuments(documents.map(({ entry }) => entry));
  return documents.map(({ entry, range }) => ({
    name: entry.name,
    bytes: readData(entry, bytes.subarray(range.dataStart, range.end)),
  }));
}

function checkArchiveSize(size: number): void {
  if (size > ARCHIVE_BYTES)
    throw refusal('archive.size', `Expected an archive of at most ${ARCHIVE_BYTES} bytes, found ${size}`);
}

function checkDocuments(documents: readonly CentralEntry[]): void {
  if (documents.length === 0) throw refusal('archive.empty', 'Expected a .json file in the archive, found none');
  const size = documents.reduce((sum, entry) => sum + entry.size, 0);
  if (size <= ARCHIVE_INFLATED_BYTES) return;
  throw refusal(
    'archive.inflated-size',
    `Expected .json files of at most ${ARCHIVE_INFLATED_BYTES} bytes in all, found ${size}`,
  );
}
