/** Where a job stands among all imports of its project. */
export type JobPlace = {
  isCover: boolean;
  importId: number;
  /** Position of its archive in the import, from 0. */
  archivePlace: number;
  /** Position in its archive, from 0. */
  jobPlace: number;
};

const IMPORT_DIGITS = 16;
const PLACE_DIGITS = 5;

/** What all orders of one import begin with. */
export function importOrder({ isCover, importId }: Pick<JobPlace, 'isCover' | 'importId'>): string {
  return `${isCover ? 1 : 0}.${pad(importId, IMPORT_DIGITS)}.`;
}

/**
 * One string that sorts over all imports: every cover above every import without, then by import number, archive
 * and job. A later cover beats an earlier one; an import without cover never replaces a job of another import.
 */
export function jobOrder(place: JobPlace): string {
  return `${importOrder(place)}${pad(place.archivePlace, PLACE_DIGITS)}.${pad(place.jobPlace, PLACE_DIGITS)}`;
}

/** A number as the sort key of an item: zero-padded, so that text sorts as numbers do. */
export function sortable(importId: number): string {
  return pad(importId, IMPORT_DIGITS);
}

/** The same for the place of an archive or of a job. */
export function sortablePlace(place: number): string {
  return pad(place, PLACE_DIGITS);
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
