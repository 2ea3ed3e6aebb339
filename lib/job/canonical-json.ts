import { createHash } from 'node:crypto';
import type { Json } from './json.ts';

/**
 * The one text of a value: keys sorted by their UTF-8 bytes, no white space, numbers with the digits of their source,
 * strings as `JSON.stringify` writes them. Throws a `TypeError` on a number that JSON cannot hold.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (JSON.isRawJSON(value)) return value.rawJSON;
  if (typeof value === 'number') return canonicalNumber(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => compareUtf8(a, b));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** SHA-256 of a canonical text's UTF-8 bytes, in lower-case hex. */
export function contentHash(canonical: string): string {
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}

function canonicalNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  throw new TypeError(`Expected a finite number, found ${value}`);
}

/** Order of the UTF-8 bytes of two texts: that of code points, which UTF-16 units only share below the surrogates. */
function compareUtf8(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Moves the surrogates, which stand for code points from 0x10000 on, behind the units from 0xE000 to 0xFFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
