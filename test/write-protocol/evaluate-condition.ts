/** A condition as the toolbox takes it, as far as the writes of jobs use them. */
type Condition =
  | { or: Condition[] }
  | { and: Condition[] }
  | { attr: string; exists: boolean }
  | { attr: string; lt: string | number }
  | { attr: string; gt: string | number }
  | { attr: string; beginsWith: string };

/** Tells of a condition whether an item fulfils it, as the table would: what an item lacks compares to nothing. */
export function holds(condition: Condition, item: Record<string, unknown>): boolean {
  if ('or' in condition) return condition.or.some((one) => holds(one, item));
  if ('and' in condition) return condition.and.every((one) => holds(one, item));
  const value = item[condition.attr];
  if ('exists' in condition) return condition.exists === (value !== undefined);
  if ('beginsWith' in condition) return typeof value === 'string' && value.startsWith(condition.beginsWith);
  return 'lt' in condition ? isBelow(value, condition.lt) : isBelow(condition.gt, value);
}

/** Values of two types have no order. */
function isBelow(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && a < b;
}
