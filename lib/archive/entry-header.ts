import { ENTRY_BYTES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { entryKind } from './entry-name.ts';
import { checkFileType } from './file-type.ts';
import { inEntry } from './in-entry.ts';

export const STORED = 0;
const DEFLATED = 8;

/** Encrypted, strongly encrypted, headers masked. */
const ENCRYPTION_FLAGS = 0x0001 | 0x0040 | 0x2000;
const PATCH_FLAG = 0x0020;
/** The level of deflate, a descriptor, names in UTF-8. All others stand for nothing here, nor in the format. */
const PLAIN_FLAGS = 0x0002 | 0x0004 | 0x0008 | 0x0800;
/** 4.6: stored and deflated data need 4.5 at most, with ZIP64, and Info-ZIP passes over an entry that needs more than 4.6. */
const NEWEST_VERSION = 46;

/** Throws an `ApiError` unless the directory describes an entry that can be read here. */
export function checkCentralEntry(entry: CentralEntry): void {
  checkFileType(entry.name, entry.attributes);
  checkOneDisk(entry);
  checkVersion(entry.name, entry.versionNeeded);
  checkFlags(entry);
  checkMethod(entry);
  checkStoredSize(entry);
  checkEntrySize(entry);
  checkKind(entry);
}

function checkOneDisk({ name, disk }: CentralEntry): void {
  if (disk !== 0) throw refusal('archive.multi-disk', inEntry(name, 'its data in this file', 'it in another'));
}

function checkFlags({ name, flags }: CentralEntry): void {
  if ((flags & ENCRYPTION_FLAGS) !== 0) {
    throw refusal('archive.encrypted', inEntry(name, 'plain data', 'encryption'));
  }
  if ((flags & PATCH_FLAG) !== 0) throw refusal('archive.patch', inEntry(name, 'plain data', 'a patch of other data'));
  if ((flags & ~PLAIN_FLAGS) !== 0) throw refusal('archive.flags', inEntry(name, 'flags that are known', `${flags}`));
}

/** Throws an `ApiError` if a header says that its entry takes a reader of another age. The upper byte is a system. */
export function checkVersion(name: string, versionNeeded: number): void {
  const version = versionNeeded & 0xff;
  if (version <= NEWEST_VERSION) return;
  throw refusal('archive.version', inEntry(name, `version ${NEWEST_VERSION} at most to be needed`, `${version}`));
}

function checkMethod({ name, method }: CentralEntry): void {
  if (method === STORED || method === DEFLATED) return;
  throw refusal('archive.method', inEntry(name, 'compression method 0 (stored) or 8 (deflate)', `${method}`));
}

function checkStoredSize({ name, method, compressedSize, size }: CentralEntry): void {
  if (method !== STORED || compressedSize === size) return;
  throw refusal('archive.stored-size', inEntry(name, `${size} bytes of stored data`, `${compressedSize}`));
}

function checkEntrySize({ name, size }: CentralEntry): void {
  if (size <= ENTRY_BYTES) return;
  throw refusal('archive.entry-size', inEntry(name, `at most ${ENTRY_BYTES} bytes`, `${size}`));
}

function checkKind({ name, size }: CentralEntry): void {
  const kind = entryKind(name);
  if (kind === 'archive') throw refusal('archive.nested', inEntry(name, 'a file with jobs', 'another archive'));
  if (kind === 'foreign') throw refusal('archive.foreign-file', inEntry(name, '.json files only', 'another file'));
  if (kind === 'folder' && size > 0) {
    throw refusal('archive.folder-data', inEntry(name, 'a folder', `${size} bytes of data`));
  }
}
