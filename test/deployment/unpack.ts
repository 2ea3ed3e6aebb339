import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Open } from 'unzipper';

/** Unpacks the packages of all functions, each into a folder of its own name. */
export async function unpackFunctions(packages: string, folder: string): Promise<void> {
  for (const name of (await readdir(packages)).filter((file) => file.endsWith('.zip'))) {
    const { files } = await Open.file(join(packages, name));
    for (const file of files) {
      const path = join(folder, name.replace(/\.zip$/, ''), file.path);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await file.buffer());
    }
  }
}
