import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Entity, type FormattedItem } from 'dynamodb-toolbox/entity';
import { binary, boolean, item, list, map, number, record, set, string } from 'dynamodb-toolbox/schema';
import { Table } from 'dynamodb-toolbox/table';
import { PROGRESS_ARCHIVES } from '../limits.ts';

const keys = { pk: string().key(), sk: string().key() };
/** Our items carry their own times, and their kind in the key. */
const plain = { entityAttribute: false, timestamps: false } as const;

/**
 * The table's items, declared once: types, expressions and reading come from here. Keys are made in `keys.ts`.
 * These schemas describe storage only; what a client sends is checked before.
 */
export function openTable(documentClient: DynamoDBDocumentClient, name: string) {
  const table = new Table({
    documentClient,
    name,
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
    indexes: {
      'by-id': {
        type: 'global',
        partitionKey: { name: 'id_shard', type: 'string' },
        sortKey: { name: 'job_id', type: 'number' },
      },
    },
  });
  return {
    table,
    project: new Entity({ ...plain, name: 'project', table, schema: projectSchema }),
    directory: new Entity({ ...plain, name: 'directory', table, schema: item({ ...keys }) }),
    counter: new Entity({ ...plain, name: 'counter', table, schema: counterSchema }),
    credential: new Entity({ ...plain, name: 'credential', table, schema: credentialSchema }),
    job: new Entity({ ...plain, name: 'job', table, schema: jobSchema }),
    listedJob: new Entity({ ...plain, name: 'listed-job', table, schema: listedJobSchema }),
    import: new Entity({ ...plain, name: 'import', table, schema: importSchema }),
    request: new Entity({ ...plain, name: 'request', table, schema: requestSchema }),
    upload: new Entity({ ...plain, name: 'upload', table, schema: uploadSchema }),
    outcomes: new Entity({ ...plain, name: 'outcomes', table, schema: outcomesSchema }),
    progress: new Entity({ ...plain, name: 'progress', table, schema: progressSchema }),
    queued: new Entity({ ...plain, name: 'queued', table, schema: queuedSchema }),
  };
}

export type JobTable = ReturnType<typeof openTable>;
export type JobItem = FormattedItem<JobTable['job']>;
export type ImportItem = FormattedItem<JobTable['import']>;
export type ListedJobItem = FormattedItem<JobTable['listedJob']>;

const projectSchema = item({
  ...keys,
  name: string(),
  /** Where the project's archives may lie. `owner` is the account that owns the bucket. */
  locations: list(map({ bucket: string(), prefix: string(), owner: string(), write: boolean() })),
});

const counterSchema = item({
  ...keys,
  last_job_id: number().optional(),
  last_import_id: number().optional(),
});

const credentialSchema = item({
  ...keys,
  project_id: string(),
  kind: string().enum('token', 'access_key'),
  /** Of an access key that is not revoked: AES-256-GCM, see `auth/secrets.ts`. */
  encrypted_secret: string().optional(),
  create_time: number(),
  /** Milliseconds since the epoch: from then on it opens nothing. */
  revoked: number().optional(),
});

const summarySchema = map({
  desc: string(),
  job_type: string(),
  run_mode: string(),
  queue_name: string().optional(),
  tags: list(map({ key: string(), value: string() })).optional(),
  status: string(),
  status_desc: string(),
  start_time: number(),
});

/**
 * A job, or the tombstone of one. A tombstone has neither what makes an item a job (its id, its key in the index), nor
 * what a write keeps if it is there (`created_by`, `create_time`), nor the order and the definition; it has `was`.
 */
const jobSchema = item({
  ...keys,
  job_id: number().optional(),
  id_shard: string().optional(),
  name: string(),
  revision: number(),
  content_hash: string(),
  order: string().optional(),
  /** Number of the import that created the job. */
  created_by: number().optional(),
  archive: string(),
  entry: string(),
  create_time: number().optional(),
  update_time: number(),
  /** What a list shows of the job. */
  summary: summarySchema,
  /** Compressed, or the S3 key of one too large for an item. */
  definition: binary().optional(),
  definition_key: string().optional(),
  /** Of a tombstone: imports up to this number never write here again. A new life keeps it. */
  deleted: number().optional(),
  /** Of a tombstone: the job that it was. */
  was: map({ job_id: number(), created_by: number(), order: string(), content_hash: string() }).optional(),
  /** Of a tombstone: seconds since the epoch, when the table drops it. */
  expires_at: number().optional(),
});

/** A job as the index by id holds it: what `serverless.yml` projects into it. */
const listedJobSchema = item({
  ...keys,
  job_id: number(),
  id_shard: string(),
  name: string(),
  create_time: number(),
  update_time: number(),
  summary: summarySchema,
});

const importSchema = item({
  ...keys,
  import_id: number(),
  zip_file: string(),
  /** The credential of the request, as it may be shown; or the object whose upload it was. */
  requested_by: string().optional(),
  upload: map({ key: string(), etag: string() }).optional(),
  /** Why its one archive cannot be imported, if that was seen before any worker was asked. */
  refused: map({ code: string(), message: string() }).optional(),
  is_cover: boolean(),
  state: string().enum('running', 'finished', 'failed', 'cancelled', 'interrupted'),
  /** Whether its archives are handed to workers by the queue; and whether a message for each of them was sent. */
  is_queued: boolean().optional(),
  is_planned: boolean().optional(),
  /** The request that carries the import out, or that did so last. */
  run: string(),
  /** Compressed, or the S3 key of a list too long for an item. */
  archives: binary().optional(),
  archives_key: string().optional(),
  archives_total: number(),
  bytes_total: number(),
  /** Archives that a request handed to a worker, the first ones; absent while it is at it. Those of the queue note it themselves. */
  begun: number().optional(),
  start_time: number(),
  /** Milliseconds since the epoch by which all workers of the import have ended. */
  lease: number(),
  end_time: number().optional(),
  /** Jobs by action, as they were answered; absent if what became of some was not known. */
  counts: record(string(), number()).optional(),
  /** Seconds since the epoch, when the table drops the item. */
  expires_at: number(),
});

/** Which import a request with an Idempotency-Key is. */
const requestSchema = item({
  ...keys,
  import_id: number(),
  /** Of what was asked for: another request may not use the key. */
  request_hash: string(),
  expires_at: number(),
});

/** The newest version of an object below `uploads/` that an event told of, and its import. */
const uploadSchema = item({
  ...keys,
  object_key: string(),
  /** Sorts as the versions of the object came. */
  sequencer: string(),
  etag: string(),
  /** Absent until the version has taken its number. */
  import_id: number().optional(),
  expires_at: number(),
});

const outcomesSchema = item({
  ...keys,
  /** Grows with each write. */
  version: number(),
  /** Whether more than one run has been at the archive: set before the second one writes a job. */
  is_shared: boolean().optional(),
  /** The run that stored the outcomes; there are none yet if the second one came before the first one ended. */
  run: string().optional(),
  outcomes: binary().optional(),
  outcomes_key: string().optional(),
  /** The run of the import in which the queue gave the archive up. */
  given_up: string().optional(),
  /** Milliseconds since the epoch of the last write. */
  update_time: number(),
  expires_at: number(),
});

/** What became of an archive, in numbers. */
const progressOfArchive = map({
  jobs: number(),
  /** Jobs that failed; 1 for an archive that did so as a whole. */
  failed: number(),
  /** Of the archive. */
  bytes: number(),
  /** The run of the import in which the queue gave the archive up. */
  given_up: string().optional(),
}).optional();

/** Of a hundred archives of an import on the queue, each by its place among them: what it came to, and that it was given up. */
const PROGRESS_SLOTS = Array.from({ length: PROGRESS_ARCHIVES }, (_, slot) => [`a${slot}`, `g${slot}`]).flat();

const progressSchema = item({
  ...keys,
  update_time: number(),
  expires_at: number(),
  ...Object.fromEntries(PROGRESS_SLOTS.map((slot) => [slot, progressOfArchive])),
});

/** Imports of a project that are on the queue, or were so when it was looked last: each its number and since when. */
const queuedSchema = item({
  ...keys,
  imports: set(string()).optional(),
});
