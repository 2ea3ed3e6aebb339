import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import { exportJobs } from '../lib/export/export-jobs.ts';
import { exportRequest } from '../lib/export/export-request.ts';
import type { ExportAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { jsonBody, parseBody } from '../lib/http/json-body.ts';
import { ID_LIST_BODY_BYTES } from '../lib/limits.ts';
import { createLogger, createMetrics, faultLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const logger = createLogger();
const metrics = createMetrics();
const table = createTable(config);
const services = { table, blobs: createBlobs(config) };

/** `POST /v1.0/{project_id}/streaming/jobs/export` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(logger))
  .use(createDoor(table, config))
  .use(jsonBody(ID_LIST_BODY_BYTES))
  .handler(async (event, { project }) => {
    const { requestId, timeEpoch: receivedAt } = event.requestContext;
    const request = parseBody(event, exportRequest);
    const paths = await exportJobs(services, { project, request, requestId, receivedAt }, faultLogger(logger));
    metrics.addMetric('Exports', MetricUnit.Count, 1).publishStoredMetrics();
    const message = paths.length > 0 ? 'The job is exported successfully.' : 'There is no job to export.';
    return jsonResult<ExportAnswer>({ is_success: 'true', message, zip_file: paths });
  });
