import * as z from 'zod/mini';
import type { Call } from '../proxy.ts';

export type Service = 'S3' | 'table' | 'Lambda' | 'SQS';

const attribute = z.object({ S: z.optional(z.string()) });
const item = z.object({ pk: attribute, sk: attribute });
const tableCall = z.object({
  Key: z.optional(item),
  Item: z.optional(item),
  ExpressionAttributeValues: z.optional(z.record(z.string(), attribute)),
});
const task = z.object({ archivePlace: z.int() });
const message = z.object({
  DelaySeconds: z.optional(z.int()),
  Entries: z.optional(z.array(z.object({ MessageBody: z.string() }))),
});

/**
 * What a call is, told so that the same call of another run has the same name: its operation, and what it is about,
 * without the project and without numbers that a gap in a counter would change.
 */
export function signatureOf(service: Service, { operation, url, body }: Call, projectId: string): string {
  const about = (text: string) => text.replaceAll(projectId, 'P');
  switch (service) {
    case 'Lambda':
      return `Invoke archive ${task.parse(JSON.parse(body.toString())).archivePlace}`;
    case 'SQS':
      return `${operation} ${messagesOf(body.toString())}`;
    case 'S3':
      return `${operation} ${about(decodeURIComponent(pathOf(url)))
        .replace(/\/P\/\d+\//, '/P/N/')
        .replace(/\.[0-9a-f-]{36}$/, '.R')}`;
    case 'table':
      return `${operation} ${about(itemOf(body.toString()))}`;
  }
}

/** A plan at once or later, or archives, by the first of them. */
function messagesOf(body: string): string {
  const { DelaySeconds = 0, Entries: [first] = [] } = message.parse(JSON.parse(body));
  if (first !== undefined) return `from archive ${task.parse(JSON.parse(first.MessageBody)).archivePlace}`;
  return DelaySeconds > 0 ? 'plan, later' : 'plan';
}

const pathOf = (url: string) => (url.split('?')[0] ?? '').split('/').slice(2).join('/');

function itemOf(body: string): string {
  const { Key, Item, ExpressionAttributeValues: values = {} } = tableCall.parse(JSON.parse(body));
  const { pk, sk } = Key ?? Item ?? {};
  // A query names its partition among the values.
  const partition = (pk ?? Object.values(values)[0])?.S ?? '';
  const place = partition
    .replace(/^((?:request|upload)#.*)#[0-9a-f]{64}$/, '$1#key')
    .replace(/^(import#.*)#\d+$/, '$1#N');
  const sort = (sk?.S ?? '').replace(/^\d{16}$/, 'N');
  const counter = /last_(?:job|import)_id/.exec(body)?.[0] ?? '';
  return [place, sort, counter].filter(Boolean).join(' ');
}
