import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { BatchGetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { listedImports, type Records, shownImport } from './answer.ts';
import type { Rig, Run } from './rig.ts';

const list = z.object({
  job_list: z.object({
    total_count: z.int(),
    jobs: z.array(z.object({ job_id: z.int(), name: z.string() })),
  }),
});
const bytes = z.instanceof(Uint8Array);
const jobItem = z.object({
  name: z.string(),
  job_id: z.int(),
  revision: z.int(),
  order: z.string(),
  created_by: z.int(),
  archive: z.string(),
  entry: z.string(),
  content_hash: z.string(),
  summary: z.object({ desc: z.string() }),
  definition: z.optional(bytes),
  definition_key: z.optional(z.string()),
});
const document = z.object({ sql_body: z.string(), desc: z.optional(z.string()), job_config: z.optional(z.unknown()) });
const record = z.object({ pk: z.string(), sk: z.string(), import_id: z.int(), state: z.string() });

/** Items of one batched read. Source: DynamoDB. */
const BATCH = 100;

/** A job as the table holds it. */
export type StoredJob = Pick<
  z.infer<typeof jobItem>,
  'name' | 'job_id' | 'revision' | 'order' | 'created_by' | 'archive' | 'entry'
> & { definition: z.infer<typeof document> };

/** Everything that a project holds, and what is wrong with it whatever was imported. */
export type State = {
  jobs: Map<string, StoredJob>;
  /** Ids of all jobs, as they are listed. */
  ids: number[];
  imports: z.infer<typeof record>[];
  broken: string[];
};

/** Names beside those that are listed: a job that no list shows is one that is lost. */
export async function readState(rig: Rig, run: Run, names: string[]): Promise<State> {
  const answer = await rig.get(run, '?limit=100');
  const { jobs: listed, total_count } = list.parse(JSON.parse(answer.text)).job_list;
  const { jobs, broken } = await readJobs(rig, run, [...names, ...listed.map(({ name }) => name)]);
  if (total_count !== listed.length) broken.push(`the list tells of ${total_count} jobs and shows ${listed.length}`);
  for (const { job_id, name } of jobs.values()) {
    if (!listed.some((one) => one.job_id === job_id && one.name === name)) {
      broken.push(`${name} is in the table, and in no list`);
    }
  }
  return { jobs, ids: listed.map(({ job_id }) => job_id), imports: await readImports(rig, run), broken };
}

/** Those of some jobs that the table holds, and what is wrong with them. */
export async function readJobs(rig: Rig, run: Run, names: string[]): Promise<Pick<State, 'jobs' | 'broken'>> {
  const jobs = new Map<string, StoredJob>();
  const broken: string[] = [];
  for (const item of await readItems(rig, run, [...new Set(names)])) {
    const read = await readDefinition(rig, item);
    if (typeof read === 'string') broken.push(`${item.name}: ${read}`);
    else {
      const { name, job_id, revision, order, created_by, archive, entry } = item;
      jobs.set(name, { name, job_id, revision, order, created_by, archive, entry, definition: read });
    }
  }
  return { jobs, broken };
}

async function readItems({ dynamodb, table }: Rig, { projectId }: Run, names: string[]) {
  const items: z.infer<typeof jobItem>[] = [];
  for (let first = 0; first < names.length; first += BATCH) {
    const batch = names.slice(first, first + BATCH);
    const Keys = batch.map((name) => ({ pk: `job#${projectId}#${name}`, sk: 'job' }));
    const { Responses = {}, UnprocessedKeys = {} } = await dynamodb.send(
      new BatchGetCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }),
    );
    if (Object.keys(UnprocessedKeys).length > 0) throw new Error('the table read some items only');
    items.push(...z.array(jobItem).parse(Responses[table] ?? []));
  }
  return items;
}

/** A definition, or what is wrong with it. */
async function readDefinition({ s3, bucket }: Rig, item: z.infer<typeof jobItem>) {
  const { definition, definition_key: Key, content_hash, summary } = item;
  if ((definition === undefined) === (Key === undefined)) return 'has not one definition';
  let stored: Uint8Array | undefined = definition;
  if (Key !== undefined) {
    const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key })).catch(() => undefined);
    stored = await found?.Body?.transformToByteArray();
  }
  if (stored === undefined) return 'the object of its definition is gone';
  const text = inflateRawSync(stored).toString();
  if (createHash('sha256').update(text).digest('hex') !== content_hash) return 'its definition is not of its hash';
  const parsed = document.parse(JSON.parse(text));
  if (summary.desc !== (parsed.desc ?? '')) return 'its summary is not of its definition';
  return parsed;
}

/** What the addresses of the newest import tell of it. Undefined if there is none. */
export async function readRecords(rig: Rig, run: Run): Promise<Records | undefined> {
  const [listed] = listedImports.parse(JSON.parse((await rig.get(run, '/imports?limit=1')).text)).imports;
  if (listed === undefined) return undefined;
  const { text } = await rig.get(run, `/imports/${listed.import_id}?limit=1000`);
  return { listed, shown: shownImport.parse(JSON.parse(text)) };
}

async function readImports({ dynamodb, table }: Rig, { projectId }: Run) {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': `imports#${projectId}` },
      ConsistentRead: true,
    }),
  );
  return z.array(record).parse(Items);
}

/** Makes it that the time has passed by which all workers of the imports that run have ended. */
export async function endLeases(rig: Rig, run: Run): Promise<void> {
  for (const { pk, sk, state } of await readImports(rig, run)) {
    if (state !== 'running') continue;
    await rig.dynamodb.send(
      new UpdateCommand({
        TableName: rig.table,
        Key: { pk, sk },
        UpdateExpression: 'SET #lease = :now',
        ExpressionAttributeNames: { '#lease': 'lease' },
        ExpressionAttributeValues: { ':now': Date.now() - 1 },
      }),
    );
  }
}
