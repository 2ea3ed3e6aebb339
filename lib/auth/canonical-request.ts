import type { ApiEvent } from '../http/api.ts';

/**
 * A request told in the one way that a signature is made of.
 * Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-002.html
 * @param signedHeaders lower-case names, in their order.
 * @param payloadHash SHA-256 of the body, in hex.
 * @returns undefined if a signed header was not sent, or the query is not percent-encoded UTF-8.
 */
export function canonicalRequest(
  { requestContext, rawPath, rawQueryString, headers }: ApiEvent,
  signedHeaders: string[],
  payloadHash: string,
): string | undefined {
  const query = canonicalQuery(rawQueryString);
  const lines = canonicalHeaders(headers, signedHeaders);
  if (query === undefined || lines === undefined) return undefined;
  const { method } = requestContext.http;
  return [method, canonicalPath(rawPath), query, lines, signedHeaders.join(';'), payloadHash].join('\n');
}

/**
 * The gateway has decoded the path already: decoded twice, one path would stand for two. The paths of our routes hold
 * unreserved characters only, so nothing that is sent to them is encoded anyway.
 */
function canonicalPath(path: string): string {
  const encoded = path.split('/').map(encode).join('/');
  return encoded.endsWith('/') ? encoded : `${encoded}/`;
}

/** As it was sent the query is encoded, by each client in its own way: decoded and encoded once there is one way. */
function canonicalQuery(query: string): string | undefined {
  const pairs: [string, string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const [name, value] = splitOnce(part, '=').map(decode);
    if (name === undefined || value === undefined) return undefined;
    pairs.push([encode(name), encode(value)]);
  }
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y));
  return pairs.map((pair) => pair.join('=')).join('&');
}

function canonicalHeaders(headers: ApiEvent['headers'], names: string[]): string | undefined {
  let lines = '';
  for (const name of names) {
    // A name may be one that every object has.
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (value === undefined) return undefined;
    lines += `${name}:${value.trim()}\n`;
  }
  return lines;
}

/** Percent-encodes all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed()).replace(/[!'()*]/g, hex);
}

/** A plus is a space, as forms are encoded: a plus itself is sent as %2B. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
