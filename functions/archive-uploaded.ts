import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { bucketVariables, readConfig, tableVariables, workerVariables } from '../lib/config.ts';
import { importUpload, type UploadEnd } from '../lib/import/import-upload.ts';
import { createLogger, createMetrics, faultLogger } from '../lib/observe.ts';
import { handleBatch } from '../lib/queue/batch.ts';
import { readObjectEvents } from '../lib/queue/object-events.ts';
import { escapeName } from '../lib/quote-name.ts';
import { createBlobs, createDispatch, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...bucketVariables, ...workerVariables });
const logger = createLogger();
const metrics = createMetrics();
const services = { table: createTable(config), blobs: createBlobs(config), dispatch: createDispatch(config) };

/** Object-created events of the bucket, through the queue of uploads: what was uploaded is imported. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }, { awsRequestId }) => {
    const receivedAt = Date.now();
    const importAll = async ({ body, messageId: message_id }: SQSRecord) => {
      const objects = readObjectEvents(body);
      if (objects.length === 0) logger.info('test event', { message_id });
      const ends: UploadEnd[] = [];
      for (const object of objects) {
        const about = { message_id, key: escapeName(object.key), etag: object.etag, sequencer: object.sequencer };
        const delivery = { id: `${awsRequestId}.${message_id}`, receivedAt, onFault: faultLogger(logger, about) };
        const end = await importUpload(services, object, delivery);
        logger.info('upload', { ...about, ...end });
        metrics.addMetric(`Uploads.${end.outcome}`, MetricUnit.Count, 1);
        ends.push(end);
      }
      return ends.some(({ outcome }) => outcome === 'again') ? 'again' : 'done';
    };
    const onFault = (error: unknown, { messageId: message_id }: SQSRecord) =>
      faultLogger(logger, { message_id })(error);
    const response = await handleBatch(Records, onFault, importAll);
    metrics.publishStoredMetrics();
    return response;
  });
