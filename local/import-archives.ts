import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DEMO } from './demo.ts';
import { REGION } from './identity.ts';
import type { ResultRow } from './result-table.ts';
import type { Stack } from './stack.ts';

/** What came of one archive: the answer's rows, or why there are none. */
export type ImportedArchive = { path: string; message: string; rows: ResultRow[]; isSuccess: boolean };

/** Uploads ZIPs to the bucket and imports each over HTTP, in turn, as any client does. */
export async function* importArchives(stack: Stack, files: string[], folder: string): AsyncGenerator<ImportedArchive> {
  const s3 = new S3Client({ endpoint: stack.s3Endpoint, region: REGION, credentials: DEMO_S3 });
  try {
    for (const file of files) {
      const key = `${folder}/${basename(file)}`;
      await s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: await readFile(file) }));
      yield await importArchive(stack, `${stack.bucket}/${key}`);
    }
  } finally {
    s3.destroy();
  }
}

const DEMO_S3 = { accessKeyId: DEMO.keys.access_key, secretAccessKey: DEMO.keys.secret_key };

async function importArchive({ endpoint }: Stack, path: string): Promise<ImportedArchive> {
  const response = await fetch(`${endpoint}${importPath()}`, {
    method: 'POST',
    headers: { 'x-auth-token': DEMO.keys.token, 'content-type': 'application/json' },
    body: JSON.stringify({ zip_file: path, is_cover: true }),
  });
  const answer: Answer = parseKeepingIds(await response.text());
  return {
    path,
    message: answer.message ?? `${answer.error_code}: ${answer.error_msg}`,
    rows: answer.job_mapping ?? [],
    isSuccess: answer.is_success === 'true',
  };
}

type Answer = {
  is_success?: string;
  message?: string;
  error_code?: string;
  error_msg?: string;
  job_mapping?: ResultRow[];
};

export const importPath = () => `/v1.0/${DEMO.projectId}/streaming/jobs/import`;

/** Ids may be beyond what a number holds: they are read as their digits. */
function parseKeepingIds(text: string): Answer {
  return JSON.parse(text, (key, value, context?: { source?: string }) => {
    return key.endsWith('_job_id') ? (context?.source ?? value) : value;
  });
}
