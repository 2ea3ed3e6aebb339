import { isDeepStrictEqual } from 'node:util';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import * as z from 'zod/mini';
import { idShards } from '../../lib/store/keys.ts';
import { type Row, shownImport } from './answer.ts';
import { zipOf } from './case.ts';
import { type Finding, isSameJob } from './judge.ts';
import type { Rig, Run } from './rig.ts';
import type { JobDocument } from './scenarios.ts';
import { readJobs, readRecords } from './state.ts';

/** A folder of many archives, all sound, no name in two of them. */
export type Folder = { run: Run; path: string; archives: JobDocument[][]; importId: number };

/** Jobs of an archive. */
export const JOBS = 4;
const PUTS = 16;
/** Rows of a page of the mapping. */
const PAGE = 1_000;

const indexed = z.array(z.object({ job_id: z.int(), name: z.string() }));
const shownFolder = z.extend(shownImport, {
  is_success: z.string(),
  archives_total: z.int(),
  archives_done: z.int(),
  jobs_total: z.int(),
  jobs_done: z.int(),
  next_marker: z.optional(z.string()),
});
/** What the address of an import tells of it, with all rows. */
export type ShownFolder = z.infer<typeof shownFolder>;

export async function putFolder(rig: Rig, run: Run, count: number): Promise<Folder> {
  const archives = Array.from({ length: count }, (_, archive) =>
    Array.from({ length: JOBS }, (_, place) => ({
      name: `job-${archive}-${place}`,
      job_id: archive * JOBS + place,
      sql_body: `SELECT ${place} FROM archive_${archive}`,
    })),
  );
  const put = (documents: JobDocument[], archive: number) => rig.put(run, archiveName(archive), zipOf(documents));
  await pMap(archives, put, { concurrency: PUTS });
  return { run, path: 'f', archives, importId: 1 };
}

/** Names that sort as the archives do. */
const archiveName = (archive: number) => `f/${String(archive).padStart(5, '0')}.zip`;

/** Undefined if there is no such import. */
export async function shownOf(rig: Rig, { run, importId }: Folder): Promise<ShownFolder | undefined> {
  const rows: Row[] = [];
  for (let marker = '0'; ; ) {
    const { text } = await rig.get(run, `/imports/${importId}?limit=${PAGE}&marker=${marker}`);
    if (text.startsWith('{"error_code":"DLI.0002"')) return undefined;
    const page = shownFolder.parse(JSON.parse(text));
    rows.push(...page.job_mapping);
    if (page.next_marker === undefined) return { ...page, job_mapping: rows };
    marker = page.next_marker;
  }
}

/** Whether each job of the folder was created, once, is whole, and is told of so; and nothing else is there. */
export async function judgeWhole(rig: Rig, folder: Folder, shown: ShownFolder): Promise<Finding[]> {
  const { run, archives } = folder;
  const documents = archives.flat();
  const { state, is_success, counts, archives_total, archives_done, jobs_total, jobs_done, job_mapping: rows } = shown;
  const told = { state, is_success, counts, archives_total, archives_done, jobs_total, jobs_done };
  const wanted = {
    ...{ state: 'finished', is_success: 'true', counts: { created: documents.length } },
    ...{ archives_total: archives.length, archives_done: archives.length },
    ...{ jobs_total: documents.length, jobs_done: documents.length },
  };
  const findings: Finding[] = [];
  if (!isDeepStrictEqual(told, wanted)) findings.push({ harm: 'wrong', what: `told as ${JSON.stringify(told)}` });
  const listed = (await readRecords(rig, run))?.listed;
  if (listed?.state !== state || !isDeepStrictEqual(listed.counts, counts))
    findings.push({ harm: 'wrong', what: `listed as ${JSON.stringify(listed)}` });
  if (
    !isDeepStrictEqual(
      rows.map(({ job_name }) => job_name),
      documents.map(({ name }) => name),
    )
  )
    findings.push({
      harm: 'wrong',
      what: `${rows.length} rows, not one for each of ${documents.length} jobs in order`,
    });
  return [...findings, ...(await judgeRows(rig, folder, rows))];
}

/** Whether an import that was stopped tells what is there of it, and what is not. */
export async function judgeStopped(rig: Rig, folder: Folder, shown: ShownFolder | undefined): Promise<Finding[]> {
  if (shown?.state !== 'cancelled' && shown?.state !== 'finished')
    return [{ harm: 'wrong', what: `cancelled, it is ${shown?.state}` }];
  return judgeRows(rig, folder, shown.job_mapping);
}

/** Whether the jobs of the table are those that rows tell of, each once; an archive of which it is not known may have some. */
async function judgeRows(rig: Rig, { run, archives }: Folder, rows: Row[]): Promise<Finding[]> {
  const documents = archives.flat();
  const { jobs, broken } = await readJobs(
    rig,
    run,
    documents.map(({ name }) => name),
  );
  const ids = await readIndex(rig, run);
  const findings: Finding[] = broken.map((what) => ({ harm: 'lost', what }));
  if (new Set(ids.map(({ job_id }) => job_id)).size !== ids.length) findings.push({ harm: 'doubled', what: 'an id' });
  if (!isDeepStrictEqual(ids.map(({ name }) => name).sort(), [...jobs.keys()].sort()))
    findings.push({ harm: 'wrong', what: `${ids.length} jobs are listed, ${jobs.size} are those of the folder` });
  const known = new Map(rows.map((one) => [one.job_name ?? one.archive, one]));
  for (const [archive, own] of archives.entries()) {
    const whole = known.get(`${rig.bucket}/${run.projectId}/${archiveName(archive)}`);
    for (const document of own) {
      const told = known.get(document.name) ?? whole;
      const stored = jobs.get(document.name);
      const what = `${document.name} is ${told?.action} ${told?.new_job_id}; the table has ${stored?.job_id}, revision ${stored?.revision}`;
      if (told?.action === 'created') {
        if (stored?.job_id !== told.new_job_id || !isSameJob(stored, document)) findings.push({ harm: 'lost', what });
        else if (stored.revision !== 1) findings.push({ harm: 'doubled', what });
      } else if (told?.action === 'not_started') {
        if (stored !== undefined) findings.push({ harm: 'false -1', what });
      } else if (told?.action !== 'failed' || told.error_code !== 'DLI.0999') findings.push({ harm: 'wrong', what });
    }
  }
  return findings;
}

/** All jobs of a project, by the index that lists are read from. */
async function readIndex({ dynamodb, table }: Rig, { projectId }: Run): Promise<z.infer<typeof indexed>> {
  const pages = await pMap(idShards(projectId), async (shard) => {
    const { Items = [], LastEvaluatedKey } = await dynamodb.send(
      new QueryCommand({
        TableName: table,
        IndexName: 'by-id',
        KeyConditionExpression: 'id_shard = :shard',
        ExpressionAttributeValues: { ':shard': shard },
      }),
    );
    if (LastEvaluatedKey !== undefined) throw new Error('the table read some of the index only');
    return indexed.parse(Items);
  });
  return pages.flat();
}
