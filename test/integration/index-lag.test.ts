import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, jobItem, type ProjectClient } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
});
afterAll(() => own.close());

/** Ways to ask for a job by its id, and whether it was found. */
const WAYS: [string, (project: ProjectClient, id: number) => Promise<Answer>, (answer: Answer) => boolean][] = [
  ['shown', (project, id) => project.send('GET', `${project.jobs}/${id}`), ({ json }) => json.job_detail?.name === 'a'],
  ['deleted', (project, id) => project.send('DELETE', `${project.jobs}/${id}`), ({ status }) => status === 200],
  [
    'deleted with others',
    (project, id) => project.send('POST', `${project.jobs}/delete`, JSON.stringify({ job_ids: [77, id] })),
    ({ json }) => json[0].is_success === 'false' && json[1].is_success === 'true',
  ],
];

/** What the index answers, in place of what it holds. */
const indexAnswer = (body: string) => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body,
});

async function withJob(): Promise<ProjectClient> {
  const project = await own.newProject();
  await project.import(await project.putJobs('x.zip', { name: 'a' }));
  return project;
}

describe('a job that the index does not show for a while', () => {
  test.each(WAYS)('is %s', async (_, ask, isFound) => {
    const project = await withJob();
    let looks = 0;
    own.hooks.table = ({ operation, body }) =>
      operation === 'Query' && body.includes('"N":"1"') && ++looks <= 3
        ? indexAnswer('{"Items":[],"Count":0}')
        : undefined;
    const answer = await ask(project, 1);
    own.hooks.table = undefined;
    expect(answer).toSatisfy(isFound);
    expect(looks).toBe(4);
  });
});

describe('a job that the index still shows after its end', () => {
  /** Deletes the job, and leaves the index as it was before; perhaps its name is another job's by now. */
  async function withStaleIndex(isNameReused: boolean): Promise<ProjectClient> {
    const project = await withJob();
    let shown = '';
    const remember = (body: Buffer) => {
      shown = body.toString();
      return body;
    };
    own.hooks.table = ({ operation }) => (operation === 'Query' ? { changeBody: remember } : undefined);
    await project.send('DELETE', `${project.jobs}/1`);
    own.hooks.table = undefined;
    if (isNameReused) await project.import(await project.putJobs('x.zip', { name: 'a' }));
    own.hooks.table = ({ operation, body }) =>
      operation === 'Query' && body.includes('"N":"1"') ? indexAnswer(shown) : undefined;
    expect(shown).toContain('"job_id":{"N":"1"}');
    return project;
  }

  test.each([false, true])('is none, also if another one has its name: %s', async (isNameReused) => {
    const project = await withStaleIndex(isNameReused);
    const answers = await Promise.all(WAYS.map(([, ask]) => ask(project, 1)));
    own.hooks.table = undefined;
    expect(answers.map(({ json }) => json.error_code ?? json[1].is_success)).toEqual([
      'DLI.16001',
      'DLI.16001',
      'false',
    ]);
    expect((await jobItem(project.projectId, 'a'))?.['job_id']).toBe(isNameReused ? 2 : undefined);
  });
});
