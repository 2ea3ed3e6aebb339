import { ACCOUNT, CREDENTIALS, REGION } from '../../local/identity.ts';
import { Child } from './child.ts';
import { ARCHIVES, BUCKET, isNullReport, type NullReport, TABLE, type Traffic } from './null-messages.ts';

/** An S3 and a table that do no work, at two addresses: one answers at once, the other 5 ms later. */
export type NullEndpoint = {
  atOnce: string;
  late: string;
  /** Puts an archive. @returns its key. */
  put(name: string, body: Uint8Array): Promise<string>;
  /** What came in since this was asked last. */
  take(): Promise<Traffic>;
  close(): Promise<void>;
};

export async function startNullEndpoint(): Promise<NullEndpoint> {
  const child = new Child<NullReport>('null-services.ts', isNullReport);
  const ready = await child.ask();
  if (ready.kind !== 'ready') throw new Error('the null endpoint does not say where it is');
  const { atOnce, late } = ready;
  return {
    atOnce,
    late,
    put: async (name, body) => {
      const path = `${ARCHIVES}${name}`;
      const { ok } = await fetch(`${atOnce}/${BUCKET}${path}`, { method: 'PUT', body: Buffer.from(body) });
      if (!ok) throw new Error('the null endpoint takes no archive');
      return path.slice(1);
    },
    take: async () => {
      const taken = await child.ask({ kind: 'take' });
      if (taken.kind !== 'taken') throw new Error('the null endpoint does not say what came in');
      return { calls: taken.calls, bytes: taken.bytes };
    },
    close: () => child.close(),
  };
}

/** What a function is given, so that all its calls go to an endpoint. */
export function environmentOf(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    TABLE_NAME: TABLE,
    BUCKET_NAME: BUCKET,
    BUCKET_OWNER: ACCOUNT,
    POWERTOOLS_METRICS_NAMESPACE: 'bench',
  };
}
