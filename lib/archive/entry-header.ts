import { ENTRY_BYTES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { checkName, entryKind } from './entry-name.ts';
import { inEntry } from './in-entry.ts';

export const STORED = 0;
const DEFLATED = 8;

/** Encrypted, strongly encrypted, headers masked. */
const ENCRYPTION_FLAGS = 0x0001 | 0x0040 | 0x2000;
const FILE_TYPE = 0xf000;
const ORDINARY_TYPES = [0, 0x4000, 0x8000];

/** Throws an `ApiError` unless the directory describes an entry that can be read here. */
export function checkCentralEntry(entry: CentralEntry): void {
  checkName(entry.name);
  checkFileType(entry);
  checkOneDisk(entry);
  checkEncryption(entry.name, entry.flags);
  checkMethod(entry);
  checkStoredSize(entry);
  checkEntrySize(entry);
  checkPlace(entry);
}

/** Throws an `ApiError` if a flag says that the entry is encrypted. */
export function checkEncryption(name: string, flags: number): void {
  if ((flags & ENCRYPTION_FLAGS) === 0) return;
  throw refusal('archive.encrypted', inEntry(name, 'plain data', 'encryption'));
}

function checkFileType({ name, mode }: CentralEntry): void {
  if (ORDINARY_TYPES.includes(mode & FILE_TYPE)) return;
  throw refusal('archive.link', inEntry(name, 'an ordinary file', 'a link or a special file'));
}

function checkOneDisk({ name, disk }: CentralEntry): void {
  if (disk !== 0) throw refusal('archive.multi-disk', inEntry(name, 'its data in this file', 'it in another'));
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

function checkPlace({ name, size }: CentralEntry): void {
  const kind = entryKind(name);
  if (kind === 'folder' && size > 0)
    throw refusal('archive.folder-data', inEntry(name, 'a folder', `${size} bytes of data`));
  if (kind === 'foreign') throw refusal('archive.foreign-file', inEntry(name, '.json files only', 'another file'));
}
