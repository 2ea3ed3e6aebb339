import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { bucketVariables, metricVariables, readConfig, tableVariables } from '../lib/config.ts';
import { archiveTask } from '../lib/dispatch/archive-task.ts';
import { CountedJobs } from '../lib/import/counted-jobs.ts';
import { importQueuedArchive } from '../lib/import/import-queued-archive.ts';
import { countRefusals, summarise } from '../lib/job/outcome.ts';
import { WORKER_RESERVE_MS, WORKER_STORE_MS } from '../lib/limits.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { handleBatch } from '../lib/queue/batch.ts';
import { receivesOf } from '../lib/queue/receives.ts';
import { escapeName } from '../lib/quote-name.ts';
import { createBlobs, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...bucketVariables, ...metricVariables });
const logger = createLogger();
const meter = new Meter(config, logger);
const services = {
  table: createTable(config, meter.onRetries),
  blobs: createBlobs(config, meter.onRetries),
  counted: new CountedJobs(),
};

/** The worker behind the queue: one archive of an import a message. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(meter.around('Duration.archive'))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }, context) => {
    const startedAt = Date.now();
    const remaining = context.getRemainingTimeInMillis();
    const importOne = async (message: SQSRecord) => {
      const task = archiveTask.parse(JSON.parse(message.body));
      logger.appendKeys({ request_id: task.requestId, project_id: task.projectId, import_id: task.importId });
      const end = await importQueuedArchive(services, task, {
        id: context.awsRequestId,
        writeUntil: startedAt + remaining - WORKER_RESERVE_MS,
        giveUp: AbortSignal.timeout(Math.max(0, remaining - WORKER_STORE_MS)),
        onFault: faultLogger(logger),
        receives: receivesOf(message),
        // Not by its end: the note that follows may fail, and comes again with nothing to do.
        onStored: (found) => {
          meter.count('Archives');
          meter.countEach('Jobs', summarise(found).jobs);
          meter.countEach('Refusals', countRefusals(found));
        },
      });
      const { outcome } = end;
      const summary = 'found' in end ? summarise(end.found) : { jobs: {} };
      const archive = escapeName(task.object.key);
      logger.info('archive', { archive, outcome, ...summary, duration_ms: Date.now() - startedAt });
      return outcome === 'again' ? outcome : 'done';
    };
    return handleBatch(Records, faultLogger(logger), importOne);
  });
