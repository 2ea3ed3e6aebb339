import { refusal } from '../refusals.ts';
import { toSegments } from './entry-name.ts';
import { inEntry } from './in-entry.ts';

/** An entry's name, and what readers may take it for that go by another encoding. */
type Readings = { name: string; otherReadings: readonly string[] };

const BEYOND_ASCII = /[\x80-\uffff]/;
/** Lower than all that a name may have, so that what is in a folder comes right behind its name. */
const SEPARATOR = '\0';

/**
 * Throws an `ApiError` if two names lead to the same place, or do so where case or the form of accents do not count, or
 * if one has a file where another has a folder.
 */
export function checkDistinctNames(entries: readonly Readings[]): void {
  const seen = new Set<string>();
  /** By what alike names have in common. */
  const places = new Map<string, Readings>();
  for (const entry of entries) {
    const { name } = entry;
    const place = toSegments(name).join(SEPARATOR);
    const alike = foldName(place);
    if (seen.has(place)) throw refusal('archive.name-duplicate', inEntry(name, 'each name once', 'it twice'));
    if (places.has(alike)) throw alikeNames(name);
    seen.add(place);
    places.set(alike, entry);
  }
  checkOtherReadings(entries, places);
  checkNoFolders(places);
}

/** Throws if what one reader takes a name for is what another entry has. */
function checkOtherReadings(entries: readonly Readings[], places: ReadonlyMap<string, Readings>): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    for (const reading of entry.otherReadings) {
      const place = toSegments(reading).join(SEPARATOR);
      const other = places.get(foldName(place));
      if (seen.has(place) || (other !== undefined && other !== entry)) throw alikeNames(entry.name);
      seen.add(place);
    }
  }
}

function alikeNames(name: string) {
  const expected = 'names that differ in more than case, the form of accents and how they are encoded';
  return refusal('archive.name-alike', inEntry(name, expected, 'another like it'));
}

function checkNoFolders(places: ReadonlyMap<string, Readings>): void {
  let above: string | undefined;
  for (const place of [...places.keys()].sort()) {
    const name = places.get(place)?.name ?? '';
    if (above !== undefined && place.startsWith(above)) {
      throw refusal('archive.name-folder', inEntry(name, 'a name within folders', 'one within a file'));
    }
    above = name.endsWith('/') ? undefined : place + SEPARATOR;
  }
}

/**
 * What names that differ only in case and in the form of accents have in common. Upper case takes letters together that
 * have one capital, as both small sigmas, or none, as sharp s; before it lower case, since sharp s has a capital after all.
 */
export function foldName(name: string): string {
  if (!BEYOND_ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFD').toLowerCase().toUpperCase().toLowerCase();
}
