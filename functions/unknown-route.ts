import middy from '@middy/core';
import { ApiError } from '../lib/errors.ts';
import { type ApiEvent, type ApiResult, apiEnvelope } from '../lib/http/api.ts';
import { createLogger } from '../lib/observe.ts';

/** `$default`: every path and method that no other route takes. Its text is that of the original service's gateway. */
export const handler = middy<ApiEvent, ApiResult>()
  .use(apiEnvelope(createLogger()))
  .handler(async () => {
    throw new ApiError('APIGW.0101', 'The API does not exist or has not been published in the environment.');
  });
