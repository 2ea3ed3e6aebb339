import middy from '@middy/core';
import { readConfig, tableVariables } from '../lib/config.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { parseListQuery } from '../lib/http/list-query.ts';
import { listedJob } from '../lib/job/job-response.ts';
import { createDoor, createLogger, createTable } from '../lib/services.ts';
import { listJobs } from '../lib/store/jobs.ts';

const table = createTable(readConfig(process.env, tableVariables));

/** `GET /v1.0/{project_id}/streaming/jobs` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(createLogger()))
  .use(createDoor(table))
  .handler(async (event, { project: { projectId } }) => {
    const { total, jobs } = await listJobs(table, projectId, parseListQuery(event));
    return jsonResult({
      is_success: 'true',
      message: '',
      job_list: { total_count: total, jobs: jobs.map((job) => listedJob(projectId, job)) },
    });
  });
