import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { newProject, type ProjectClient, stack } from './client.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The blocks of code in a language, below a heading of docs/clients.md, as they are pasted. */
function snippets(heading: string, language: string): string[] {
  const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code = '']) =>
    found === language ? [code] : [],
  );
}

describe('what docs/clients.md says to paste', () => {
  let project: ProjectClient;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    project = await newProject();
    env = {
      ...process.env,
      ENDPOINT: stack.endpoint,
      PROJECT_ID: project.projectId,
      ACCESS_KEY: project.keys.access_key,
      SECRET_KEY: project.keys.secret_key,
      TOKEN: project.token,
      ZIP_FILE: await project.putJobs('jobs.zip', [{ name: 'a', job_id: 7 }]),
    };
  });

  const answerTo = async (program: string, ...args: string[]) =>
    JSON.parse((await run(program, args, { cwd: PROJECT, env })).stdout);

  test('imports, lists jobs and lists imports by curl', async () => {
    const commands = snippets('curl', 'sh');
    const answers = [];
    for (const command of commands) answers.push(await answerTo('bash', '-c', command));
    const job_mapping = [{ old_job_id: 7, new_job_id: 1, action: 'created' }];
    expect(answers).toMatchObject([
      { is_success: 'true', job_mapping },
      { is_success: 'true', job_list: { total_count: 1, jobs: [{ name: 'a', job_config: {} }] } },
      { is_success: 'true', imports: [{ import_id: 1, is_cover: true, state: 'finished' }] },
    ]);
  });

  test("imports by the core of the vendor's client, and again under the same key", async () => {
    const [, byCore = ''] = snippets('Node', 'js');
    const node = () => answerTo(process.execPath, '--input-type=module', '--eval', byCore);
    const first = await node();
    expect(first).toMatchObject({ httpStatusCode: 200, is_success: 'true', job_mapping: [{ old_job_id: 7 }] });
    expect(await node()).toEqual(first);
  });
});
