import { resolve } from 'node:path';
import { type EventSourceMapping, mappingOf } from './event-source-mapping.ts';
import type { References } from './references.ts';
import { type Fields, fieldsAt, isFields, listAt, numberAt, textAt } from './shapes.ts';

/** `key` as AWS writes it: `GET /path/{name}`, `ANY /path/{rest+}`, or `$default`. */
export type Route = { readonly key: string; readonly method: string; readonly path: string };

export type DeployedFunction = {
  readonly key: string;
  readonly name: string;
  /** Absolute path of the module, and the name of what it exports. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly routes: readonly Route[];
  readonly eventSources: readonly EventSourceMapping[];
};

// Defaults of Lambda's deployment tool: https://www.serverless.com/framework/docs/providers/aws/guide/functions
const DEFAULT_TIMEOUT_SECONDS = 6;
const DEFAULT_MEMORY_MEGABYTES = 1024;

/** Reads functions of a deployment file, with what its provider gives to all of them. */
export class FunctionReader {
  readonly #provider: Fields;
  readonly #prefix: string;
  readonly #references: References;
  readonly #overrides: Readonly<Record<string, string>>;
  readonly #directory: string;

  constructor(document: Fields, references: References, overrides: Readonly<Record<string, string>>, dir: string) {
    this.#provider = fieldsAt(document['provider'], 'provider');
    const stage = references.text(this.#provider['stage'] ?? 'dev', 'provider.stage');
    this.#prefix = `${references.text(document['service'], 'service')}-${stage}`;
    this.#references = references;
    this.#overrides = overrides;
    this.#directory = dir;
  }

  function(key: string, fields: Fields): DeployedFunction {
    const place = `functions.${key}`;
    const provider = this.#provider;
    const handler = textAt(fields['handler'], `${place}.handler`);
    const dot = handler.lastIndexOf('.');
    const events = listAt(fields['events'], `${place}.events`);
    return {
      key,
      name: `${this.#prefix}-${key}`,
      file: resolve(this.#directory, `${handler.slice(0, dot)}.ts`),
      exportName: handler.slice(dot + 1),
      timeoutSeconds: numberAt(fields['timeout'] ?? provider['timeout'], `${place}.timeout`, DEFAULT_TIMEOUT_SECONDS),
      memoryMegabytes: numberAt(fields['memorySize'] ?? provider['memorySize'], place, DEFAULT_MEMORY_MEGABYTES),
      environment: this.#environment(key, fields),
      routes: events.flatMap((event) => routeOf(event, place)),
      eventSources: events.flatMap((event) => {
        const sqs = isFields(event) ? event['sqs'] : undefined;
        return sqs === undefined ? [] : [mappingOf(sqs, `${place}.events.sqs`, this.#references)];
      }),
    };
  }

  #environment(key: string, fields: Fields): Record<string, string> {
    const declared = {
      ...fieldsAt(this.#provider['environment'], 'provider.environment'),
      ...fieldsAt(fields['environment'], `functions.${key}.environment`),
    };
    const entries = Object.entries(declared).map(([name, value]) => [name, this.#variable(key, name, value)] as const);
    return Object.fromEntries(entries);
  }

  #variable(key: string, name: string, value: unknown): string {
    const override = this.#overrides[name];
    if (override !== undefined) return override;
    const text = this.#references.text(value, `environment ${name} of the function ${key}`);
    if (text.includes('{{resolve:')) {
      throw new Error(
        `environment ${name} of the function ${key} is kept elsewhere (${text}): give it as an override.`,
      );
    }
    return text;
  }
}

function routeOf(event: unknown, place: string): Route[] {
  const route = isFields(event) ? event['httpApi'] : undefined;
  if (route === undefined) return [];
  const [method = '', path = ''] = isFields(route)
    ? [textAt(route['method'], place), textAt(route['path'], place)]
    : textAt(route, place).split(/\s+/, 2);
  if (method === '*' && (path === '' || path === '*')) return [{ key: '$default', method: 'ANY', path: '$default' }];
  const verb = method === '*' ? 'ANY' : method.toUpperCase();
  return [{ key: `${verb} ${path}`, method: verb, path }];
}
