import { createHash, createHmac } from 'node:crypto';

/** What a client signs: a request before it is sent. */
export type Unsigned = {
  method: string;
  url: string;
  /** Headers that are signed, beside X-Sdk-Date. */
  headers?: Record<string, string>;
  body?: string | Buffer;
  date?: Date;
};

export const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** As X-Sdk-Date is written: 20191115T033655Z. */
export function sdkDate(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [date.getUTCFullYear(), two(date.getUTCMonth() + 1), two(date.getUTCDate())].join('');
  return `${day}T${[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join('')}Z`;
}

/**
 * Signs a request as the vendor's guide tells, by nothing of the code under test.
 * @returns all headers to send.
 */
export function sign(
  { access_key, secret_key }: { access_key: string; secret_key: string },
  { method, url, headers = {}, body = '', date = new Date() }: Unsigned,
): Record<string, string> {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const signed = new Map(Object.entries({ ...headers, 'X-Sdk-Date': sdkDate(date) }));
  const lines = [...signed].map(([name, value]) => [name.toLowerCase(), value.trim()] as const);
  lines.sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(';');
  const query = [...searchParams].map(([name, value]) => [encode(name), encode(value)] as const);
  query.sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1));
  const canonical = [
    method,
    decodeURIComponent(pathname).split('/').map(encode).join('/').replace(/\/?$/, '/'),
    query.map(([name, value]) => `${name}=${value}`).join('&'),
    lines.map(([name, value]) => `${name}:${value}\n`).join(''),
    names,
    sha256(body),
  ].join('\n');
  const toSign = `SDK-HMAC-SHA256\n${sdkDate(date)}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', secret_key).update(toSign).digest('hex');
  return {
    ...Object.fromEntries(signed),
    Authorization: `SDK-HMAC-SHA256 Access=${access_key}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** Percent-encodes every byte of a text that is not unreserved. */
function encode(text: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => String.fromCharCode(byte));
  return bytes
    .map((byte) =>
      /[A-Za-z0-9._~-]/.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
    )
    .join('');
}
