import { ENTRY_BYTES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import type { CentralEntry } from './directory.ts';
import { entryKind } from './entry-name.ts';
import { inEntry } from './in-entry.ts';

export const STORED = 0;
const DEFLATED = 8;

/** Encrypted, strongly encrypted, headers masked. */
const ENCRYPTION_FLAGS = 0x0001 | 0x0040 | 0x2000;
const PATCH_FLAG = 0x0020;

/** The part of a Unix mode that tells files, folders, links and devices apart; 0 where there is no mode. */
const FILE_TYPE = 0xf000;
const FOLDER_TYPE = 0x4000;
const ORDINARY_TYPES = [0, FOLDER_TYPE, 0x8000];
const DOS_LABEL = 0x08;
const DOS_FOLDER = 0x10;

/** Throws an `ApiError` unless the directory describes an entry that can be read here. */
export function checkCentralEntry(entry: CentralEntry): void {
  checkFileType(entry);
  checkOneDisk(entry);
  checkFlags(entry);
  checkMethod(entry);
  checkStoredSize(entry);
  checkEntrySize(entry);
  checkKind(entry);
}

function checkFileType({ name, attributes }: CentralEntry): void {
  const type = (attributes >>> 16) & FILE_TYPE;
  if (!ORDINARY_TYPES.includes(type) || (attributes & DOS_LABEL) !== 0) {
    throw refusal('archive.link', inEntry(name, 'an ordinary file', 'a link or a special file'));
  }
  const isFolder = type === FOLDER_TYPE || (attributes & DOS_FOLDER) !== 0;
  if (isFolder && !name.endsWith('/')) {
    throw refusal('archive.file-type', inEntry(name, 'a name that ends in / of what is a folder', 'another'));
  }
}

function checkOneDisk({ name, disk }: CentralEntry): void {
  if (disk !== 0) throw refusal('archive.multi-disk', inEntry(name, 'its data in this file', 'it in another'));
}

function checkFlags({ name, flags }: CentralEntry): void {
  if ((flags & ENCRYPTION_FLAGS) !== 0) {
    throw refusal('archive.encrypted', inEntry(name, 'plain data', 'encryption'));
  }
  if ((flags & PATCH_FLAG) !== 0) throw refusal('archive.patch', inEntry(name, 'plain data', 'a patch of other data'));
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
