import { beforeAll, expect, test } from 'vitest';
import { type Case, SECRET } from '../corpus/case.ts';
import { CORPUS } from '../corpus/index.ts';
import { zip } from '../zip.ts';
import { itemsOf, logLines, newProject, type ProjectClient, stack } from './client.ts';

/** An archive for each reason there is; that for its size is refused before it is read, and tested elsewhere. */
const ONE_PER_REASON = onePerReason();
const HONEST = zip([{ name: 'z.json', data: '[{"name":"sound"},{"name":"whole"}]' }]);

let project: ProjectClient;
beforeAll(async () => {
  project = await newProject();
});

function onePerReason(): { name: string; reason: string; code: string; build: Case['build'] }[] {
  const refused = Object.values(CORPUS)
    .flat()
    .flatMap(({ verdict, ...one }) => (verdict === 'accept' ? [] : [{ ...one, ...verdict }]));
  const byReason = new Map(refused.toReversed().map((one) => [one.reason, one]));
  byReason.delete('archive.size');
  // As a folder lists its archives.
  return [...byReason.values()].sort((a, b) => (`${a.reason}.zip` < `${b.reason}.zip` ? -1 : 1));
}

test.each(ONE_PER_REASON)('an archive that is refused for $reason is a 400, and nothing is written', async (one) => {
  const answer = await project.import(await project.put(`single/${one.reason}.zip`, one.build()));
  expect(answer).toMatchObject({ status: 400, json: { error_code: one.code } });
  expect(answer.json.error_msg).toContain(`${one.reason}.zip`);
  expect(answer.text).not.toContain(SECRET);
  expect(await project.send('GET', project.jobs)).toMatchObject({ json: { job_list: { total_count: 0 } } });
});

test('a folder of all of them imports the honest one, and says of each other why not', async () => {
  for (const { reason, build } of ONE_PER_REASON) await project.put(`all/${reason}.zip`, build());
  await project.put('all/zzz.zip', HONEST);
  const answer = await project.import(`${stack.bucket}/${project.projectId}/all`);
  expect(answer).toMatchObject({ status: 200, json: { is_success: 'false' } });
  const failed = answer.json.job_mapping.slice(0, -2);
  expect(failed.map(({ archive, error_code }: Record<string, string>) => [archive, error_code])).toEqual(
    ONE_PER_REASON.map(({ reason, code }) => [expect.stringContaining(`/${reason}.zip`), code]),
  );
  expect(answer.json.job_mapping.slice(-2)).toMatchObject([
    { job_name: 'sound', action: 'created' },
    { job_name: 'whole', action: 'created' },
  ]);
  expect(answer.text).not.toContain(SECRET);
  expect(await itemsOf(`job#${project.projectId}#sound`)).toHaveLength(1);
  expect(await project.send('GET', project.jobs)).toMatchObject({ json: { job_list: { total_count: 2 } } });
});

test('the log tells of each refusal by its reason, and quotes none', () => {
  const lines = logLines(project.projectId);
  for (const { reason } of ONE_PER_REASON) expect(lines.filter((line) => line.includes(`"${reason}"`))).not.toEqual([]);
  expect(logLines(SECRET)).toEqual([]);
});
