import { refusal } from '../refusals.ts';
import { inEntryAt } from './in-entry.ts';

/** A field of a header and the bytes that it has there. All ones defer to the ZIP64 extra field, twice as wide. */
export type PlainField = { value: number; width: 2 | 4 };

const NO_FIELD = Buffer.alloc(0);

/**
 * The values of a header's size, compressed size and, in the directory, offset and disk, in this order, which is that
 * of a ZIP64 extra field.
 * Throws an `ApiError` if the extra field lacks what is deferred to it, or holds more and says something else there.
 */
export function readZip64Fields(place: number, plain: readonly PlainField[], zip64: Buffer = NO_FIELD): number[] {
  let at = 0;
  const values = plain.map(({ value, width }) => {
    if (value !== 2 ** (8 * width) - 1) return value;
    const deferred = readField(zip64, at, width);
    at += 2 * width;
    if (deferred === undefined) throw disagreement(place, `${zip64.length} bytes, too few for what is deferred to it`);
    return deferred;
  });
  if (at === zip64.length || repeats(zip64, plain, values)) return values;
  throw disagreement(place, 'one that says something else');
}

/** Whether the extra field holds all fields from the first on, as some tools write it always. */
function repeats(zip64: Buffer, plain: readonly PlainField[], values: readonly number[]): boolean {
  let at = 0;
  for (const [field, { width }] of plain.entries()) {
    if (at === zip64.length) return true;
    if (readField(zip64, at, width) !== values[field]) return false;
    at += 2 * width;
  }
  return at === zip64.length;
}

/** Beyond 2^53 the number is not exact, but still far beyond any archive that is read. */
function readField(zip64: Buffer, at: number, width: 2 | 4): number | undefined {
  if (at + 2 * width > zip64.length) return undefined;
  return width === 4 ? Number(zip64.readBigUInt64LE(at)) : zip64.readUInt32LE(at);
}

function disagreement(place: number, found: string) {
  return refusal('archive.zip64', inEntryAt(place, 'a ZIP64 extra field that agrees with its header', found));
}
