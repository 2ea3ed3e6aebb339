import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { parse } from 'yaml';
import { type DeployedFunction, FunctionReader } from './deployed-function.ts';
import { type Notification, notificationsOf, type QueueDefinition, queuesOf } from './queue-resources.ts';
import { type LocalValues, References } from './references.ts';
import { type Fields, fieldsAt, isFields } from './shapes.ts';

/** What CreateTable needs, but for the table's name. What protects data that lasts is left out. */
export type TableDefinition = Pick<CreateTableCommandInput, (typeof TABLE_PROPERTIES)[number]>;
const TABLE_PROPERTIES = ['AttributeDefinitions', 'KeySchema', 'GlobalSecondaryIndexes', 'BillingMode'] as const;

export type Deployment = {
  readonly directory: string;
  readonly functions: readonly DeployedFunction[];
  /** How the packager bundles functions, if it does. */
  readonly bundling: Fields | undefined;
  readonly table: TableDefinition;
  readonly queues: readonly QueueDefinition[];
  /** What the bucket sends to queues. */
  readonly notifications: readonly Notification[];
};

export type DeploymentOptions = {
  readonly path: string | URL;
  readonly values: LocalValues;
  /** Takes the place of what functions declare under these names; nothing is added to a function that does not. */
  readonly overrides?: Readonly<Record<string, string>>;
};

const customTags = [
  { tag: '!Ref', resolve: (text: string) => ({ Ref: text }) },
  { tag: '!Sub', resolve: (text: string) => ({ 'Fn::Sub': text }) },
  { tag: '!GetAtt', resolve: (text: string) => ({ 'Fn::GetAtt': text }) },
];

/** Reads a deployment file. Throws, naming the place, where it is not as expected or refers to what is not known. */
export async function readDeployment({ path, values, overrides = {} }: DeploymentOptions): Promise<Deployment> {
  const file = path instanceof URL ? fileURLToPath(path) : resolve(path);
  const parsed: unknown = parse(await readFile(file, 'utf8'), { customTags, logLevel: 'error' });
  const document = fieldsAt(parsed, file);
  const directory = dirname(file);
  const references = new References(document, values);
  const read = new FunctionReader(document, references, overrides, directory);
  const resources = fieldsAt(fieldsAt(document['resources'], 'resources')['Resources'], 'resources.Resources');
  const bundling = fieldsAt(document['custom'], 'custom')['esbuild'];
  return {
    directory,
    bundling: bundling === undefined ? undefined : fieldsAt(bundling, 'custom.esbuild'),
    functions: Object.entries(fieldsAt(document['functions'], 'functions')).map(([key, value]) =>
      read.function(key, fieldsAt(value, `functions.${key}`)),
    ),
    table: tableOf(resources),
    queues: queuesOf(resources, references),
    notifications: notificationsOf(resources, 'Bucket', references),
  };
}

function tableOf(resources: Fields): TableDefinition {
  const place = 'resources.Resources.Table.Properties';
  const properties = fieldsAt(fieldsAt(resources['Table'], 'resources.Resources.Table')['Properties'], place);
  const table = Object.fromEntries(TABLE_PROPERTIES.map((name) => [name, properties[name]]));
  if (!isTableDefinition(table)) throw new Error(`${place} has no key schema.`);
  return table;
}

// The table service itself checks the rest, and says more about it.
function isTableDefinition(value: unknown): value is TableDefinition {
  return isFields(value) && Array.isArray(value['KeySchema']) && Array.isArray(value['AttributeDefinitions']);
}
