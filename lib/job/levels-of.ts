import type { Json } from './json.ts';

/** Levels of objects and arrays that a value has: none, if it is neither. */
export function levelsOf(value: Json): number {
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return 0;
  const children = Array.isArray(value) ? value : Object.values(value);
  return 1 + children.reduce<number>((most, child) => Math.max(most, levelsOf(child)), 0);
}
