import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { MANIFEST, writeManifest } from '../job/manifest.ts';
import type { ExportEntry } from './export-entry.ts';

/** The same for every entry: when an export was made must not show in its bytes. A ZIP has local time, and none before. */
const SAME = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };

/** A file of an export: a ZIP with the manifest and one entry a job. The same entries give the same bytes. */
export async function packFile(entries: readonly ExportEntry[]): Promise<Buffer> {
  const named = nameEntries(entries);
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(writeManifest(named)), MANIFEST, SAME);
  for (const { entry, bytes } of named) zip.addBuffer(bytes, entry, SAME);
  zip.end();
  return buffer(zip.outputStream);
}

/**
 * Names of entries: the job's name, and its id where that would be another's name but for case, or the manifest's.
 * No job's name has a dot, so that such a name is no other job's.
 */
function nameEntries(entries: readonly ExportEntry[]) {
  const taken = new Set(['manifest']);
  return entries.map(({ jobId, name, contentHash, bytes }) => {
    const alike = name.toLowerCase();
    const entry = taken.has(alike) ? `${name}.${jobId}.json` : `${name}.json`;
    taken.add(alike);
    return { entry, contentHash, bytes };
  });
}
