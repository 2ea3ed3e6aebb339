import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Format } from 'esbuild';
import { buildOptions } from '../../local/bundle.ts';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import type { DeployedFunction } from '../../local/deployed-function.ts';
import { type Deployment, readDeployment } from '../../local/deployment.ts';
import { fieldsAt } from '../../local/shapes.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'node_modules/.cache/bench');

/** AWS clients of the SDK, by the names of their packages. */
export type Client = 'dynamodb' | 'lambda' | 's3' | 'sqs';
const CLIENTS: readonly Client[] = ['dynamodb', 'lambda', 's3', 'sqs'];

/** A file that was bundled as the deployment bundles functions, minified. */
export type Bundle = { name: string; file: string; bytes: number; clients: readonly Client[] };

/** What the deployment file says; where things are does not matter to bundles. */
export function readBenchDeployment(): Promise<Deployment> {
  const names = ['Table', 'Bucket', 'PlanQueue', 'ArchiveQueue', 'AWS::AccountId', 'AWS::Region', 'AWS::Partition'];
  const queues = [
    'UploadQueue',
    'UploadDeadLetters',
    'PlanQueue',
    'PlanDeadLetters',
    'ArchiveQueue',
    'ArchiveDeadLetters',
  ];
  const arns = queues.map((name) => [`${name}.Arn`, `arn:aws:sqs:r:0:${name}`]);
  return readDeployment({
    path: join(ROOT, 'serverless.yml'),
    values: { ...Object.fromEntries(names.map((name) => [name, name])), ...Object.fromEntries(arns) },
    overrides: { SECRET_KEYS: DEMO_SECRET_KEYS },
  });
}

/**
 * Bundles files with the options of the deployment.
 * @param format other than that of the deployment, to compare.
 */
export async function bundleAsDeployed(
  { bundling }: Pick<Deployment, 'bundling'>,
  files: Readonly<Record<string, string>>,
  format?: Format,
): Promise<Bundle[]> {
  const { banner, outExtension, ...options } = buildOptions(fieldsAt(bundling, 'custom.esbuild'));
  const isCommonJs = format === 'cjs';
  const extension = isCommonJs ? '.cjs' : outExtension['.js'];
  const outdir = join(FOLDER, format ?? 'deployed');
  const { metafile } = await build({
    ...options,
    ...(isCommonJs ? { format } : { banner }),
    outExtension: { '.js': extension },
    absWorkingDir: ROOT,
    entryPoints: files,
    outdir,
    metafile: true,
  });
  return Object.entries(metafile.outputs).flatMap(([path, { bytes, inputs, entryPoint }]) => {
    if (entryPoint === undefined) return [];
    const used = Object.keys(inputs);
    const clients = CLIENTS.filter((client) => used.some((input) => input.includes(`/@aws-sdk/client-${client}/`)));
    return { name: basename(path, extension), file: join(ROOT, path), bytes, clients };
  });
}

export const filesOf = (functions: readonly DeployedFunction[]): Record<string, string> =>
  Object.fromEntries(functions.map(({ key, file }) => [key, file]));

/** Writes a source beside the bundles that are made of it. @returns its file. */
export async function writeSource(name: string, text: string): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${name}.ts`);
  await writeFile(file, text);
  return file;
}
