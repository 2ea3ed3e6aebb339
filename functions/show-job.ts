import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import type { JobAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { jobIdOf, noSuchJob } from '../lib/http/paths.ts';
import { jobDetail } from '../lib/job/job-response.ts';
import { createLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';
import { findJob } from '../lib/store/jobs.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const table = createTable(config);
const blobs = createBlobs(config);

/** `GET /v1.0/{project_id}/streaming/jobs/{job_id}` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(createLogger()))
  .use(createDoor(table, config))
  .handler(async (event, { project: { projectId } }) => {
    const jobId = jobIdOf(event);
    const job = await findJob(table, blobs, projectId, jobId);
    if (job === undefined) throw noSuchJob(String(jobId));
    const detail = jobDetail(projectId, job.item, job.definition);
    return jsonResult<JobAnswer>({ is_success: 'true', message: '', job_detail: detail });
  });
