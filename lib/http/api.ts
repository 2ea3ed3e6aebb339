import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj, Request } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ApiError, faultLog, HTTP_STATUS } from '../errors.ts';
import { HTTP_RESERVE_MS } from '../limits.ts';
import { escapeName } from '../quote-name.ts';
import type { ErrorAnswer } from './answers.ts';
import { toApiError } from './to-api-error.ts';

export type ApiEvent = APIGatewayProxyEventV2;
export type ApiResult = APIGatewayProxyStructuredResultV2;

type ApiRequest = Request<ApiEvent, ApiResult, Error, Context, { startedAt?: number }>;

/**
 * The answer of a handler, as JSON. Numbers made by `JSON.rawJSON` keep their digits. Each call names the type of its
 * answer, of which the OpenAPI document tells: `jsonResult<JobAnswer>(…)`.
 */
export function jsonResult<Answer = never>(
  body: NoInfer<Answer>,
  statusCode = 200,
  headers: Record<string, string> = {},
): ApiResult {
  return { statusCode, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** How long a handler may take: a function that AWS ends says nothing, and the gateway nothing that clients understand. */
export const inTime = {
  timeoutEarlyInMillis: HTTP_RESERVE_MS,
  timeoutEarlyResponse: (): never => {
    throw new ApiError(
      'DLI.0019',
      'There was no answer in time, and what came of it is not known. Send the request again.',
    );
  },
};

/**
 * Around every HTTP function: its errors become answers in the contract's shape, each answer carries X-Request-Id,
 * and each request is one line of the log.
 */
export function apiEnvelope(
  logger: Logger,
): MiddlewareObj<ApiEvent, ApiResult, Error, Context, { startedAt?: number }> {
  const finish = (request: ApiRequest, result: ApiResult, error?: ApiError) => {
    const { event, internal } = request;
    const { requestId, routeKey } = event.requestContext;
    result.headers = { ...result.headers, 'x-request-id': requestId };
    request.response = result;
    logger.info('request', {
      route: routeKey,
      status: result.statusCode ?? 200,
      duration_ms: Date.now() - (internal.startedAt ?? Date.now()),
      ...(error && { error_code: error.code }),
      ...(error?.reason !== undefined && { reason: error.reason }),
      ...(error?.code === 'DLI.0999' && error.cause !== undefined && { fault: faultLog(error.cause) }),
    });
    logger.resetKeys();
  };
  return {
    before: ({ event, internal }: ApiRequest) => {
      internal.startedAt = Date.now();
      // Of every line of the request, be it of a fault on the way.
      const projectId = event.pathParameters?.['project_id'];
      logger.appendKeys({
        request_id: event.requestContext.requestId,
        ...(projectId !== undefined && { project_id: escapeName(projectId) }),
      });
    },
    after: (request: ApiRequest) => finish(request, request.response ?? { statusCode: 204 }),
    onError: (request: ApiRequest) => {
      const error = toApiError(request.error);
      finish(request, errorResult(error, request.event.requestContext.requestId), error);
    },
  };
}

function errorResult({ code, message, retryAfter }: ApiError, requestId: string): ApiResult {
  const isGateways = code.startsWith('APIGW.');
  return jsonResult<ErrorAnswer>(
    { error_code: code, error_msg: message, ...(isGateways && { request_id: requestId }) },
    HTTP_STATUS[code],
    retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
  );
}
