import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { commandsOf } from '../commands.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string) => readFileSync(`${PROJECT}${file}`, 'utf8');

const CI = '.ci/run';
const START = 'test/local/start.test.ts';
const HERE = 'test/local/readme.test.ts';

/**
 * Each command of README.md, with the file that runs it and the words there that do. CI is the one that begins with
 * `.ci/run`. What takes minutes is run for a part of its work, or is asked for its help, for which all of it is loaded.
 */
const RUN_BY: Record<string, [file: string, words: string]> = {
  'npm ci': [CI, 'npm ci'],
  'npm test': [CI, 'npm ci && npm test'],
  'bash .ci/run': [CI, '#!/usr/bin/env bash'],
  // Its parts: the unit tests are a part of all tests.
  'npm run check': [CI, 'npm run lint\nnpm run types\n'],
  'npm start': [START, "spawn('npm', ['start', '--', '--port', '0'"],
  'npm start -- --help': [START, "['start', '--', '--help']"],
  'npm start -- path/to/jobs.zip': [START, "start(join(folder, 'large.zip'))"],
  'npm run project -- list': [START, "commandsOf('README.md')"],
  'npm run project -- add my-project --location flink-jobs/my-folder': [START, "commandsOf('README.md')"],
  'npm run openapi': [HERE, "typed('npm run openapi')"],
  'npm run round-trip': ['test/integration/round-trip.test.ts', "process.env['ROUND_TRIP_JOBS'] ?? 40"],
  'npx serverless package': ['test/deployment/global-setup.ts', "serverless('package', "],
  'npm run bench': [HERE, "typed('npm run bench -- signature')"],
  'npm run bench -- --help': [HERE, "typed('npm run bench -- --help')"],
  'npm run bench -- signature': [HERE, "typed('npm run bench -- signature')"],
  'npm run bench -- scale': [HERE, "typed('npm run bench -- --help')"],
  'npm run figures': ['test/integration/reliability.test.ts', 'line.sweep([rig]'],
};

describe('a command of README.md', () => {
  const commands = [...new Set(commandsOf('README.md'))];

  test('is run, each of them, and no other is listed here', () => {
    expect(commands.toSorted()).toEqual(Object.keys(RUN_BY).toSorted());
  });

  test.each(Object.entries(RUN_BY))('is run where it is said to be: %s', (_command, [file, words]) => {
    const text = read(file);
    // Not the list above.
    expect(file === HERE ? text.slice(text.lastIndexOf('const typed')) : text).toContain(words);
  });
});

test('the scripts that CI runs in parts, or for a part of their work, do what they are said to', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
  const ci = read(CI).split('\n');
  const config = read('vitest.config.ts');
  const parts = scripts['check']?.split(' && ') ?? [];
  const [tests = '', ...others] = parts.toReversed();
  expect(others.toSorted()).toEqual(['npm run lint', 'npm run types']);
  for (const part of others) expect(ci).toContain(part);
  expect(tests).toMatch(/^vitest run(?: --project \w+)+$/);
  const projects = [...tests.matchAll(/--project (\w+)/g)].map(([, name]) => name);
  expect(projects).toContain('unit');
  for (const name of projects) expect(config).toContain(`name: '${name}'`);

  const [, file = ''] =
    /^ROUND_TRIP_JOBS=\d+ vitest run --project integration (\S+)$/.exec(scripts['round-trip'] ?? '') ?? [];
  expect(file).toBe(RUN_BY['npm run round-trip']?.[0]);
  expect(read(file)).toContain('ROUND_TRIP_JOBS');
});

/** What a command prints, run as it is written. */
const typed = async (command: string) => (await promisify(execFile)('sh', ['-c', command], { cwd: PROJECT })).stdout;

test('docs/openapi.json is what the command writes that makes it', async () => {
  const before = read('docs/openapi.json');
  await typed('npm run openapi');
  expect(read('docs/openapi.json')).toBe(before);
});

test('a part of the measurements is measured, and printed', async () => {
  expect(await typed('npm run bench -- signature')).toMatch(/^ *sent as text +\d/m);
});

test('the measurements tell what they measure, when asked for help', async () => {
  const bench = await typed('npm run bench -- --help');
  for (const part of ['signature', 'scale']) expect(bench).toMatch(new RegExp(`^ {2}${part} `, 'm'));
  expect(await typed('npm run figures -- --help')).toContain('npm run figures -- [--seed N]');
});
