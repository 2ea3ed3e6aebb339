import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startStack } from '../../local/stack.ts';
import { type OnCall, startProxy } from '../proxy.ts';
import { startS3Proxy } from '../s3-proxy.ts';
import { newProject, stack as shared } from './client.ts';

/**
 * Starts a second stack over the S3 and the table of the shared one, with a proxy before each, whose calls `hooks`
 * hears and may fail or delay.
 */
export async function startOwnStack(timeouts: Record<string, number> = {}, secretKeys = DEMO_SECRET_KEYS) {
  const hooks: { s3?: OnCall | undefined; table?: OnCall | undefined } = {};
  const s3 = await startS3Proxy(shared.s3Endpoint, (call) => hooks.s3?.(call));
  const table = await startProxy(shared.dynamodbEndpoint, (call) => hooks.table?.(call));
  const stack = await startStack({
    endpoints: { s3: shared.s3Endpoint, dynamodb: table.endpoint },
    everywhere: { AWS_ENDPOINT_URL_S3: s3.endpoint },
    environment: { SECRET_KEYS: secretKeys },
    timeouts,
  });
  return {
    hooks,
    s3,
    table,
    endpoint: stack.endpoint,
    /** Runs a function of this stack beside HTTP. */
    invoke: async (functionKey: string, event: unknown) => {
      const { functionError, payload } = await stack.invoke(functionKey, event);
      return { error: functionError, result: JSON.parse(payload) };
    },
    workerPids: () => stack.pids('import-archive'),
    /** A client of a new project that talks to this stack. */
    newProject: async (locations?: unknown[]) => {
      const project = await newProject(locations);
      project.endpoint = stack.endpoint;
      return project;
    },
    close: async () => {
      await stack.close();
      await Promise.all([s3.close(), table.close()]);
    },
  };
}

export type OwnStack = Awaited<ReturnType<typeof startOwnStack>>;
