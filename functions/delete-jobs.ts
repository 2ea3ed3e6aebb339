import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import type { DeletionsAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { deleteRequest, deletionResult } from '../lib/http/deletions.ts';
import { jsonBody, parseBody } from '../lib/http/json-body.ts';
import { DELETE_BEGIN_MS, ID_LIST_BODY_BYTES } from '../lib/limits.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';
import { deleteJobs } from '../lib/store/delete-jobs.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const logger = createLogger();
const table = createTable(config);
const blobs = createBlobs(config);
const onFault = faultLogger(logger);

/** `POST /v1.0/{project_id}/streaming/jobs/delete` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(logger))
  .use(createDoor(table, config))
  .use(jsonBody(ID_LIST_BODY_BYTES))
  .handler(async (event, { project: { projectId } }) => {
    const { job_ids: jobIds } = parseBody(event, deleteRequest);
    const beginUntil = event.requestContext.timeEpoch + DELETE_BEGIN_MS;
    const deletions = await deleteJobs(table, blobs, projectId, jobIds, { beginUntil, onFault });
    return jsonResult<DeletionsAnswer>(jobIds.map((jobId) => deletionResult(jobId, deletions.get(jobId))));
  });
