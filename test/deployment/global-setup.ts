import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { fieldsAt } from '../../local/shapes.ts';

/** Buckets beside the deployment's own that the packages of `dev` were made for. */
export const LOCATION_BUCKETS = ['first-bucket', 'second-bucket'];
/** The topic that the packages of `prod` were made for. */
export const ALARM_TOPIC = 'arn:aws:sns:eu-west-1:000000000000:alarms';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folders of what `serverless package` made, by stage. */
    packages: { dev: string; prod: string };
  }
}

/** Packages the deployment, without an account: for `dev` with more buckets, and for `prod` with a topic for alarms. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'packages-'));
  // One after the other: both bundle in the same folder.
  const packages = {
    dev: await packageStage(folder, 'dev', { locationBuckets: `${LOCATION_BUCKETS.join(', ')},` }),
    prod: await packageStage(folder, 'prod', { alarmTopic: ALARM_TOPIC }),
  };
  project.provide('packages', packages);
  return () => rmSync(folder, { recursive: true });
}

async function packageStage(parent: string, stage: string, params: Record<string, string>): Promise<string> {
  const folder = join(parent, stage);
  const given = Object.entries(params).map(([name, value]) => `--param=${name}=${value}`);
  await serverless('package', '--package', folder, '--stage', stage, ...given);
  return folder;
}

/** Runs the tool as its script does, with no variable of an account. @throws with what it printed, if it fails. */
export async function serverless(...args: string[]): Promise<void> {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir() };
  const program = join(root, 'node_modules/serverless/bin/serverless.js');
  const run = promisify(execFile)(process.execPath, [program, ...args], { cwd: root, env });
  await run.catch((error: unknown) => {
    const { stdout, stderr } = fieldsAt(error, 'the failure');
    throw new Error(`serverless ${args.join(' ')}: ${stdout}${stderr}`, { cause: error });
  });
}
