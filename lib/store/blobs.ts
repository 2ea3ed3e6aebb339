import { inflateRawSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import { deflateText, type PackedText } from '../job/packed-text.ts';
import { ITEM_BLOB_BYTES, STORED_TEXT_BYTES } from '../limits.ts';
import { type Bucket, deleteObject, getObject, putObject } from './objects.ts';

/** Compressed text as an item holds it: in the item, or, when too large, in an object of the deployment's bucket. */
export type StoredText = { inline: Uint8Array } | { key: string };

/** Where the deployment's bucket holds what belongs to no project: never a place to import from. */
export const INTERNAL_PREFIXES = ['definitions/', 'imports/', 'outcomes/'] as const;

/** Where an object of the deployment's bucket is an archive that imports itself. */
export const UPLOADS = 'uploads/';

export type Blobs = { s3: S3Client; home: Bucket };

/**
 * Stores a text. What does not fit an item is an object before this returns, so that an item never points to
 * nothing.
 * @param key of the object, if it comes to one: never shared, never written twice with another content.
 * @param inlineBytes what stays in the item, compressed, at the most.
 */
export async function storeText(
  { s3, home }: Blobs,
  key: string,
  text: PackedText | string,
  { inlineBytes = ITEM_BLOB_BYTES, abortSignal }: { inlineBytes?: number; abortSignal?: AbortSignal | undefined } = {},
): Promise<StoredText> {
  const inline = deflateText(text);
  if (inline.length <= inlineBytes) return { inline };
  await putObject(s3, { ...home, key }, inline, abortSignal);
  return { key };
}

/** Reads a stored text back. Undefined if its object is gone, as when the item was replaced meanwhile. */
export async function readText(blobs: Blobs, stored: StoredText): Promise<string | undefined> {
  const bytes = await readPacked(blobs, stored);
  return bytes && unpackText(bytes);
}

/** The same as it is stored, compressed. */
export async function readPacked(
  { s3, home }: Blobs,
  stored: StoredText,
  abortSignal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  return 'inline' in stored ? stored.inline : getObject(s3, { ...home, key: stored.key }, abortSignal);
}

/** The text of what is stored. */
export function unpackText(bytes: Uint8Array): string {
  return inflateRawSync(bytes, { maxOutputLength: STORED_TEXT_BYTES }).toString();
}

/** Ends the object of a stored text, if it has one. The item that pointed to it must be gone or changed by then. */
export async function dropText({ s3, home }: Blobs, stored: StoredText): Promise<void> {
  if ('key' in stored) await deleteObject(s3, { ...home, key: stored.key });
}
