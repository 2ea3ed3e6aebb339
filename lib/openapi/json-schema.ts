import * as z from 'zod/mini';

export type JsonSchema = { [keyword: string]: unknown };

/** Refers to a schema that is registered under a name. @throws if it is not. */
export function reference(schema: z.ZodMiniType): JsonSchema {
  const id = z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new Error('an answer has no name: register it with an id');
  return { $ref: address(id) };
}

/** What a request is to be, before it is parsed. */
export function requestSchema(schema: z.core.$ZodType) {
  const { $schema, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable, override: keepDefault });
  return json;
}

/** Every schema that what is loaded has registered under a name, as what is answered: closed, unless it is loose. */
export function namedSchemas(): Record<string, JsonSchema> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: address, unrepresentable });
  const named = Object.entries(schemas).map(([id, { $schema, $id, ...json }]): [string, JsonSchema] => [id, json]);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const address = (id: string) => `#/components/schemas/${id}`;

/** A rule that is code has its JSON Schema registered where it is declared; without one it cannot be told. */
const unrepresentable = ({ zodSchema }: { zodSchema: z.core.$ZodType }) =>
  z.globalRegistry.has(zodSchema) ? 'any' : 'throw';

/** The library leaves out the default of what is transformed, since it is one of the result. */
function keepDefault({ zodSchema: { _zod }, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }) {
  if (_zod.def.type === 'default') jsonSchema['default'] = _zod.def.defaultValue;
}
