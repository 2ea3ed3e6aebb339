export type Fields = Readonly<Record<string, unknown>>;

/** True for an object that is neither null nor a list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of an object, an absent one having none; throws, naming the place, if it is something else. */
export function fieldsAt(value: unknown, place: string): Fields {
  if (value === undefined || value === null) return {};
  if (isFields(value)) return value;
  throw new Error(`${place}: expected an object, found ${typeof value}.`);
}

/** A text; throws, naming the place, if it is something else. */
export function textAt(value: unknown, place: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${place}: expected a text, found ${typeof value}.`);
}

/** A number, or the value to take if there is none; throws, naming the place, if it is something else. */
export function numberAt(value: unknown, place: string, absent?: number): number {
  if (value === undefined && absent !== undefined) return absent;
  if (typeof value === 'number') return value;
  throw new Error(`${place}: expected a number, found ${typeof value}.`);
}

/** A list, an absent one being empty; throws, naming the place, if it is something else. */
export function listAt(value: unknown, place: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new Error(`${place}: expected a list, found ${typeof value}.`);
}
