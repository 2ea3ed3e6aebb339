import * as z from 'zod/mini';
import {
  JOB_DESC_CHARACTERS,
  JOB_NAME_CHARACTERS,
  JOB_TAGS,
  PARALLEL_NUMBER,
  QUEUE_NAME_CHARACTERS,
  SQL_BODY_CHARACTERS,
  TAG_KEY_CHARACTERS,
  TAG_VALUE_CHARACTERS,
} from '../limits.ts';
import { expected } from '../schema.ts';
import type { JsonObject } from './json.ts';
import type { RawJson } from './raw-json.ts';

const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;
const parallelRange = expected(`an integer from 1 to ${PARALLEL_NUMBER}`);
const JOB_NAME = new RegExp(`^[A-Za-z0-9_-]{1,${JOB_NAME_CHARACTERS}}$`);

/** An integer of the document; one beyond 2^53 comes as its digits. That it fits an int64 is checked on reading. */
export const integer = z
  .custom<number | RawJson>(
    (value) => (typeof value === 'number' || JSON.isRawJSON(value)) && INTEGER.test(JSON.stringify(value)),
    expected('an integer'),
  )
  .register(z.globalRegistry, { type: 'integer', format: 'int64' });

/** To the schema library a number that is kept as its source text would be an object too. */
const jsonObject = z
  .custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value),
    expected('an object'),
  )
  .register(z.globalRegistry, { type: 'object' });

/** Characters are counted as people count them: a pair of surrogates is one. */
function text(max: number) {
  const fits = (value: string) => value.length <= max || [...value].length <= max;
  return z.string().check(z.refine(fits, expected(`at most ${max} characters`)));
}

export const jobName = z
  .string()
  .check(z.regex(JOB_NAME, expected(`1 to ${JOB_NAME_CHARACTERS} letters, digits, - or _`)));

/** `job_config` of a job. Fields that the API does not name are kept as they came. */
export const jobConfig = z.partial(
  z.looseObject({
    cu_number: integer,
    manager_cu_number: integer,
    parallel_number: z.int(parallelRange).check(z.minimum(1, parallelRange), z.maximum(PARALLEL_NUMBER, parallelRange)),
    tm_cus: integer,
    tm_slot_num: integer,
    checkpoint_enabled: z.boolean(),
    checkpoint_mode: z.enum(['exactly_once', 'at_least_once'], expected('exactly_once, at_least_once, 1 or 2')),
    checkpoint_interval: integer,
    obs_bucket: z.string(),
    log_enabled: z.boolean(),
    smn_topic: z.string(),
    restart_when_exception: z.boolean(),
    resume_checkpoint: z.boolean(),
    resume_max_num: integer,
    idle_state_retention: integer,
    dirty_data_strategy: z.string(),
    udf_jar_url: z.string(),
    entrypoint: z.string(),
    dependency_jars: z.array(z.string()),
    dependency_files: z.array(z.string()),
    feature: z.enum(['basic', 'custom']),
    flink_version: z.string(),
    image: z.string(),
    checkpoint_path: z.string(),
    runtime_config: z.string(),
    flink_log_config: z.string(),
    execution_agency_urn: z.string(),
    operator_config: z.string(),
    static_estimator_config: z.string(),
    resource_config_version: z.enum(['v1', 'v2']),
    resource_config: jsonObject,
    root_id: integer,
    edge_group_ids: z.array(z.string()),
    executor_number: integer,
    executor_cu_number: integer,
    real_cu_number: integer,
    graph_editor_enabled: z.boolean(),
    graph_editor_data: z.string(),
    config_url: z.string(),
  }),
);

/** Source: the job API. */
export const JOB_TYPES = ['flink_sql_job', 'flink_opensource_sql_job', 'flink_sql_edge_job', 'flink_jar_job'] as const;
export const RUN_MODES = ['shared_cluster', 'exclusive_cluster', 'edge_node'] as const;
export const JOB_STATUSES = [
  'job_init',
  'job_submitting',
  'job_submit_fail',
  'job_running',
  'job_running_exception',
  'job_downloading',
  'job_idle',
  'job_canceling',
  'job_cancel_success',
  'job_cancel_fail',
  'job_savepointing',
  'job_arrearage_stopped',
  'job_arrearage_recovering',
  'job_finish',
] as const;

/** A job's definition in the nested form: what a user may set. Source: the job API. */
export const jobDefinition = z.looseObject({
  name: jobName,
  desc: z.optional(text(JOB_DESC_CHARACTERS)),
  job_type: z.optional(z.enum(JOB_TYPES)),
  run_mode: z.optional(z.enum(RUN_MODES)),
  queue_name: z.optional(text(QUEUE_NAME_CHARACTERS)),
  sql_body: z.optional(text(SQL_BODY_CHARACTERS)),
  main_class: z.optional(z.string()),
  entrypoint_args: z.optional(z.string()),
  tags: z.optional(
    z
      .array(z.looseObject({ key: text(TAG_KEY_CHARACTERS), value: text(TAG_VALUE_CHARACTERS) }))
      .check(z.maxLength(JOB_TAGS, expected(`at most ${JOB_TAGS} tags`))),
  ),
  job_config: z.optional(jobConfig),
});

/** Fields of `job_config` that stand at the top level of the flat form, in which create requests carry them. */
export const CONFIG_FIELDS: ReadonlySet<string> = new Set(Object.keys(jobConfig.shape));
/** Fields of the top level that a user may set. */
export const JOB_FIELDS: ReadonlySet<string> = new Set(Object.keys(jobDefinition.shape));
/** Fields that the service owns: never taken from an archive. `pk` and `sk` are keys of the table. */
export const SERVER_FIELDS: ReadonlySet<string> = new Set([
  'job_id',
  'status',
  'status_desc',
  'create_time',
  'update_time',
  'start_time',
  'duration',
  'user_id',
  'user_name',
  'project_id',
  'root_id',
  'pk',
  'sk',
]);

/** What a job has where its definition is silent. Filled in when it is read, never stored. Source: the job API. */
export const JOB_DEFAULTS = {
  desc: '',
  job_type: 'flink_opensource_sql_job',
  run_mode: 'shared_cluster',
  sql_body: '',
} as const;
export const CONFIG_DEFAULTS = {
  cu_number: 2,
  manager_cu_number: 1,
  parallel_number: 1,
  tm_cus: 1,
  checkpoint_enabled: false,
  checkpoint_mode: 'exactly_once',
  checkpoint_interval: 10,
  log_enabled: false,
  restart_when_exception: false,
  resume_checkpoint: false,
  resume_max_num: -1,
  idle_state_retention: 3600,
  dirty_data_strategy: '0',
  root_id: -1,
} as const;
