import { isFields } from './shapes.ts';

/** What CloudFormation would know: by logical id, `Id.Attribute` or pseudo parameter. */
export type LocalValues = Readonly<Record<string, string>>;

const VARIABLE = /\$\{(self|opt|param|sls):([^${}]*)\}/;
const SUBSTITUTE = /\$\{([A-Za-z0-9:.]+)\}/g;
// A chain of variables that refer to one another ends long before this; a circle never does.
const VARIABLE_STEPS = 100;

/**
 * Resolves the variables of a deployment file (`${self:a.b}`, `${opt:x, 'default'}`, `${param:x}`) and, by the
 * values given, its references (`!Ref`, `!Sub`, `!GetAtt`). Only what is asked for is looked at.
 */
export class References {
  readonly #document: unknown;
  readonly #values: LocalValues;

  constructor(document: unknown, values: LocalValues) {
    this.#document = document;
    this.#values = values;
  }

  /** The text that a value stands for; throws if it is no scalar or names what is not known. */
  text(value: unknown, place: string): string {
    if (typeof value === 'string') return this.#variables(value, place);
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (!isFields(value)) throw new Error(`${place}: expected a text or a reference, found ${typeof value}.`);
    if (typeof value['Ref'] === 'string') return this.#value(value['Ref'], place);
    if (typeof value['Fn::GetAtt'] === 'string') return this.#value(value['Fn::GetAtt'], place);
    if (typeof value['Fn::Sub'] === 'string') {
      const text = this.#variables(value['Fn::Sub'], place);
      return text.replace(SUBSTITUTE, (_match, name: string) => this.#value(name, place));
    }
    throw new Error(`${place}: ${Object.keys(value).join(', ')} is not supported here.`);
  }

  #value(name: string, place: string): string {
    const found = this.#values[name];
    if (found === undefined) throw new Error(`${place}: no local value for the reference ${name}.`);
    return found;
  }

  #variables(text: string, place: string): string {
    let resolved = text;
    for (let step = 0; step < VARIABLE_STEPS; step += 1) {
      const match = VARIABLE.exec(resolved);
      if (match === null) return resolved;
      const [whole, source = '', address = ''] = match;
      resolved = resolved.replace(whole, () => this.#variable(source, address, place));
    }
    throw new Error(`${place}: its variables refer to one another in a circle.`);
  }

  #variable(source: string, address: string, place: string): string {
    const [name = '', fallback] = address.split(',', 2).map((part) => part.trim());
    const found = this.#lookUp(source, name);
    if (found !== undefined) return this.text(found, place);
    const literal = fallback === undefined ? null : /^'(.*)'$|^"(.*)"$/.exec(fallback);
    if (literal === null) throw new Error(`${place}: the variable ${source}:${address} has no value.`);
    return literal[1] ?? literal[2] ?? '';
  }

  #lookUp(source: string, name: string): unknown {
    if (source === 'self') return at(this.#document, name.split('.'));
    if (source === 'param') return at(this.#document, ['params', 'default', name]);
    if (source === 'sls' && name === 'stage') return at(this.#document, ['provider', 'stage']);
    return undefined;
  }
}

function at(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce((found: unknown, key) => (isFields(found) ? found[key] : undefined), value);
}
