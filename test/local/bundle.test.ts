import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundled } from '../../local/bundle.ts';
import { FunctionReader } from '../../local/deployed-function.ts';
import type { Deployment } from '../../local/deployment.ts';
import { References } from '../../local/references.ts';

const BUNDLING = { bundle: true, platform: 'node', format: 'esm', outputFileExtension: '.mjs', exclude: ['yaml'] };

let directory: string;
let cache: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bundles-'));
  cache = join(directory, 'node_modules/.cache/functions');
  for (const folder of ['docs', 'functions', 'lib', 'node_modules', 'other']) await mkdir(join(directory, folder));
  write('package-lock.json', '{}');
  write('serverless.yml', '');
  write('docs/openapi.json', '{}');
  write('lib/word.ts', "export const word: string = 'first';\n");
  write('functions/say.ts', "import { word } from '../lib/word.ts';\nexport const handler = () => word;\n");
});
afterAll(() => rmSync(directory, { recursive: true }));

const write = (file: string, text: string) => writeFileSync(join(directory, file), text);

function deployment(bundling: Deployment['bundling'] = BUNDLING): Deployment {
  const document = { service: 's', provider: {} };
  const reader = new FunctionReader(document, new References(document, {}), {}, directory);
  const functions = [reader.function('say', { handler: 'functions/say.handler' })];
  return {
    directory,
    bundling,
    functions,
    table: { KeySchema: [], AttributeDefinitions: [] },
    queues: [],
    notifications: [],
  };
}

async function fileOf(bundling?: Deployment['bundling']): Promise<string> {
  const [say] = await bundled(deployment(bundling));
  return say?.file ?? '';
}

const said = async (file: string) => (await import(pathToFileURL(file).href)).handler();

describe('the bundle of a function', () => {
  test('is made once for a state of its sources, and anew for another', async () => {
    const first = await fileOf();
    expect(await said(first)).toBe('first');
    expect(await fileOf()).toBe(first);
    write('lib/word.ts', "export const word: string = 'second';\n");
    const second = await fileOf();
    expect(second).not.toBe(first);
    expect(await said(second)).toBe('second');
    // A stack that began with the first one may still start containers.
    expect(await said(`${first}?again`)).toBe('first');
  });

  test('is made once, however many ask for it at a time', async () => {
    write('lib/word.ts', "export const word: string = 'third';\n");
    const files = await Promise.all([fileOf(), fileOf(), fileOf()]);
    expect(new Set(files).size).toBe(1);
    expect(await said(files[0] ?? '')).toBe('third');
    expect(readdirSync(cache).filter((name) => name.length > 32)).toEqual([]);
  });

  test('holds nothing by whose change it would not be made anew', async () => {
    write('other/word.ts', "export const word: string = 'other';\n");
    write('lib/word.ts', "export { word } from '../other/word.ts';\n");
    const before = readdirSync(cache);
    await expect(fileOf()).rejects.toThrow(
      'a bundle holds other/word.ts, which is none of its sources: functions,lib,',
    );
    expect(readdirSync(cache)).toEqual(before);
    write('lib/word.ts', "export const word: string = 'fourth';\n");
  });

  test('is removed a day after it was used last, when others are made', async () => {
    const old = dirname(dirname(await fileOf()));
    const aDayAgo = new Date(Date.now() - 25 * 60 * 60_000);
    utimesSync(old, aDayAgo, aDayAgo);
    // Used again.
    await fileOf();
    write('package-lock.json', '{"changed":1}');
    await fileOf();
    expect(readdirSync(cache)).toContain(old.slice(cache.length + 1));
    utimesSync(old, aDayAgo, aDayAgo);
    write('package-lock.json', '{"changed":2}');
    await fileOf();
    expect(readdirSync(cache)).not.toContain(old.slice(cache.length + 1));
  });

  test('is not there if its sources are broken, which is told, nor is one if nothing is to be bundled', async () => {
    write('lib/word.ts', 'export const word = ;\n');
    const before = readdirSync(cache);
    await expect(fileOf()).rejects.toThrow(/word\.ts:1:20: ERROR: Unexpected ";"/);
    expect(readdirSync(cache)).toEqual(before);
    const [say] = await bundled({ ...deployment(), bundling: undefined });
    expect(say?.file).toBe(join(directory, 'functions/say.ts'));
  });
});
