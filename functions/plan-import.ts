import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { archiveQueueVariables, bucketVariables, metricVariables, readConfig, tableVariables } from '../lib/config.ts';
import { planTask } from '../lib/dispatch/plan-task.ts';
import { planImport } from '../lib/import/plan-import.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { handleBatch } from '../lib/queue/batch.ts';
import { receivesOf } from '../lib/queue/receives.ts';
import { createBlobs, createSendArchives, createTable } from '../lib/services.ts';

const config = readConfig(process.env, {
  ...tableVariables,
  ...bucketVariables,
  ...archiveQueueVariables,
  ...metricVariables,
});
const logger = createLogger();
const meter = new Meter(config, logger);
const services = {
  table: createTable(config, meter.onRetries),
  blobs: createBlobs(config, meter.onRetries),
  sendArchives: createSendArchives(config, meter.onRetries),
};

/** The planner: an import in, and each of its archives that is not done is on the queue of the workers. */
export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(meter.around('Duration.plan'))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async ({ Records }) => {
    const plan = async (message: SQSRecord) => {
      const task = planTask.parse(JSON.parse(message.body));
      logger.appendKeys({ request_id: task.requestId, project_id: task.projectId, import_id: task.importId });
      const end = await planImport(services, task, { receives: receivesOf(message) });
      logger.info('plan', { ...end });
      return 'done' as const;
    };
    const onFault = (error: unknown, { messageId: message_id }: SQSRecord) =>
      faultLogger(logger, { message_id })(error);
    return handleBatch(Records, onFault, plan);
  });
