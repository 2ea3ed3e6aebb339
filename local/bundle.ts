import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import type { DeployedFunction } from './deployed-function.ts';
import type { Deployment } from './deployment.ts';
import { type Fields, isFields, listAt, textAt } from './shapes.ts';

/** What bundles are made of, in the folder of the deployment file. */
const SOURCES = ['functions', 'lib', 'docs/openapi.json', 'package-lock.json', 'serverless.yml'];
/** Bundles that nobody started from for so long are removed when others are made. */
const KEPT_MILLISECONDS = 24 * 60 * 60_000;

/**
 * The functions as the package of the deployment holds them, only not minified: bundled with its options, once for each
 * state of their sources. They start in a third of the time that their sources take. Without options the sources run.
 */
export async function bundled({ directory, functions, bundling }: Deployment): Promise<readonly DeployedFunction[]> {
  if (bundling === undefined) return functions;
  const cache = join(directory, 'node_modules/.cache/functions');
  const folder = join(cache, await stateOf(directory));
  // What fails tells where, in lines that can be read.
  const options = { ...buildOptions(bundling), minify: false, sourcemap: false };
  if (!existsSync(folder)) {
    await removeOld(cache);
    await make(folder, functions, { ...options, absWorkingDir: directory });
  }
  const now = new Date();
  await utimes(folder, now, now);
  const extension = options.outExtension['.js'];
  const bundleOf = ({ file }: DeployedFunction) => join(folder, relative(directory, file).replace(/\.ts$/, extension));
  return functions.map((one) => ({ ...one, file: bundleOf(one) }));
}

/** Makes them aside first: another process may do the same, and whoever finds the folder finds it whole. */
async function make(folder: string, functions: readonly DeployedFunction[], options: BuildOptions): Promise<void> {
  const aside = `${folder}-${randomUUID()}`;
  try {
    const { metafile } = await build({
      ...options,
      entryPoints: functions.map(({ file }) => file),
      outdir: aside,
      outbase: options.absWorkingDir ?? '',
      metafile: true,
    });
    // What packages hold is told by the lock file.
    const known = ['node_modules', ...SOURCES];
    const unknown = Object.keys(metafile.inputs).find((file) => !known.some((source) => isIn(file, source)));
    if (unknown !== undefined) throw new Error(`a bundle holds ${unknown}, which is none of its sources: ${SOURCES}`);
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

const isIn = (file: string, source: string) => file === source || file.startsWith(`${source}/`);

/** How the package of the deployment is built, in the terms of esbuild: the packager has two of its own. */
export function buildOptions(bundling: Fields) {
  const { outputFileExtension, exclude, banner, mainFields, ...others } = bundling;
  const texts = (value: unknown, place: string) => listAt(value, place).map((text) => textAt(text, place));
  return {
    ...others,
    logLevel: 'silent' as const,
    outExtension: { '.js': textAt(outputFileExtension ?? '.js', 'custom.esbuild.outputFileExtension') },
    external: texts(exclude, 'custom.esbuild.exclude'),
    mainFields: texts(mainFields, 'custom.esbuild.mainFields'),
    banner: isFields(banner) ? { js: textAt(banner['js'], 'custom.esbuild.banner.js') } : {},
  };
}

/** A name for the state of the sources: another one whenever any file of them differs. */
async function stateOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(directory, source);
    for (const file of (await stat(path)).isDirectory() ? await filesBelow(path) : [path]) {
      const content = await readFile(file);
      hash.update(`${relative(directory, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

async function removeOld(cache: string): Promise<void> {
  const folders = existsSync(cache) ? await readdir(cache) : [];
  for (const folder of folders.map((name) => join(cache, name))) {
    // Another process may remove it, too.
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (mtimeMs < Date.now() - KEPT_MILLISECONDS) await rm(folder, { recursive: true, force: true });
  }
}
