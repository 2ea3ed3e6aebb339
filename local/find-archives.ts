import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** ZIPs on disk, and how many other files lay beside them in the folders that were named. */
export type FoundArchives = { files: string[]; others: number };

const isZip = (name: string) => /\.zip$/i.test(name);

/** The ZIPs that a path on disk names: itself, or those directly in a folder, by name. @throws if there is none. */
export async function findArchives(path: string): Promise<FoundArchives> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`${path} does not exist. Expected a ZIP, or a folder of ZIPs.`);
  if (found.isFile() && !isZip(path)) throw new Error(`${path} is no .zip. Expected a ZIP, or a folder of ZIPs.`);
  if (found.isFile()) return { files: [path], others: 0 };
  const names = await readdir(path, { withFileTypes: true });
  const zips = names
    .filter((entry) => isZip(entry.name) && !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (zips.length === 0) throw new Error(`${path} holds no ZIP.`);
  return { files: zips.map((name) => join(path, name)), others: names.length - zips.length };
}
