import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import pMap from 'p-map';
import { CREDENTIALS, REGION } from './identity.ts';
import type { Stack } from './stack.ts';

/** Files on their way at once, and bytes above which one goes in parts. */
const UPLOADS_AT_ONCE = 8;
const PART_BYTES = 8 * 1024 * 1024;

/**
 * Uploads files into a folder of the bucket, the larger ones by parts.
 * @param onDone hears after each file how many there are by then.
 * @returns the path of the folder, as an import takes it.
 */
export async function uploadArchives(
  { s3Endpoint, bucket }: Stack,
  files: string[],
  folder: string,
  onDone: (done: number) => void,
): Promise<string> {
  const s3 = new S3Client({ endpoint: s3Endpoint, region: REGION, credentials: CREDENTIALS });
  const keys = keysOf(files, folder);
  let done = 0;
  try {
    await pMap(
      files,
      async (file, place) => {
        const params = { Bucket: bucket, Key: keys[place], Body: createReadStream(file) };
        await new Upload({ client: s3, params, partSize: PART_BYTES }).done();
        done += 1;
        onDone(done);
      },
      { concurrency: UPLOADS_AT_ONCE },
    );
  } finally {
    s3.destroy();
  }
  return `${bucket}/${folder}`;
}

/** Files of different folders may have one name: then the place goes before all of them, which keeps their order too. */
function keysOf(files: string[], folder: string): string[] {
  const names = files.map((file) => basename(file));
  const areUnique = new Set(names).size === names.length;
  const digits = String(names.length).length;
  return names.map((name, place) => `${folder}/${areUnique ? '' : `${String(place).padStart(digits, '0')}-`}${name}`);
}
