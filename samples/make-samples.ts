import { readdir, readFile, writeFile } from 'node:fs/promises';
import { zip } from '../test/zip.ts';

/** Packs each folder of `samples/jobs` into an archive beside it: `npm run samples`. */
const jobs = new URL('jobs/', import.meta.url);

for (const name of (await readdir(jobs)).sort()) {
  const folder = new URL(`${name}/`, jobs);
  const files = (await readdir(folder)).sort();
  const entries = await Promise.all(
    files.map(async (file) => ({ name: file, data: await readFile(new URL(file, folder)) })),
  );
  const archive = zip(entries);
  await writeFile(new URL(`${name}.zip`, import.meta.url), archive);
  console.log(`samples/${name}.zip: ${entries.length} entries, ${archive.length} bytes`);
}
