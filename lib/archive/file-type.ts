import { refusal } from '../refusals.ts';
import { inEntry } from './in-entry.ts';

/** The part of a Unix mode that tells files, folders, links and devices apart; 0 where there is no mode. */
const FILE_TYPE = 0xf000;
const FOLDER_TYPE = 0x4000;
const ORDINARY_TYPES = [0, FOLDER_TYPE, 0x8000];
/** The label of a disk, a device, and a reparse point, as which Windows keeps links: whatever host is named. */
const DOS_SPECIAL = 0x008 | 0x040 | 0x400;
const DOS_FOLDER = 0x10;

/**
 * Throws an `ApiError` if attributes tell of anything but an ordinary file, or a folder whose name ends in a slash.
 * @param attributes MS-DOS attributes below, the Unix file mode above; each 0 where the writer gave none.
 */
export function checkFileType(name: string, attributes: number): void {
  const type = (attributes >>> 16) & FILE_TYPE;
  if (!ORDINARY_TYPES.includes(type) || (attributes & DOS_SPECIAL) !== 0) throw notOrdinary(name);
  const isFolder = type === FOLDER_TYPE || (attributes & DOS_FOLDER) !== 0;
  if (isFolder && !name.endsWith('/')) {
    throw refusal('archive.file-type', inEntry(name, 'a name that ends in / of what is a folder', 'another'));
  }
}

export function notOrdinary(name: string) {
  return refusal('archive.link', inEntry(name, 'an ordinary file', 'a link or a special file'));
}
