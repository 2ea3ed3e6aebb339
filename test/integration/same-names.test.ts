import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { type ProjectClient, stack } from './client.ts';
import { type OwnStack, startOwnStack } from './own-stack.ts';

type Job = { name: string; desc: string };
type Row = { action: string; job_name: string; new_job_id: number; remark: string };

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack();
});
afterAll(() => own.close());

const folderOf = (project: ProjectClient, folder: string) => `${stack.bucket}/${project.projectId}/${folder}`;

/** Archives `0.zip`, `1.zip`, … of one document each. */
async function putFolder(project: ProjectClient, folder: string, archives: Job[][]) {
  await Promise.all(
    archives.map((jobs, n) =>
      project.put(`${folder}/${n}.zip`, zip([{ name: 'jobs.json', data: JSON.stringify(jobs) }])),
    ),
  );
}

/** Every read of an archive takes another while: the workers finish in another order each time. */
function shuffleWorkers(random: Random, longestMs: number) {
  own.hooks.s3 = ({ operation }) => (operation === 'GET object' ? { delayMs: random.below(longestMs) } : undefined);
}

/** What is in the table: the description of each name, and its id. */
async function tableOf(project: ProjectClient): Promise<Map<string, { desc: string; id: number }>> {
  const { jobs } = (await project.send('GET', `${project.jobs}?limit=100`)).json.job_list;
  return new Map(jobs.map((job: Job & { job_id: number }) => [job.name, { desc: job.desc, id: job.job_id }]));
}

/** Ids as the names of the jobs that have them: numbers depend on who was faster, nothing else may. */
async function withoutNumbers(project: ProjectClient, rows: Row[]) {
  const names = new Map([...(await tableOf(project))].map(([name, { id }]) => [id, name]));
  const neutral = (text: string) => text.replaceAll(project.projectId, 'project');
  return rows.map((row) =>
    JSON.parse(neutral(JSON.stringify({ ...row, new_job_id: names.get(row.new_job_id) ?? row.new_job_id }))),
  );
}

/** The workers of a folder end in so many orders. On the real table, whose every call takes longer, in some. */
const ORDERS = stack.isEmbedded ? 10 : 3;
const FOLDERS = stack.isEmbedded ? 8 : 2;
const COVERS = stack.isEmbedded ? 4 : 2;

describe.each([false, true])('with is_cover %s', (isCover) => {
  test(`three exports of the same jobs give the same answer in ${ORDERS} orders of their workers`, async () => {
    const random = new Random(isCover ? 1 : 2);
    const exports = ['1', '2', '1'].map((desc) => ['a', 'b', 'c'].map((name) => ({ name, desc })));
    const answers: unknown[] = [];
    for (let run = 0; run < ORDERS; run++) {
      const project = await own.newProject();
      await putFolder(project, 'exports', exports);
      shuffleWorkers(random, 40);
      const { json } = await project.import(folderOf(project, 'exports'), { is_cover: isCover });
      answers.push({ ...json, job_mapping: await withoutNumbers(project, json.job_mapping) });
      expect([...(await tableOf(project)).values()].map(({ desc }) => desc)).toEqual(['1', '1', '1']);
    }
    expect(answers[0]).toMatchObject({ is_success: 'true', message: 'The job is imported successfully.' });
    expect(answers).toEqual(Array(ORDERS).fill(answers[0]));
  });

  test('random folders come out as a model of the rules says, the answer and the table', async () => {
    const random = new Random(isCover ? 3 : 4);
    for (let run = 0; run < FOLDERS; run++) {
      const project = await own.newProject();
      const table = new Map<string, string>();
      for (const folder of ['first', 'second', 'third']) {
        const archives = randomArchives(random);
        await putFolder(project, folder, archives);
        shuffleWorkers(random, 20);
        const { json } = await project.import(folderOf(project, folder), { is_cover: isCover });
        const expected = model(table, archives.flat(), isCover);
        const found = await tableOf(project);
        expect(new Map([...found].map(([name, { desc }]) => [name, desc]))).toEqual(table);
        const ids = expected.map(({ name, hasId }) => (hasId ? found.get(name)?.id : -1));
        expect(json.job_mapping.map((row: Row) => [row.job_name, row.action, row.new_job_id])).toEqual(
          expected.map(({ name, action }, n) => [name, action, ids[n]]),
        );
      }
    }
  });
});

function randomArchives(random: Random): Job[][] {
  const job = () => ({ name: ['a', 'b', 'c'][random.below(3)] ?? 'a', desc: String(random.below(2)) });
  return Array.from({ length: 1 + random.below(4) }, () => Array.from({ length: 1 + random.below(4) }, job));
}

/** What an import does to a table of names and descriptions, and what it answers for each job, in their order. */
function model(table: Map<string, string>, jobs: Job[], isCover: boolean) {
  const known = new Set(table.keys());
  const winners = new Map<string, Job>();
  for (const job of jobs) if (isCover || !winners.has(job.name)) winners.set(job.name, job);
  for (const [name, { desc }] of winners) if (isCover || !known.has(name)) table.set(name, desc);
  return jobs.map((job) => {
    const { name } = job;
    const winner = winners.get(name);
    if (!isCover && known.has(name)) return { name, action: 'skipped', hasId: false };
    if (winner === job) return { name, action: known.has(name) ? 'overwritten' : 'created', hasId: true };
    return { name, action: 'duplicate', hasId: winner?.desc === job.desc };
  });
}

test('of two covers at once over the same names the one with the higher number has every name', async () => {
  const random = new Random(5);
  for (let run = 0; run < COVERS; run++) {
    const project = await own.newProject();
    const names = Array.from({ length: 12 }, (_, n) => `job-${n}`);
    for (const folder of ['one', 'two']) {
      const jobs = names.map((name) => ({ name, desc: folder }));
      await putFolder(project, folder, [jobs.slice(0, 4), jobs.slice(4, 8), jobs.slice(8)]);
    }
    shuffleWorkers(random, 40);
    const answers = await Promise.all(
      ['one', 'two'].map(async (folder) => {
        const { json } = await project.import(folderOf(project, folder), { is_cover: true });
        return { folder, ...json };
      }),
    );
    const winner = answers.reduce((a, b) => (a.import_id > b.import_id ? a : b));
    const table = await tableOf(project);
    expect([...table.values()].map(({ desc }) => desc)).toEqual(names.map(() => winner.folder));
    for (const { job_mapping } of answers) {
      expect(job_mapping.map((row: Row) => row.new_job_id)).toEqual(names.map((name) => table.get(name)?.id));
    }
    for (const name of names) {
      const created = answers.filter(({ job_mapping }) =>
        job_mapping.some((row: Row) => row.job_name === name && row.action === 'created'),
      );
      expect(created).toHaveLength(1);
    }
  }
});

test('a copy carries the id of the job that won, another one says who did', async () => {
  const project = await own.newProject();
  const jobs = ['1', '1', '2'].map((desc) => [{ name: 'a', desc }]);
  await putFolder(project, 'exports', jobs);
  const { json } = await project.import(folderOf(project, 'exports'));
  const winner = `job 1 of "${folderOf(project, 'exports')}/0.zip", in "jobs.json"`;
  expect(json.job_mapping).toMatchObject([
    { action: 'created', new_job_id: expect.any(Number) },
    {
      action: 'duplicate',
      new_job_id: json.job_mapping[0].new_job_id,
      remark: `The same as ${winner}, which was imported`,
    },
    { action: 'duplicate', new_job_id: -1, remark: `Not imported: of this name ${winner} wins` },
  ]);
});
