import type { JobDetail, ListedJob } from './job-answers.ts';
import { CONFIG_DEFAULTS, JOB_DEFAULTS } from './job-schema.ts';
import { type Json, type JsonObject, parseJson } from './json.ts';
import { isJsonObject } from './parse-job.ts';

/** What the table tells of a job beside its definition. Times in milliseconds since the epoch. */
export type JobRecord = {
  job_id: number;
  name: string;
  create_time: number;
  update_time: number;
  summary: {
    desc: string;
    job_type: string;
    run_mode: string;
    queue_name?: string | undefined;
    tags?: { key: string; value: string }[] | undefined;
  } & JobStatus;
};

type JobStatus = { status: string; status_desc: string; start_time: number };

/** A job as a list shows it. */
export function listedJob(
  projectId: string,
  { job_id, name, create_time, update_time, summary }: JobRecord,
): ListedJob {
  const { queue_name, tags, ...shown } = summary;
  return {
    job_id,
    name,
    ...shown,
    ...(queue_name !== undefined && { queue_name }),
    ...(tags !== undefined && { tags }),
    create_time,
    update_time,
    project_id: projectId,
    duration: 0,
    root_id: -1,
  };
}

/**
 * A job in full, in the nested form of responses: its definition with the API's defaults where it is silent, numbers
 * digit for digit, and fields that the API does not know as they came.
 * @param definition canonical text, as stored.
 */
export function jobDetail(projectId: string, record: JobRecord, definition: string): JobDetail {
  const stored = parseJson(definition);
  if (!isJsonObject(stored)) throw new Error('a stored definition is no object');
  const { job_config: config, ...fields } = stored;
  return {
    ...JOB_DEFAULTS,
    ...fields,
    ...listedJob(projectId, record),
    job_config: { ...CONFIG_DEFAULTS, ...objectOrEmpty(config) },
  };
}

function objectOrEmpty(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
