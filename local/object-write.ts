import type { IncomingHttpHeaders } from 'node:http';
import { type Fields, isFields } from './shapes.ts';

/** What a request that succeeds makes an object of, and by what. */
export type ObjectWrite = {
  readonly bucket: string;
  readonly key: string;
  readonly event:
    | 'ObjectCreated:Put'
    | 'ObjectCreated:Post'
    | 'ObjectCreated:Copy'
    | 'ObjectCreated:CompleteMultipartUpload';
};

/** A request to the embedded S3, routed as `/:bucket/*`, its body read. */
export type S3Request = {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
};

const SUBRESOURCES = ['acl', 'encryption', 'legal-hold', 'retention', 'tagging', 'torrent'];

/** The sub-resource that a request would PUT. The embedded S3 knows none, and would take its body for the object. */
export function subresourceOf({ method, query }: S3Request): string | undefined {
  return method === 'PUT' ? SUBRESOURCES.find((name) => isFields(query) && name in query) : undefined;
}

/** Undefined for a request that makes no object: of a part, of a bucket, or one that only reads. */
export async function objectWriteOf(request: S3Request): Promise<ObjectWrite | undefined> {
  const { bucket, '*': key = '' } = isFields(request.params) ? request.params : {};
  if (typeof bucket !== 'string' || typeof key !== 'string') return undefined;
  const query = isFields(request.query) ? request.query : {};
  if (request.method === 'PUT' && key !== '') return put(bucket, key, query, request.headers);
  if (request.method !== 'POST') return undefined;
  if (key === '') return post(bucket, request);
  const isComplete = query['uploadId'] && !('uploads' in query);
  return isComplete ? { bucket, key, event: 'ObjectCreated:CompleteMultipartUpload' } : undefined;
}

function put(bucket: string, key: string, query: Fields, headers: IncomingHttpHeaders): ObjectWrite | undefined {
  const isPart = query['uploadId'] && query['partNumber'];
  // A rename makes no object: it is a call of directory buckets, which send no events.
  if (isPart || 'renameObject' in query) return undefined;
  const isCopy = headers['x-amz-copy-source'] !== undefined;
  return { bucket, key, event: isCopy ? 'ObjectCreated:Copy' : 'ObjectCreated:Put' };
}

/** The upload of a form, which holds the key. Undefined for what is no such form: it will be refused. */
async function post(bucket: string, { headers, body }: S3Request): Promise<ObjectWrite | undefined> {
  const type = headers['content-type'] ?? '';
  if (!/multipart\/form-data/i.test(type) || !(body instanceof Uint8Array)) return undefined;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  const key = form?.get('key');
  if (typeof key !== 'string' || key === '') return undefined;
  const file = form?.get('file');
  const name = file instanceof File ? file.name.replace(/^.*[/\\]/s, '') : '';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so the form says where the name of its file goes.
  return { bucket, key: key.replaceAll('${filename}', name), event: 'ObjectCreated:Post' };
}
