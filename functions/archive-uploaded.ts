import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { bucketVariables, metricVariables, readConfig, tableVariables, workerVariables } from '../lib/config.ts';
import { importUpload, type UploadEnd } from '../lib/import/import-upload.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { handleBatch } from '../lib/queue/batch.ts';
import { readObjectEvents } from '../lib/queue/object-events.ts';
import { escapeName } from '../lib/quote-name.ts';
import { createBlobs, createDispatch, createTable } from '../lib/services.ts';

const config = readConfig(process.env, {
  ...tableVariables,
  ...bucketVariables,
  ...workerVariables,
  ...metricVariables,
});
const logger = createLogger();
const meter = new Meter(config, logger);
const services = {
  table: createTable(config, meter.onRetries),
  blobs: createBlobs(config, meter.onRetries),
  dispatch: createDispatch(config),
};

/** Object-created events of the bucket, through the queue of uploads: what was uploaded is imported. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(meter.around())
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }, { awsRequestId }) => {
    const receivedAt = Date.now();
    const importAll = async ({ body, messageId: message_id }: SQSRecord) => {
      const objects = readObjectEvents(body);
      if (objects.length === 0) logger.info('test event', { message_id });
      const ends: UploadEnd[] = [];
      for (const object of objects) {
        // Lines of its worker have it, too.
        const id = `${awsRequestId}.${message_id}`;
        const { etag, sequencer } = object;
        const about = { request_id: id, message_id, key: escapeName(object.key), etag, sequencer };
        const end = await importUpload(services, object, { id, receivedAt, onFault: faultLogger(logger, about) });
        const duration = Date.now() - receivedAt;
        logger.info('upload', { ...about, ...end, duration_ms: duration });
        meter.count(`Uploads.${end.outcome}`);
        meter.time('Duration.upload', duration);
        ends.push(end);
      }
      return ends.some(({ outcome }) => outcome === 'again') ? 'again' : 'done';
    };
    const onFault = (error: unknown, { messageId: message_id }: SQSRecord) =>
      faultLogger(logger, { message_id })(error);
    return handleBatch(Records, onFault, importAll);
  });
