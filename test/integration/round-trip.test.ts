import { expect, test } from 'vitest';
import { parseJson } from '../../lib/job/json.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { makeJobs } from '../job-generator.ts';
import { Random } from '../random.ts';
import { unpack } from '../unpack.ts';
import type { ProjectClient } from './client.ts';
import { exportAll, newExporter, readObject, textsOf } from './exports.ts';

/** Of each seed. `npm run round-trip` has 1,000. */
const JOBS = Number(process.env['ROUND_TRIP_JOBS'] ?? 40);
const JOBS_AN_ENTRY = 20;
const TIMEOUT_MS = 60_000 + 200 * JOBS;

/** The definitions that an export holds, by name, each as its text without the id. */
async function definitionsOf(paths: string[]): Promise<Map<string, string>> {
  const definitions = new Map<string, string>();
  for (const path of paths) {
    const texts = await textsOf(path);
    texts.delete('manifest.json');
    for (const text of texts.values()) {
      const job = parseJob(parseJson(text));
      if (!job.ok) throw new Error(job.message);
      const definition = unpack(job.definition);
      expect(text.replace(/"job_id":\d+,/, '')).toBe(definition);
      definitions.set(job.name, definition);
    }
  }
  return definitions;
}

async function exportOf(project: ProjectClient): Promise<string[]> {
  const { status, json } = await exportAll(project);
  expect(status).toBe(200);
  return json.zip_file;
}

/** Uses up some ids, and leaves no job. */
async function moveIds(project: ProjectClient): Promise<void> {
  await project.import(await project.putJobs('first.zip', [{ name: 'x' }, { name: 'y' }, { name: 'z' }]));
  await project.send('POST', `${project.jobs}/delete`, JSON.stringify({ job_ids: [1, 2, 3] }));
}

test.each([1, 2, 3, 4, 5])(
  `${JOBS} jobs go out and in and out again, seed %i`,
  { timeout: TIMEOUT_MS },
  async (seed) => {
    const documents = makeJobs(new Random(seed), JOBS);
    const [first, second] = [await newExporter(), await newExporter()];
    const entries = Array.from({ length: Math.ceil(JOBS / JOBS_AN_ENTRY) }, (_, at) => ({
      name: `${String(at).padStart(3, '0')}.json`,
      data: `[${documents.slice(at * JOBS_AN_ENTRY, (at + 1) * JOBS_AN_ENTRY).join(',')}]`,
    }));
    const { json } = await first.import(await first.put('x.zip', entries));
    expect(json.is_success, json.message).toBe('true');
    const out = await exportOf(first);

    const came = new Map(
      documents.map((text) => {
        const job = parseJob(parseJson(text));
        return job.ok ? [job.name, unpack(job.definition)] : [text, job.message];
      }),
    );
    expect(await definitionsOf(out)).toEqual(came);

    // All of it comes back, in a project whose ids are others.
    await moveIds(second);
    const [path = ''] = out;
    const { json: again } = await second.import(path.slice(0, path.lastIndexOf('/')));
    expect(again.is_success, again.message).toBe('true');
    const outAgain = await exportOf(second);
    expect(await definitionsOf(outAgain)).toEqual(came);

    // Where the ids are the same, every byte is.
    const { json: covered } = await first.import(outAgain[0], { is_cover: true });
    expect(covered.is_success).toBe('true');
    const last = await exportOf(first);
    expect((await readObject(last[0] ?? '')).equals(await readObject(path))).toBe(true);
  },
);
