import type { IncomingMessage } from 'node:http';
import { decoded } from './router.ts';

export type Texts = Record<string, string>;

// Between two hops only; and cookies, which have a place of their own.
const LEFT_OUT = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'cookie']);

/** The headers as a function gets them: lower-cased, joined by commas, with what the gateway adds; no cookies. */
export function headersOf(request: IncomingMessage, body: Buffer): Texts {
  const headers: Texts = {};
  for (const [name, value] of headerPairs(request)) {
    if (!LEFT_OUT.has(name)) join(headers, name, value);
  }
  const { remoteAddress = '', localPort } = request.socket;
  return {
    ...headers,
    'content-length': String(body.length),
    'x-forwarded-for': [headers['x-forwarded-for'], remoteAddress].filter(Boolean).join(', '),
    'x-forwarded-port': String(localPort),
    'x-forwarded-proto': 'http',
  };
}

// The parsed headers of node drop some duplicates.
function headerPairs({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? '']);
  }
  return pairs;
}

/** Each cookie of a request. */
export function cookiesOf(request: IncomingMessage): string[] {
  const lines = headerPairs(request).filter(([name]) => name === 'cookie');
  return lines.flatMap(([, value]) => value.split(';').map((cookie) => cookie.trim())).filter((text) => text !== '');
}

/** The decoded parameters of a query, those of one name joined by commas. */
export function parametersOf(query: string): Texts {
  const parameters: Texts = {};
  for (const part of query.split('&').filter((text) => text !== '')) {
    const [name = '', ...value] = part.split('=').map((text) => decoded(text.replaceAll('+', ' ')));
    join(parameters, name, value.join('='));
  }
  return parameters;
}

function join(texts: Texts, name: string, value: string): void {
  const before = Object.hasOwn(texts, name) ? texts[name] : undefined;
  texts[name] = before === undefined ? value : `${before},${value}`;
}
