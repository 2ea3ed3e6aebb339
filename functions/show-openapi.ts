import middy from '@middy/core';
import document from '../docs/openapi.json' with { type: 'json' };
import type { OpenApiAnswer } from '../lib/http/answers.ts';
import { type ApiEvent, type ApiResult, apiEnvelope, jsonResult } from '../lib/http/api.ts';
import { createLogger } from '../lib/observe.ts';

/** `GET /openapi.json`: the document as it was written by `npm run openapi`. Needs no token. */
export const handler = middy<ApiEvent, ApiResult>()
  .use(apiEnvelope(createLogger()))
  .handler(async () => jsonResult<OpenApiAnswer>(document));
