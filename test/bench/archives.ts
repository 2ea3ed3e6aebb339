import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { CREDENTIALS, REGION } from '../../local/identity.ts';
import { zip } from '../zip.ts';

const SQL_BYTES = 2_000;
/** Jobs of one entry: of more it would be too large. */
const ENTRY_JOBS = 1_000;
const UPLOADS_AT_ONCE = 8;

/** Puts archives of jobs of 2 KB into a folder; no two jobs have one name. @returns the archives' paths. */
export async function putArchives(
  { s3Endpoint, bucket }: { s3Endpoint: string; bucket: string },
  { folder, archives, jobs }: { folder: string; archives: number; jobs: number },
): Promise<string[]> {
  const s3 = new S3Client({ endpoint: s3Endpoint, region: REGION, credentials: CREDENTIALS });
  const put = async (n: number) => {
    const Key = `${folder}/${n}.zip`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: archiveOf(`${folder}_${n}`, jobs) }));
    return `${bucket}/${Key}`;
  };
  const paths = await pMap(Array(archives).keys(), put, { concurrency: UPLOADS_AT_ONCE });
  s3.destroy();
  return paths;
}

function archiveOf(prefix: string, jobs: number): Buffer {
  const all = Array.from({ length: jobs }, (_, n) => jobOf(prefix, n));
  const entries = Array.from({ length: Math.ceil(jobs / ENTRY_JOBS) }, (_, entry) => ({
    name: `jobs-${entry}.json`,
    data: JSON.stringify(all.slice(entry * ENTRY_JOBS, (entry + 1) * ENTRY_JOBS)),
  }));
  return zip(entries);
}

function jobOf(prefix: string, n: number) {
  const statement = 'INSERT INTO sink SELECT id, name, amount FROM source WHERE amount > 0;\n';
  return {
    name: `${prefix}_${n}`,
    job_id: n,
    sql_body: `-- ${prefix} ${n}\n${statement.repeat(SQL_BYTES / statement.length + 1)}`.slice(0, SQL_BYTES),
    job_config: { parallel_number: 2, checkpoint_enabled: true },
  };
}
