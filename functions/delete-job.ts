import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import type { DeletionAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { deletionAnswer } from '../lib/http/deletions.ts';
import { jobIdOf } from '../lib/http/paths.ts';
import { DELETE_BEGIN_MS } from '../lib/limits.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';
import { deleteJobs } from '../lib/store/delete-jobs.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const logger = createLogger();
const table = createTable(config);
const blobs = createBlobs(config);
const onFault = faultLogger(logger);

/** `DELETE /v1.0/{project_id}/streaming/jobs/{job_id}` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(logger))
  .use(createDoor(table, config))
  .handler(async (event, { project: { projectId } }) => {
    const jobId = jobIdOf(event);
    const beginUntil = event.requestContext.timeEpoch + DELETE_BEGIN_MS;
    const deletions = await deleteJobs(table, blobs, projectId, [jobId], { beginUntil, onFault });
    return jsonResult<DeletionAnswer>(deletionAnswer(jobId, deletions.get(jobId)));
  });
