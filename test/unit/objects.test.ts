import { createServer } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { OBJECT_READ_ATTEMPTS } from '../../lib/limits.ts';
import { readArchiveObject } from '../../lib/store/objects.ts';
import { listen } from '../../local/http.ts';
import { ACCOUNT, CREDENTIALS, REGION } from '../../local/identity.ts';

const BODY = 'an archive';
let gets = 0;
const server = createServer((_request, response) => {
  gets += 1;
  response.setHeader('etag', '"1"').end(BODY);
});
const { endpoint } = await listen(server);
afterAll(() => server.close());

const s3 = new S3Client({ endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true, maxAttempts: 1 });
const read = (size: number) => readArchiveObject(s3, { bucket: 'b', owner: ACCOUNT, key: 'a.zip', etag: '"1"', size });

test('an object is read whole', async () => {
  expect((await read(BODY.length)).toString()).toBe(BODY);
});

test.each([-1, 1])(
  'an object that is not as long as S3 told, by %i, is asked for again and then given up',
  async (by) => {
    gets = 0;
    await expect(read(BODY.length + by)).rejects.toThrow(`S3 told of ${BODY.length + by} bytes`);
    expect(gets).toBe(OBJECT_READ_ATTEMPTS);
  },
);
