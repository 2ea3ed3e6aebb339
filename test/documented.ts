import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { createRouter } from '../local/router.ts';

/** An answer, wherever it was received. */
type Received = { status: number; headers: Headers; json: unknown };

/** A part of the document, as it is. */
// biome-ignore lint/suspicious/noExplicitAny: that it is sound OpenAPI is tested elsewhere.
type Part = any;

const ID = 'openapi.json';
const document: Part = JSON.parse(readFileSync(new URL(`../docs/${ID}`, import.meta.url), 'utf8'));
const ajv = new Ajv2020({ strict: true, formats: { int64: true } });
// To the validator its parts are keywords, which say nothing of a value.
ajv.addVocabulary(Object.keys(document)).addSchema(document, ID);

const UNKNOWN_PATH = ['components', 'responses', 'APIGW.0101'];
const operationOf = createRouter(
  Object.entries<object>(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((key) => {
      const method = key.toUpperCase();
      return [{ key: `${method} ${path}`, method, path }, ['paths', path, key]] as const;
    }),
  ),
);

/**
 * Compares an answer with what docs/openapi.json tells of it.
 * @param path as it was sent, without the query.
 * @throws if it tells of no such status, headers, content type or body.
 */
export function expectDocumented(method: string, path: string, { status, headers, json }: Received): void {
  const what = `${status} of ${method} ${path}`;
  const operation = operationOf(method, path)?.target;
  const place = operation ? [...operation, 'responses', String(status)] : UNKNOWN_PATH;
  if (operation === undefined && status !== 404) throw new Error(`undocumented: ${what}: no such operation`);
  const response = resolve(place);
  if (response === undefined) throw new Error(`undocumented: ${what}`);
  for (const name of Object.keys(response.value.headers ?? {})) {
    const header = resolve([...response.place, 'headers', name]);
    const found = headers.get(name);
    if (found === null && header?.value.required !== true) continue;
    if (header === undefined) throw new Error(`${name} is nowhere in the document`);
    check([...header.place, 'schema'], found, `${name} in the ${what}`);
  }
  const type = headers.get('content-type') ?? '';
  if (response.value.content[type] === undefined) throw new Error(`undocumented: content type ${type} of ${what}`);
  check([...response.place, 'content', type, 'schema'], json, what);
}

/** A part of the document, by reference too: where it is, and what. */
function resolve(place: string[]): { place: string[]; value: Part } | undefined {
  const value = place.reduce((part: Part, key) => part?.[key], document);
  const reference = value?.$ref;
  return typeof reference === 'string' ? resolve(reference.split('/').slice(1)) : value && { place, value };
}

function check(place: string[], found: unknown, what: string): void {
  const pointer = place.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')));
  const validate = ajv.getSchema(`${ID}#/${pointer.join('/')}`);
  if (validate === undefined) throw new Error(`${place.join(' ')} is nowhere in the document`);
  if (!validate(found)) throw new Error(`undocumented: ${what}: ${ajv.errorsText(validate.errors)}`);
}
