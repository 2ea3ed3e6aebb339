import { addAbortSignal, Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { ARCHIVE_BYTES, OBJECT_READ_ATTEMPTS, OBJECT_READ_MS } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { refusal } from '../refusals.ts';

/** A bucket, and the account that must own it: S3 refuses the call if another one does. */
export type Bucket = { bucket: string; owner: string };
export type ObjectPlace = Bucket & { key: string };

/** One version of an object, as it was when it was looked at. */
export const seenObject = z.object({
  bucket: z.string(),
  owner: z.string(),
  key: z.string(),
  etag: z.string(),
  size: z.int(),
  /** Only where its bucket keeps versions. */
  versionId: z.optional(z.string()),
});
export type SeenObject = z.infer<typeof seenObject>;

/** An object that was made or replaced, as an event tells it; of two versions the later has the `sequencer` that sorts behind. */
export type CreatedObject = Omit<SeenObject, 'owner'> & { sequencer: string };

/**
 * Looks at an object without reading it.
 * @throws ApiError DLI.0002 if there is none, DLI.0011 if it may not be read.
 */
export async function lookAtObject(s3: S3Client, place: ObjectPlace): Promise<SeenObject> {
  const answer = await s3
    .send(new HeadObjectCommand({ Bucket: place.bucket, Key: place.key, ExpectedBucketOwner: place.owner }))
    .catch((error: unknown) => {
      throw asApiError(error, place);
    });
  return toSeen(place, place.key, answer.ETag, answer.ContentLength);
}

/**
 * Looks at one version of an object without reading it.
 * @returns what its maker said of it: user metadata by lower-case name.
 * @throws ApiError DLI.0002 if it is gone or was replaced since, DLI.0011 if it may not be read.
 */
export async function readMetadata(s3: S3Client, seen: SeenObject): Promise<Record<string, string>> {
  const answer = await s3.send(new HeadObjectCommand(versionOf(seen))).catch((error: unknown) => {
    throw asApiError(error, seen);
  });
  return answer.Metadata ?? {};
}

/** The very version that was seen, or none. */
function versionOf({ bucket, owner, key, etag, versionId }: SeenObject) {
  return { Bucket: bucket, Key: key, IfMatch: etag, VersionId: versionId, ExpectedBucketOwner: owner };
}

/** What lies directly in a folder. */
export type FolderPage = { objects: SeenObject[]; folders: string[] };

/**
 * Lists a folder page by page: the objects directly in it, and the names of folders below it.
 * @param folder its key ends in `/`, or is empty for the whole bucket.
 * @throws ApiError DLI.0011 if it may not be listed.
 */
export async function* listFolder(s3: S3Client, folder: ObjectPlace): AsyncGenerator<FolderPage> {
  const { bucket, owner, key } = folder;
  const input = { Bucket: bucket, Prefix: key, Delimiter: '/', ExpectedBucketOwner: owner };
  try {
    for await (const { Contents = [], CommonPrefixes = [] } of paginateListObjectsV2({ client: s3 }, input)) {
      yield {
        objects: Contents.map(({ Key, ETag, Size }) => toSeen(folder, Key, ETag, Size)),
        folders: CommonPrefixes.flatMap(({ Prefix }) => Prefix ?? []),
      };
    }
  } catch (error) {
    throw asApiError(error, folder);
  }
}

function toSeen({ bucket, owner }: Bucket, key?: string, etag?: string, size?: number): SeenObject {
  if (key === undefined || etag === undefined || size === undefined) {
    throw new Error('S3 listed an object without its key, ETag or size');
  }
  return { bucket, owner, key, etag, size };
}

/**
 * Reads the very version of an archive that was seen, whole. A body that breaks off or stalls is read again, from its
 * start: no SDK does that by itself.
 * @throws ApiError DLI.0002 if it is gone or was replaced since, DLI.0009 if it is over the limit; what S3 failed with.
 */
export async function readArchiveObject(s3: S3Client, seen: SeenObject): Promise<Buffer> {
  if (seen.size > ARCHIVE_BYTES) throw tooLarge(seen, seen.size);
  for (let attempt = 1; ; attempt++) {
    try {
      return await readOnce(s3, seen);
    } catch (error) {
      const isFinal = error instanceof ApiError || error instanceof S3ServiceException;
      if (isFinal || attempt === OBJECT_READ_ATTEMPTS) throw error;
    }
  }
}

async function readOnce(s3: S3Client, seen: SeenObject): Promise<Buffer> {
  const abortSignal = AbortSignal.timeout(OBJECT_READ_MS);
  const { Body } = await s3.send(new GetObjectCommand(versionOf(seen)), { abortSignal }).catch((error: unknown) => {
    throw asApiError(error, seen);
  });
  if (!(Body instanceof Readable)) throw new Error('S3 answered a GET without a body');
  addAbortSignal(abortSignal, Body);
  // Its chunks put together at the end would be there twice.
  const bytes = Buffer.allocUnsafeSlow(seen.size);
  let length = 0;
  for await (const chunk of Body) {
    // The ETag pins the very object that was seen, and so its size.
    if (length + chunk.length > seen.size) throw new Error(`S3 told of ${seen.size} bytes and sends more`);
    bytes.set(chunk, length);
    length += chunk.length;
  }
  if (length < seen.size) throw new Error(`S3 told of ${seen.size} bytes and sent ${length}`);
  return bytes;
}

/** An archive over the limit, refused by the size that S3 tells before a byte is read. */
export function tooLarge({ bucket, key }: ObjectPlace, size: number): ApiError {
  return refusal(
    'archive.size',
    `${quoteName(`${bucket}/${key}`)} has ${size} bytes; an archive may have ${ARCHIVE_BYTES}. Split it into several.`,
  );
}

export async function putObject(
  s3: S3Client,
  { bucket, owner, key }: ObjectPlace,
  body: Uint8Array,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ExpectedBucketOwner: owner });
  await s3.send(command, abortSignal && { abortSignal });
}

/** Who made an object, in its metadata: unlike anybody else. */
const MADE_BY = 'made-by';

/**
 * Puts an archive where nothing may be yet. S3 decides that alone; a server that does not know the condition replaces
 * what is there.
 * @param madeBy by it the object is known again, if the answer to a first try was lost.
 * @returns whether it is there; false if another object is.
 * @throws ApiError DLI.0002 if there is no such bucket, DLI.0011 if it may not be written.
 */
export async function putNewArchive(
  s3: S3Client,
  place: ObjectPlace,
  body: Uint8Array,
  { madeBy, abortSignal }: { madeBy: string; abortSignal: AbortSignal },
): Promise<boolean> {
  const { bucket, owner, key } = place;
  const input = { Bucket: bucket, Key: key, Body: body, ExpectedBucketOwner: owner, IfNoneMatch: '*' };
  const command = new PutObjectCommand({ ...input, ContentType: 'application/zip', Metadata: { [MADE_BY]: madeBy } });
  try {
    await s3.send(command, { abortSignal });
    return true;
  } catch (error) {
    const status = statusOf(error);
    // 409: another call for the same key was under way.
    if (status === 412 || status === 409) return isMadeBy(s3, place, { madeBy, abortSignal });
    if (status === 403) throw notWritable(place, error);
    if (status === 404)
      throw new ApiError('DLI.0002', `The bucket ${quoteName(bucket)} does not exist.`, { cause: error });
    throw error;
  }
}

/** Removes what `putNewArchive` made, or may have made. What is another's stays. */
export async function removeNewArchive(
  s3: S3Client,
  place: ObjectPlace,
  made: { madeBy: string; abortSignal: AbortSignal },
): Promise<void> {
  if (await isMadeBy(s3, place, made)) await deleteObject(s3, place, made.abortSignal);
}

async function isMadeBy(
  s3: S3Client,
  { bucket, owner, key }: ObjectPlace,
  { madeBy, abortSignal }: { madeBy: string; abortSignal: AbortSignal },
): Promise<boolean> {
  const command = new HeadObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: owner });
  try {
    return (await s3.send(command, { abortSignal })).Metadata?.[MADE_BY] === madeBy;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

const notWritable = ({ bucket, key }: ObjectPlace, cause: unknown) =>
  new ApiError('DLI.0011', `${quoteName(`${bucket}/${key}`)} may not be written by this service.`, { cause });

/** Reads an object of our own. Undefined if there is none. */
export async function getObject(
  s3: S3Client,
  { bucket, owner, key }: ObjectPlace,
  abortSignal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: owner });
    const { Body } = await s3.send(command, abortSignal && { abortSignal });
    return await Body?.transformToByteArray();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Ends an object of our own; one that is not there is no error. */
export async function deleteObject(
  s3: S3Client,
  { bucket, owner, key }: ObjectPlace,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, ExpectedBucketOwner: owner });
  await s3.send(command, abortSignal && { abortSignal });
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** A key stands for the archives that were there when it was first used. */
const ANEW =
  'Send the request again, with another Idempotency-Key if it has one. What replaces an upload is imported by itself.';

/** A refusal by S3 that the client can act on; anything else stays a fault. */
function asApiError(error: unknown, { bucket, key }: ObjectPlace): unknown {
  const path = quoteName(`${bucket}/${key}`);
  switch (statusOf(error)) {
    case 404:
      return new ApiError('DLI.0002', `${path} does not exist. Check zip_file.`, { cause: error });
    case 403:
      return new ApiError('DLI.0011', `${path} may not be read by this service.`, { cause: error });
    case 412:
      return new ApiError('DLI.0002', `${path} was replaced while it was imported. ${ANEW}`, { cause: error });
    default:
      return error;
  }
}
