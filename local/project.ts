import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CREDENTIALS, REGION } from './identity.ts';
import { readLambdaEndpoint } from './stack-file.ts';

const FUNCTION = 'flink-job-import-dev-manage-project';

const HELP = `Registers projects and their keys with the stack that npm start runs.

  npm run project -- list
  npm run project -- add ID [--name NAME] [--location BUCKET[/PREFIX] ...] [--writable BUCKET[/PREFIX] ...]
  npm run project -- list-keys ID
  npm run project -- add-key ID access_key|token
  npm run project -- revoke-key ID KEY
  npm run project -- rotate [ID]

  ID           1 to 64 letters, digits, - or _
  --location   where the project may import from; may be given several times
  --writable   the same, and it may export there
  KEY          as list-keys tells it: an access key, or the beginning of a token's hash

Keys are printed once, when they are made. Added again, a project keeps its keys, jobs and counters. A revoked key is
refused within a minute, for good. rotate encrypts the secrets of a project, or of all, with the first of SECRET_KEYS.`;

/** What is typed after an action, by the names that the function knows it by. */
const ARGUMENTS: Record<string, string[]> = {
  list: [],
  add: ['project_id'],
  'list-keys': ['project_id'],
  'add-key': ['project_id', 'kind'],
  'revoke-key': ['project_id', 'key'],
  rotate: ['project_id'],
};

function readCommand(): Record<string, unknown> | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      location: { type: 'string', multiple: true, default: [] },
      writable: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const [action, ...given] = positionals;
  if (values.help || action === undefined) return undefined;
  const names = Object.hasOwn(ARGUMENTS, action) ? ARGUMENTS[action] : undefined;
  const isComplete = given.length === names?.length || (action === 'rotate' && given.length === 0);
  if (names === undefined || !isComplete) {
    throw new Error(`Expected an action and what belongs to it; found "${positionals.join(' ')}". See --help.`);
  }
  const command = { action, ...Object.fromEntries(given.map((argument, at) => [names[at], argument])) };
  if (action !== 'add') return command;
  const locations = [
    ...values.location.map((path) => place(path, false)),
    ...values.writable.map((path) => place(path, true)),
  ];
  return { ...command, locations, ...(values.name !== undefined && { name: values.name }) };
}

function place(path: string, write: boolean) {
  const [bucket = '', ...prefix] = path.split('/');
  return { bucket, prefix: prefix.join('/'), write };
}

async function main(): Promise<void> {
  const command = readCommand();
  if (command === undefined) {
    console.log(HELP);
    return;
  }
  const endpoint = await readLambdaEndpoint();
  if (endpoint === undefined) throw new Error('No stack is running here. Start one with: npm start');
  const lambda = new LambdaClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: FUNCTION, Payload: JSON.stringify(command) }),
  );
  const answer: { errorMessage?: string } = JSON.parse(Payload?.transformToString() ?? '{}');
  if (FunctionError !== undefined) throw new Error(answer.errorMessage ?? FunctionError);
  console.log(JSON.stringify(answer, null, 2));
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
