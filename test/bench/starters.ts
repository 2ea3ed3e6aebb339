import { DEMO } from '../../local/demo.ts';
import type { DeployedFunction } from '../../local/deployed-function.ts';
import { Random } from '../random.ts';
import { apiEvent } from '../unit/api-event.ts';
import { type Bundle, bundleAsDeployed, type Client, filesOf, readBenchDeployment, writeSource } from './bundles.ts';
import { archiveOfJobs } from './jobs.ts';
import type { NullEndpoint } from './null-endpoint.ts';
import { workerEvent } from './task.ts';

/** What is started: a function, or what it is set beside. Without an event it is only loaded. */
export type Starter = Omit<Bundle, 'name'> & {
  title: string;
  event?: unknown;
  /** What an answer over HTTP must say. */
  status?: number;
  environment: Readonly<Record<string, string>>;
  /** Title of the SDK clients that it is set beside. */
  beside?: string;
};

/** The function whose start has a goal. */
export const JUDGED = 'import-jobs';
const SQL_BYTES = 2_000;

/** Everything that is started: an empty handler, sets of SDK clients, all functions, and one of them as CommonJS. */
export async function makeStarters(endpoint: NullEndpoint): Promise<Starter[]> {
  const deployment = await readBenchDeployment();
  const { functions } = deployment;
  const bundles = await bundleAsDeployed(deployment, filesOf(functions));
  const clientsOf = (key: string) => bundles.find(({ name }) => name === key)?.clients ?? [];
  const sets = new Map(bundles.map(({ clients }) => [clients.join('-'), clients]));
  sets.delete('');
  const sources: Record<string, string> = { [EMPTY]: await writeSource(EMPTY, 'export const handler = () => ({});\n') };
  for (const [name, clients] of sets) sources[name] = await writeSource(name, sourceOf(clients));
  const others = await bundleAsDeployed(deployment, sources);

  const judgedSet = clientsOf(JUDGED).join('-');
  const judged = { ...filesOf(functions.filter(({ key }) => key === JUDGED)), [judgedSet]: sources[judgedSet] ?? '' };
  const asCommonJs = await bundleAsDeployed(deployment, judged, 'cjs');

  const archive = archiveOfJobs(new Random(3), { jobs: 1, sqlBytes: SQL_BYTES });
  const worker = workerEvent({ key: await endpoint.put('start.zip', archive), size: archive.length });
  const starterOf = ({ name, ...bundle }: Bundle): Starter => {
    const deployed = functions.find(({ key }) => key === name);
    if (deployed === undefined) return { ...bundle, title: titleOf(name, bundle.clients), event: {}, environment: {} };
    const asked = name === 'import-archive' ? { event: worker } : requestTo(deployed);
    // What calls no service is set beside nothing.
    const beside = bundle.clients.length > 0 && { beside: titleOfClients(bundle.clients) };
    return { ...bundle, title: name, ...beside, ...asked, environment: deployed.environment };
  };
  const starters = [...others, ...bundles].map(starterOf);
  const compared = asCommonJs.map(starterOf).map(({ title, beside, ...one }) => {
    return { ...one, title: inCommonJs(title), ...(beside !== undefined && { beside: inCommonJs(beside) }) };
  });
  return [...starters, ...compared];
}

const EMPTY = 'empty';
const inCommonJs = (title: string) => `${title}, as CommonJS`;

const titleOfClients = (clients: readonly Client[]): string => `the SDK alone: ${clients.join(', ')}`;
const titleOf = (name: string, clients: readonly Client[]) =>
  name === EMPTY ? 'an empty handler' : titleOfClients(clients);

/** With a token that nobody has: it is looked up in the table, and refused. */
function requestTo({ routes }: DeployedFunction): Pick<Starter, 'event' | 'status'> {
  const [route] = routes;
  if (route === undefined) return {};
  const pathParameters = { project_id: DEMO.projectId, job_id: '1', import_id: '1' };
  const headers = { 'x-auth-token': 'nobody', 'content-type': 'application/json' };
  const event = apiEvent({ rawPath: route.path, pathParameters, headers, body: '{}' });
  const isOfProject = route.path.includes('{project_id}');
  return isOfProject ? { event, status: 401 } : { event };
}

/** With one call to the table, as the door of a function makes it. */
function sourceOf(clients: readonly Client[]): string {
  const made: Readonly<Record<Client, string>> = {
    dynamodb: `import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
const table = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const RequestItems = { t: { Keys: [{ pk: 'a', sk: 'b' }] } };
export const handler = () => table.send(new BatchGetCommand({ RequestItems }));`,
    lambda: `import { LambdaClient } from '@aws-sdk/client-lambda';\nexport const lambda = new LambdaClient({});`,
    s3: `import { S3Client } from '@aws-sdk/client-s3';\nexport const s3 = new S3Client({});`,
    sqs: `import { SQSClient } from '@aws-sdk/client-sqs';\nexport const sqs = new SQSClient({});`,
  };
  return clients.map((client) => `${made[client]}\n`).join('');
}
