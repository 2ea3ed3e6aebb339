import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ACCOUNT } from './identity.ts';
import { cookiesOf, headersOf, parametersOf, type Texts } from './request-parts.ts';
import type { Match } from './router.ts';

const API_ID = 'local';
// Only these arrive as text, a form and a body without a type in base64. The documentation lists none; measured in
// https://github.com/ministackorg/ministack/pull/766
const TEXT_TYPE = /^(?:text\/[^;]+|application\/(?:json|xml|javascript))\s*(?:;|$)/i;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The path and query of a request's target, both untouched. */
export function targetOf(request: IncomingMessage): { path: string; query: string } {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** An id as the gateway gives to each request. */
export function createRequestId(): string {
  return randomBytes(11).toString('base64url').concat('=');
}

/**
 * The event of payload format 2.0. Its raw path and query are the bytes that were sent: the real gateway decodes the
 * path, which no caller may rely on. Source:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function createEvent(request: IncomingMessage, body: Buffer, match: Match<unknown>, requestId: string): object {
  const { path, query } = targetOf(request);
  const headers = headersOf(request, body);
  const cookies = cookiesOf(request);
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(query !== '' && { queryStringParameters: parametersOf(query) }),
    requestContext: contextOf(request, headers, match.routeKey, requestId),
    ...(Object.keys(match.parameters).length > 0 && { pathParameters: match.parameters }),
    ...bodyOf(body, headers),
  };
}

function contextOf(request: IncomingMessage, headers: Texts, routeKey: string, requestId: string): object {
  const now = new Date();
  const domainName = headers['host'] ?? '';
  return {
    accountId: ACCOUNT,
    apiId: API_ID,
    domainName,
    domainPrefix: domainName.split('.', 1)[0],
    http: {
      method: request.method,
      path: targetOf(request).path,
      protocol: `HTTP/${request.httpVersion}`,
      sourceIp: request.socket.remoteAddress ?? '',
      userAgent: headers['user-agent'] ?? '',
    },
    requestId,
    routeKey,
    stage: '$default',
    time: commonLogTime(now),
    timeEpoch: now.getTime(),
  };
}

function bodyOf(body: Buffer, headers: Texts): object {
  if (body.length === 0) return { isBase64Encoded: false };
  const isBase64Encoded = !(TEXT_TYPE.test(headers['content-type'] ?? '') && isUtf8(body));
  return { body: body.toString(isBase64Encoded ? 'base64' : 'utf8'), isBase64Encoded };
}

function commonLogTime(date: Date): string {
  const [, day, time] = /^\d+-\d+-(\d+)T([\d:]+)/.exec(date.toISOString()) ?? [];
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}
