import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStack } from '../../local/stack.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { startDynamodbLocal } from './dynamodb-local.ts';

/** What a test needs to know of the stack that runs beside it. */
export type StackUnderTest = {
  endpoint: string;
  s3Endpoint: string;
  dynamodbEndpoint: string;
  lambdaEndpoint: string;
  table: string;
  bucket: string;
  /** Whether the table is the embedded one: tests that only wait need not run on both. */
  isEmbedded: boolean;
  /** Every line that the functions logged so far. */
  logFile: string;
};

declare module 'vitest' {
  export interface ProvidedContext {
    stack: StackUnderTest;
  }
}

/** One stack for all files of a project: the shipped functions, S3, and the table that the project is named after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'flink-job-import-'));
  const logFile = join(folder, 'functions.log');
  const dynamodb = project.name === 'integration-dynamodb-local' ? await startDynamodbLocal() : undefined;
  // The functions get at the embedded S3 through the proxy only; tests, which name no owner, straight.
  const s3 = await startS3Proxy(() => stack.s3Endpoint);
  const stack = await startStack({
    endpoints: { dynamodb: dynamodb?.endpoint },
    everywhere: { AWS_ENDPOINT_URL_S3: s3.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS, LOCATION_BUCKETS: 'test' },
    onLog: (_function, line) => appendFileSync(logFile, `${line}\n`),
  });
  const { endpoint, s3Endpoint, dynamodbEndpoint, lambdaEndpoint, table, bucket } = stack;
  project.provide('stack', {
    endpoint,
    s3Endpoint,
    dynamodbEndpoint,
    lambdaEndpoint,
    table,
    bucket,
    isEmbedded: dynamodb === undefined,
    logFile,
  });
  return async () => {
    await stack.close();
    await dynamodb?.close();
    rmSync(folder, { recursive: true });
    await s3.close();
  };
}
