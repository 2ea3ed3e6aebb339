import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { fieldsAt, listAt, textAt } from '../../local/shapes.ts';
import { unpackFunctions } from './unpack.ts';

/** What packages may bring along, by who asks for it. All but the first lists are asked for by those. */
const PACKAGES = [
  // package.json
  ...['@aws-lambda-powertools/logger', '@aws-lambda-powertools/metrics', '@aws-sdk/client-dynamodb'],
  ...['@aws-sdk/client-lambda', '@aws-sdk/client-s3', '@aws-sdk/client-sqs', '@aws-sdk/lib-dynamodb'],
  ...['@aws-sdk/util-dynamodb', '@middy/core', '@middy/http-json-body-parser', 'dynamodb-toolbox', 'p-map', 'unzipper'],
  ...['yazl', 'zod'],
  // Powertools and middy
  ...['@aws-lambda-powertools/commons', '@aws/lambda-invoke-store', '@middy/util'],
  // The clients of AWS
  ...['@aws-sdk/checksums', '@aws-sdk/core', '@aws-sdk/dynamodb-codec', '@aws-sdk/endpoint-cache'],
  ...['@aws-sdk/middleware-endpoint-discovery', '@aws-sdk/middleware-sdk-s3', '@aws-sdk/middleware-sdk-sqs'],
  ...['@aws-sdk/nested-clients', '@aws-sdk/signature-v4-multi-region', '@aws-sdk/token-providers'],
  ...['@aws-sdk/xml-builder', '@smithy/core', '@smithy/credential-provider-imds', '@smithy/node-http-handler'],
  ...['@smithy/signature-v4', '@smithy/types', 'mnemonist', 'obliterator'],
  ...['env', 'http', 'ini', 'login', 'node', 'process', 'sso', 'web-identity'].map(
    (from) => `@aws-sdk/credential-provider-${from}`,
  ),
  // unzipper and yazl
  ...['bluebird', 'buffer-crc32', 'core-util-is', 'duplexer2', 'fs-extra', 'graceful-fs', 'inherits', 'isarray'],
  ...['jsonfile', 'node-int64', 'process-nextick-args', 'readable-stream', 'safe-buffer', 'string_decoder'],
  ...['universalify', 'util-deprecate'],
];

/** Bytes of a module, minified: what a cold start reads and compiles. The workers', with unzipper in them, are the largest. */
const MODULE_BYTES = 1_200_000;
/** The same of a function that calls no service: the envelope, the logger, and what is answered. */
const SILENT_MODULE_BYTES = 100_000;
/** Bytes of a package: the module, and a map of its sources that is three times as large. */
const PACKAGE_BYTES = 2_500_000;

const packages = inject('packages').dev;
const functions = readdirSync(packages)
  .filter((name) => name.endsWith('.zip'))
  .map((name) => name.replace('.zip', ''));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unpacked-'));
  await unpackFunctions(packages, folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** Where a function's code came from: packages by their names, and folders of this project. */
function originsOf(functionKey: string): { packages: Set<string>; folders: Set<string> } {
  const map: unknown = JSON.parse(readFileSync(join(folder, functionKey, `functions/${functionKey}.mjs.map`), 'utf8'));
  const sources = listAt(fieldsAt(map, 'map')['sources'], 'sources').map((source) => textAt(source, 'sources'));
  const origins = { packages: new Set<string>(), folders: new Set<string>() };
  for (const source of sources) {
    const name = [...source.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].at(-1)?.[1];
    if (name === undefined) origins.folders.add(source.replace(/^(?:\.\.\/)+/, '').replace(/\/.*/, ''));
    else origins.packages.add(name);
  }
  return origins;
}

describe('the package', () => {
  test('is made for every function', () => {
    const files = readdirSync(new URL('../../functions/', import.meta.url));
    expect(functions.toSorted()).toEqual(files.map((name) => name.replace('.ts', '')).toSorted());
  });

  test.each(functions)(
    'of %s holds its module and a map of it, of a sane size, of listed packages only',
    (functionKey) => {
      expect(readdirSync(join(folder, functionKey))).toEqual(['functions']);
      const files = [`${functionKey}.mjs`, `${functionKey}.mjs.map`];
      expect(readdirSync(join(folder, functionKey, 'functions')).toSorted()).toEqual(files);
      expect(statSync(join(folder, functionKey, 'functions', `${functionKey}.mjs`)).size).toBeLessThan(MODULE_BYTES);
      expect(statSync(join(packages, `${functionKey}.zip`)).size).toBeLessThan(PACKAGE_BYTES);
      const { packages: found, folders } = originsOf(functionKey);
      expect([...found].filter((name) => !PACKAGES.includes(name))).toEqual([]);
      expect([...folders].filter((name) => !['functions', 'lib', 'docs'].includes(name))).toEqual([]);
    },
  );

  test.each(['show-openapi', 'unknown-route'])('of %s, which calls no service, holds no client', (functionKey) => {
    const { packages: found } = originsOf(functionKey);
    expect([...found].filter((name) => /^@(?:aws-sdk|smithy)\//.test(name))).toEqual([]);
    const { size } = statSync(join(folder, functionKey, 'functions', `${functionKey}.mjs`));
    expect(size).toBeLessThan(SILENT_MODULE_BYTES);
  });

  test('of one function or another holds each listed package, and each that is declared as needed at run time', () => {
    const found = new Set(functions.flatMap((functionKey) => [...originsOf(functionKey).packages]));
    expect(PACKAGES.filter((name) => !found.has(name))).toEqual([]);
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const declared = Object.entries(fieldsAt(fieldsAt(manifest, 'package.json')['dependencies'], 'dependencies'));
    expect(declared.map(([name]) => name)).toEqual(PACKAGES.slice(0, declared.length));
  });
});
