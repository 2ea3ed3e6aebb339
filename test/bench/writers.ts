import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { jobOrder } from '../../lib/job/order.ts';
import { JOB_WRITES, TABLE_ATTEMPTS, WORKER_MS } from '../../lib/limits.ts';
import { createBlobs, createTable } from '../../lib/services.ts';
import { idShard, jobKey } from '../../lib/store/keys.ts';
import { type Candidate, writeJob } from '../../lib/store/write-job.ts';
import { ACCOUNT } from '../../local/identity.ts';
import { Random } from '../random.ts';
import { jobOf } from './jobs.ts';
import { BUCKET, TABLE } from './null-messages.ts';

/** Bytes of SQL of each job. */
export const WRITTEN_SQL_BYTES = 2_000;

/** Jobs that are ready to be written, their definitions compressed: that is another part of the bench. */
function candidates(jobs: number, importId: number): Candidate[] {
  const random = new Random(5);
  return Array.from({ length: jobs }, (_, jobPlace) => {
    const { name, ...rest } = jobOf(random, `job_${jobPlace}`, WRITTEN_SQL_BYTES);
    const text = JSON.stringify({ name, ...rest });
    return {
      projectId: 'bench',
      place: { importId, isCover: true, archivePlace: 0, jobPlace },
      name,
      newJobId: jobPlace + 1,
      contentHash: createHash('sha256').update(text).digest('hex'),
      definition: { deflated: Uint8Array.from(deflateRawSync(text)) },
      summary: {
        desc: rest.desc,
        job_type: rest.job_type,
        run_mode: rest.run_mode,
        queue_name: rest.queue_name,
        tags: rest.tags,
        status: 'job_init',
        status_desc: '',
        start_time: 0,
      },
      archive: 'bucket/folder/archive.zip',
      entry: `jobs/${name}.json`,
    };
  });
}

let importId = 1;

/** The shipped writer, as many at once as in a worker. */
export function writeOurs() {
  const table = createTable({ TABLE_NAME: TABLE });
  const blobs = createBlobs({ BUCKET_NAME: BUCKET, BUCKET_OWNER: ACCOUNT });
  return async ({ jobs }: { jobs: number }) => {
    const all = candidates(jobs, importId++);
    const writer = {
      id: 'bench',
      writeUntil: Date.now() + WORKER_MS,
      giveUp: AbortSignal.timeout(WORKER_MS),
      onFault: (error: unknown) => {
        throw error;
      },
    };
    return () => pMap(all, (candidate) => writeJob(table, blobs, candidate, writer), { concurrency: JOB_WRITES });
  };
}

/** The same calls by nothing but the SDK: expressions written by hand once, values put into them. */
export function writeBare() {
  const client = new DynamoDBClient({ maxAttempts: TABLE_ATTEMPTS });
  const write = async (candidate: Candidate) => client.send(new UpdateItemCommand(inputOf(candidate)));
  return async ({ jobs }: { jobs: number }) => {
    const all = candidates(jobs, importId++);
    return () => pMap(all, write, { concurrency: JOB_WRITES });
  };
}

const UPDATE = `SET #job_id = if_not_exists(#job_id, :job_id), #id_shard = if_not_exists(#id_shard, :id_shard),
#created_by = if_not_exists(#created_by, :created_by), #create_time = if_not_exists(#create_time, :create_time), #name = :name,
#content_hash = :content_hash, #order = :order, #archive = :archive, #entry = :entry, #update_time = :update_time,
#summary = :summary, #definition = :definition REMOVE #was, #expires_at, #definition_key ADD #revision :one`;

const CONDITION = `(attribute_not_exists(#c_1)) OR ((attribute_not_exists(#c_2)) AND (#c_3 < :created_by)) OR
((#c_4 < :order) AND (attribute_not_exists(#c_3))) OR ((#c_4 < :order) AND (#c_3 < :created_by))`;

const SET = ['job_id', 'id_shard', 'created_by', 'create_time', 'name', 'content_hash', 'order', 'archive', 'entry'];
const OTHERS = ['update_time', 'summary', 'definition', 'was', 'expires_at', 'definition_key', 'revision'];
const NAMES = {
  ...Object.fromEntries([...SET, ...OTHERS].map((name) => [`#${name}`, name])),
  '#c_1': 'pk',
  '#c_2': 'job_id',
  '#c_3': 'deleted',
  '#c_4': 'order',
};

const UPDATE_ONE = {
  TableName: TABLE,
  UpdateExpression: UPDATE,
  ConditionExpression: CONDITION,
  ExpressionAttributeNames: NAMES,
  ReturnValues: 'ALL_OLD',
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
} as const;

function inputOf({ projectId, place, name, newJobId, contentHash, definition, summary, archive, entry }: Candidate) {
  const { pk, sk } = jobKey(projectId, name);
  const [order, now] = [jobOrder(place), String(Date.now())];
  const number = { N: String(place.importId) };
  const text = (S = ''): AttributeValue => ({ S });
  const tags = (summary.tags ?? []).map(({ key, value }): AttributeValue => {
    return { M: { key: { S: key }, value: { S: value } } };
  });
  if ('utf8' in definition) throw new Error('a definition is not compressed');
  return {
    ...UPDATE_ONE,
    Key: { pk: { S: pk }, sk: { S: sk } },
    ExpressionAttributeValues: {
      ':job_id': { N: String(newJobId) },
      ':id_shard': { S: idShard(projectId, newJobId) },
      ':created_by': number,
      ':create_time': { N: now },
      ':name': { S: name },
      ':content_hash': { S: contentHash },
      ':order': { S: order },
      ':archive': { S: archive },
      ':entry': { S: entry },
      ':update_time': { N: now },
      ':one': { N: '1' },
      ':definition': { B: definition.deflated },
      ':summary': {
        M: {
          desc: text(summary.desc),
          job_type: text(summary.job_type),
          run_mode: text(summary.run_mode),
          queue_name: text(summary.queue_name),
          tags: { L: tags },
          status: text(summary.status),
          status_desc: text(summary.status_desc),
          start_time: { N: String(summary.start_time) },
        },
      },
    },
  };
}
