import type { OutgoingHttpHeaders } from 'node:http';
import { type Fields, isFields, listAt } from './shapes.ts';

export type GatewayResponse = {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer;
};

/** What the gateway itself says, in its own shape. */
export function gatewayError(status: number, message: string): GatewayResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

export const INTERNAL_ERROR = gatewayError(500, 'Internal Server Error');

/**
 * The response that a function's payload stands for in format 2.0: without a `statusCode` it is itself the body of a
 * 200. One that cannot be sent is the gateway's 500. Source:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function responseOf(payload: string): GatewayResponse {
  const result: unknown = JSON.parse(payload);
  if (!isFields(result) || result['statusCode'] === undefined) {
    const body = typeof result === 'string' ? result : payload;
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  try {
    return explicitResponse(result);
  } catch {
    return INTERNAL_ERROR;
  }
}

function explicitResponse(result: Fields): GatewayResponse {
  const { statusCode, body = '', isBase64Encoded } = result;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) throw new Error('no status');
  if (typeof body !== 'string') throw new Error('no text');
  const headers: OutgoingHttpHeaders = { 'content-type': 'text/plain;charset=utf-8' };
  for (const [name, value] of Object.entries(isFields(result['headers']) ? result['headers'] : {})) {
    headers[name.toLowerCase()] = String(value);
  }
  const cookies = listAt(result['cookies'], 'cookies').map(String);
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  return { status, headers, body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body };
}
