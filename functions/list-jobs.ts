import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import type { JobListAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { jobListAnswer } from '../lib/http/job-list.ts';
import { parseListQuery } from '../lib/http/list-query.ts';
import { jobDetail, listedJob } from '../lib/job/job-response.ts';
import { createLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';
import { listJobs, readDefinitions } from '../lib/store/jobs.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const table = createTable(config);
const blobs = createBlobs(config);

/** `GET /v1.0/{project_id}/streaming/jobs` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(createLogger()))
  .use(createDoor(table, config))
  .handler(async (event, { project: { projectId } }) => {
    const query = parseListQuery(event);
    const { total, jobs } = await listJobs(table, projectId, query);
    if (!query.show_detail)
      return jsonResult<JobListAnswer>(
        jobListAnswer(
          total,
          jobs.map((job) => listedJob(projectId, job)),
        ),
      );
    const found = await readDefinitions(table, blobs, projectId, jobs);
    const details = found.map(({ item, definition }) =>
      definition === undefined ? listedJob(projectId, item) : jobDetail(projectId, item, definition),
    );
    return jsonResult<JobListAnswer>(jobListAnswer(total, details));
  });
