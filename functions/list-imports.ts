import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { parseImportsQuery } from '../lib/http/list-query.ts';
import type { ImportList } from '../lib/import/import-answers.ts';
import { listImports } from '../lib/import/list-imports.ts';
import { createLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const table = createTable(config);
const blobs = createBlobs(config);

/** `GET /v1.0/{project_id}/streaming/jobs/imports` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(createLogger()))
  .use(createDoor(table, config))
  .handler(async (event, { project: { projectId } }) => {
    return jsonResult<ImportList>(await listImports(table, blobs, projectId, parseImportsQuery(event)));
  });
