import type { APIGatewayEventRequestContextV2, Context } from 'aws-lambda';
import type { ApiEvent } from '../../lib/http/api.ts';

export const REQUEST_ID = 'request-1';

const requestContext: APIGatewayEventRequestContextV2 = {
  accountId: '0',
  apiId: 'api',
  domainName: 'localhost',
  domainPrefix: 'localhost',
  http: { method: 'POST', path: '/', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
  requestId: REQUEST_ID,
  routeKey: 'POST /x',
  stage: '$default',
  time: '',
  timeEpoch: 0,
};

/** A request as the gateway hands it over. */
export function apiEvent(other: Partial<ApiEvent> = {}): ApiEvent {
  return {
    version: '2.0',
    routeKey: requestContext.routeKey,
    rawPath: '/',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext,
    ...other,
  };
}

/** What the runtime hands over beside it. */
export function lambdaContext(): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'function',
    functionVersion: '1',
    invokedFunctionArn: 'arn',
    memoryLimitInMB: '512',
    awsRequestId: 'invocation-1',
    logGroupName: '',
    logStreamName: '',
    getRemainingTimeInMillis: () => 29_000,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
