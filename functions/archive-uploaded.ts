import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { bucketVariables, readConfig, tableVariables, workerVariables } from '../lib/config.ts';
import { faultLog } from '../lib/errors.ts';
import { importUpload, type UploadEnd } from '../lib/import/import-upload.ts';
import { handleBatch } from '../lib/queue/batch.ts';
import { readObjectEvents } from '../lib/queue/object-events.ts';
import { createBlobs, createDispatch, createLogger, createMetrics, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...bucketVariables, ...workerVariables });
const logger = createLogger();
const metrics = createMetrics();
const services = { table: createTable(config), blobs: createBlobs(config), dispatch: createDispatch(config) };

/** Object-created events of the bucket, through the queue of uploads: what was uploaded is imported. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }, { awsRequestId }) => {
    const receivedAt = Date.now();
    const onFault = (error: unknown) => logger.error('fault', { fault: faultLog(error) });
    const response = await handleBatch(Records, onFault, async ({ body, messageId }) => {
      const delivery = { id: `${awsRequestId}.${messageId}`, receivedAt, onFault };
      const ends: UploadEnd[] = [];
      for (const object of readObjectEvents(body)) {
        const end = await importUpload(services, object, delivery);
        logger.info('upload', { message_id: messageId, key: object.key, ...end });
        metrics.addMetric(`Uploads.${end.outcome}`, MetricUnit.Count, 1);
        ends.push(end);
      }
      return ends.some(({ outcome }) => outcome === 'again') ? 'again' : 'done';
    });
    metrics.publishStoredMetrics();
    return response;
  });
