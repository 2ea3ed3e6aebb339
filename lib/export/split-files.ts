import {
  EXPORT_FILE_BYTES,
  EXPORT_FILE_INFLATED_BYTES,
  EXPORT_FILE_JOBS,
  JSON_VALUES,
  MANIFEST_VALUES,
} from '../limits.ts';
import type { ExportEntry } from './export-entry.ts';

type Sizes = Pick<ExportEntry, 'fileBytes' | 'values'> & { bytes: { length: number } };

const NOTHING = { jobs: 0, inflated: 0, packed: 0, values: 0 };

/** Entries in their order, each list of them as many as one file of an export holds. One list at a time is in memory. */
export async function* splitFiles<T extends Sizes>(entries: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T[]> {
  let file: T[] = [];
  let size = NOTHING;
  for await (const entry of entries) {
    if (file.length > 0 && !fits(grow(size, entry))) {
      yield file;
      [file, size] = [[], NOTHING];
    }
    file.push(entry);
    size = grow(size, entry);
  }
  if (file.length > 0) yield file;
}

function grow({ jobs, inflated, packed, values }: typeof NOTHING, entry: Sizes): typeof NOTHING {
  return {
    jobs: jobs + 1,
    inflated: inflated + entry.bytes.length,
    packed: packed + entry.fileBytes,
    values: values + entry.values,
  };
}

/** What an import takes of one archive; its values, those of the manifest too, are bounded by the limit of an import itself. */
function fits({ jobs, inflated, packed, values }: typeof NOTHING): boolean {
  return (
    jobs <= EXPORT_FILE_JOBS &&
    inflated <= EXPORT_FILE_INFLATED_BYTES &&
    packed <= EXPORT_FILE_BYTES &&
    values + MANIFEST_VALUES <= JSON_VALUES
  );
}
