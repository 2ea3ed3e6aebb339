import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The ZIPs that a path on disk names: itself, or those of a folder, by name. @throws if there is none. */
export async function findArchives(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new Error(`${path} does not exist. Expected a ZIP, or a folder of ZIPs.`);
  if (found.isFile()) return [path];
  const names = (await readdir(path)).filter((name) => /\.zip$/i.test(name)).sort();
  if (names.length === 0) throw new Error(`${path} holds no ZIP.`);
  return names.map((name) => join(path, name));
}
