import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { bucketVariables, metricVariables, readConfig, tableVariables } from '../lib/config.ts';
import { type ArchiveReply, archiveTask } from '../lib/dispatch/archive-task.ts';
import { importArchive } from '../lib/import/import-archive.ts';
import { countRefusals, summarise } from '../lib/job/outcome.ts';
import { WORKER_RESERVE_MS, WORKER_STORE_MS } from '../lib/limits.ts';
import { Meter } from '../lib/meter.ts';
import { createLogger, faultLogger } from '../lib/observe.ts';
import { escapeName } from '../lib/quote-name.ts';
import { createBlobs, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...bucketVariables, ...metricVariables });
const logger = createLogger();
const meter = new Meter(config, logger);
const services = { table: createTable(config, meter.onRetries), blobs: createBlobs(config, meter.onRetries) };

/** The worker: one archive of an import in, where its outcomes are out. Invoked by the function that imports. */
export const handler = middy<unknown, ArchiveReply>()
  .use(meter.around('Duration.archive'))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event, context) => {
    const startedAt = Date.now();
    const remaining = context.getRemainingTimeInMillis();
    const task = archiveTask.parse(event);
    logger.appendKeys({ request_id: task.requestId, project_id: task.projectId, import_id: task.importId });

    const { found, stored } = await importArchive(services, task, {
      id: context.awsRequestId,
      writeUntil: startedAt + remaining - WORKER_RESERVE_MS,
      giveUp: AbortSignal.timeout(Math.max(0, remaining - WORKER_STORE_MS)),
      onFault: faultLogger(logger),
    });

    const summary = summarise(found);
    logger.info('archive', { archive: escapeName(task.object.key), ...summary, duration_ms: Date.now() - startedAt });
    meter.count('Archives');
    meter.countEach('Jobs', summary.jobs);
    meter.countEach('Refusals', countRefusals(found));
    return 'inline' in stored ? { inline: Buffer.from(stored.inline).toString('base64') } : stored;
  })
  // Its caller is told no more than that it failed.
  .onError(({ error }) => faultLogger(logger)(error));
