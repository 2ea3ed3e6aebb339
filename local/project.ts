import { parseArgs } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CREDENTIALS, REGION } from './identity.ts';
import { readLambdaEndpoint } from './stack-file.ts';

const FUNCTION = 'flink-job-import-dev-manage-project';

const HELP = `Registers projects with the stack that npm start runs.

  npm run project -- list
  npm run project -- add ID [--name NAME] [--location BUCKET[/PREFIX] ...] [--writable BUCKET[/PREFIX] ...]

  ID           1 to 64 letters, digits, - or _
  --location   where the project may import from; may be given several times
  --writable   the same, and it may export there

A new project's keys are printed once. Added again, a project keeps its keys, jobs and counters.`;

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
  const [action, projectId, ...others] = positionals;
  if (values.help || action === undefined) return undefined;
  if (action === 'list' && projectId === undefined) return { action };
  if (action !== 'add' || projectId === undefined || others.length > 0) {
    throw new Error(`Expected "list" or "add ID"; found "${positionals.join(' ')}". See --help.`);
  }
  const locations = [
    ...values.location.map((path) => place(path, false)),
    ...values.writable.map((path) => place(path, true)),
  ];
  return { action, project_id: projectId, locations, ...(values.name !== undefined && { name: values.name }) };
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
