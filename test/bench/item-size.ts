import type { AttributeValue, GlobalSecondaryIndex, KeySchemaElement } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

const KIB = 1_024;
/** Of a list or map, and of each of its elements. */
const LIST_BYTES = 3;
const ELEMENT_BYTES = 1;

/** Write units of a standard write of so many bytes. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / KIB));

/**
 * Bytes of an item as DynamoDB counts them for what a write takes.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return value.L.reduce((sum, one) => sum + ELEMENT_BYTES + valueBytes(one), LIST_BYTES);
  if (value.M !== undefined) {
    const entries = Object.entries(value.M);
    return LIST_BYTES + entries.length * ELEMENT_BYTES + itemBytes(value.M);
  }
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  throw new Error(`expected a text, number, binary, list, map, truth or null; found ${Object.keys(value).join()}`);
}

/** A byte for two digits that count, one more, and one for a sign. */
function numberBytes(text: string): number {
  const digits = text.replace(/e.*$/i, '').replace(/[-+.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

/** What an index holds of an item: both keys, and what is projected. Undefined if the item lacks the index's key. */
export function indexCopy(
  item: Item,
  { KeySchema = [], Projection }: GlobalSecondaryIndex,
  tableKey: KeySchemaElement[],
) {
  const keys = namesOf(KeySchema);
  if (keys.some((name) => item[name] === undefined)) return undefined;
  if (Projection?.ProjectionType !== 'INCLUDE') throw new Error('expected an index that includes named attributes');
  const kept = new Set([...keys, ...namesOf(tableKey), ...(Projection.NonKeyAttributes ?? [])]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
}

const namesOf = (schema: readonly KeySchemaElement[]) => schema.flatMap(({ AttributeName }) => AttributeName ?? []);
