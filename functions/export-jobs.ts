import middy from '@middy/core';
import { bucketVariables, metricVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import { exportJobs } from '../lib/export/export-jobs.ts';
import { exportRequest } from '../lib/export/export-request.ts';
import type { ExportAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { jsonBody, parseBody } from '../lib/http/json-body.ts';
import { ID_LIST_BODY_BYTES } from '../lib/limits.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';

const config = readConfig(process.env, {
  ...tableVariables,
  ...secretVariables,
  ...bucketVariables,
  ...metricVariables,
});
const logger = createLogger();
const meter = new Meter(config, logger);
const table = createTable(config, meter.onRetries);
const services = { table, blobs: createBlobs(config, meter.onRetries) };

/** `POST /v1.0/{project_id}/streaming/jobs/export` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(meter.around('Duration.export'))
  .use(apiEnvelope(logger))
  .use(createDoor(table, config))
  .use(jsonBody(ID_LIST_BODY_BYTES))
  .handler(async (event, { project }) => {
    const { requestId, timeEpoch: receivedAt } = event.requestContext;
    const request = parseBody(event, exportRequest);
    const paths = await exportJobs(services, { project, request, requestId, receivedAt }, faultLogger(logger));
    meter.count('Exports');
    const message = paths.length > 0 ? 'The job is exported successfully.' : 'There is no job to export.';
    return jsonResult<ExportAnswer>({ is_success: 'true', message, zip_file: paths });
  });
