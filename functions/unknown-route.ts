import middy from '@middy/core';
import { type ApiEvent, type ApiResult, apiEnvelope } from '../lib/http/api.ts';
import { unknownPath } from '../lib/http/paths.ts';
import { createLogger } from '../lib/services.ts';

/** `$default`: every path and method that no other route takes. */
export const handler = middy<ApiEvent, ApiResult>()
  .use(apiEnvelope(createLogger()))
  .handler(async () => {
    throw unknownPath();
  });
