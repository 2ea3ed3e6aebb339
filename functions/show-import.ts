import middy from '@middy/core';
import { bucketVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, inTime, jsonResult } from '../lib/http/api.ts';
import { parsePageQuery } from '../lib/http/list-query.ts';
import { importIdOf, noSuchImport } from '../lib/http/paths.ts';
import type { ShownImport } from '../lib/import/import-answers.ts';
import { showImport } from '../lib/import/show-import.ts';
import { createLogger } from '../lib/observe.ts';
import { createBlobs, createDoor, createTable } from '../lib/services.ts';

const config = readConfig(process.env, { ...tableVariables, ...secretVariables, ...bucketVariables });
const table = createTable(config);
const blobs = createBlobs(config);

/** `GET /v1.0/{project_id}/streaming/jobs/imports/{import_id}` */
export const handler = middy<ApiEvent, ApiResult>(inTime)
  .use(apiEnvelope(createLogger()))
  .use(createDoor(table, config))
  .handler(async (event, { project: { projectId } }) => {
    const importId = importIdOf(event);
    const shown = await showImport(table, blobs, { projectId, importId }, parsePageQuery(event));
    if (shown === undefined) throw noSuchImport(String(importId));
    return jsonResult<ShownImport>(shown);
  });
