import { type ArchiveEntry, readArchive } from '../lib/archive/read-archive.ts';

/** All files of an archive, which its reader gives one at a time. */
export async function readWhole(bytes: Buffer): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  for await (const entry of readArchive(bytes)) entries.push(entry);
  return entries;
}
