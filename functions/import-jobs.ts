import middy from '@middy/core';
import {
  bucketVariables,
  metricVariables,
  planQueueVariables,
  readConfig,
  secretVariables,
  tableVariables,
  workerVariables,
} from '../lib/config.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { idempotencyKeyOf } from '../lib/http/idempotency-key.ts';
import { jsonBody, parseBody } from '../lib/http/json-body.ts';
import { prefersAsync, RESPOND_ASYNC } from '../lib/http/prefer.ts';
import type { ImportReply } from '../lib/import/answer.ts';
import { importJobs } from '../lib/import/import-jobs.ts';
import { importRequest } from '../lib/import/import-request.ts';
import { countActions } from '../lib/job/outcome.ts';
import { REQUEST_BODY_BYTES } from '../lib/limits.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { createBlobs, createDispatch, createDoor, createSendPlan, createTable } from '../lib/services.ts';

const config = readConfig(process.env, {
  ...tableVariables,
  ...secretVariables,
  ...bucketVariables,
  ...workerVariables,
  ...planQueueVariables,
  ...metricVariables,
});
const logger = createLogger();
const meter = new Meter(config, logger);
const table = createTable(config, meter.onRetries);
const services = {
  table,
  blobs: createBlobs(config, meter.onRetries),
  dispatch: createDispatch(config),
  sendPlan: createSendPlan(config, meter.onRetries),
};

/** `POST /v1.0/{project_id}/streaming/jobs/import` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(meter.around('Duration.import'))
  .use(apiEnvelope(logger))
  .use(createDoor(table, config))
  .use(jsonBody(REQUEST_BODY_BYTES))
  .handler(async (event, { project, requestedBy }) => {
    const respondAsync = prefersAsync(event);
    const asked = {
      project,
      request: parseBody(event, importRequest),
      requestedBy,
      idempotencyKey: idempotencyKeyOf(event),
      respondAsync,
      requestId: event.requestContext.requestId,
      receivedAt: event.requestContext.timeEpoch,
    };
    const { status, location, body } = await importJobs(services, asked, {
      onAccepted: (importId) => {
        logger.appendKeys({ import_id: importId });
        meter.count('Imports');
      },
      onFault: faultLogger(logger),
    });
    logger.appendKeys('state' in body ? { state: body.state } : { jobs: countActions(body.job_mapping) });
    return jsonResult<ImportReply['body']>(body, status, {
      ...(location !== undefined && { location }),
      ...(respondAsync && { 'preference-applied': RESPOND_ASYNC }),
    });
  });
