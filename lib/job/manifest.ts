import * as z from 'zod/mini';
import { ApiError } from '../errors.ts';
import { MANIFEST_VALUES } from '../limits.ts';
import { quoteName } from '../quote-name.ts';
import { refusal } from '../refusals.ts';
import { describeIssues } from '../schema.ts';
import { decodeUtf8, type Json, parseJson } from './json.ts';
import { isJsonObject } from './parse-job.ts';

/** Name of the manifest, at the root of an archive. */
export const MANIFEST = 'manifest.json';

/** What makes a manifest ours. */
const FORMAT = 'flink-job-export';
const VERSION = 1;

const manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  jobs: z.int(),
  /** By the name of its entry, the content hash of each job. */
  content_hashes: z.record(z.string(), z.string()),
});

export type Manifest = z.output<typeof manifest>;

/** An entry of an archive with one job. The hash is undefined if the job breaks a rule of the API. */
export type HashedEntry = { entry: string; contentHash: string | undefined };

/** The manifest of an export, for people to read, too. Entries come in the order of the archive. */
export function writeManifest(entries: readonly { entry: string; contentHash: string }[]): string {
  const hashes = Object.fromEntries(entries.map(({ entry, contentHash }) => [entry, contentHash]));
  const content: Manifest = { format: FORMAT, version: VERSION, jobs: entries.length, content_hashes: hashes };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/**
 * Reads the manifest of an archive. Undefined if it is not one of ours, whatever it is.
 * @throws ApiError with reason `archive.manifest` if it says to be ours, and is of another form.
 */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  const content = jsonOf(bytes);
  if (!isJsonObject(content) || content['format'] !== FORMAT) return undefined;
  const read = manifest.safeParse(content);
  if (read.success) return read.data;
  throw mismatch(`the manifest of an export, version ${VERSION}`, describeIssues(read.error.issues, 'another'));
}

/** Throws an `ApiError` with reason `archive.manifest` unless an archive holds just the jobs that its manifest tells of. */
export function checkManifest({ jobs, content_hashes }: Manifest, found: readonly HashedEntry[]): void {
  const listed = new Map(Object.entries(content_hashes));
  if (jobs !== listed.size) throw mismatch(`as many jobs as it counts, ${jobs}`, `a list of ${listed.size}`);
  for (const { entry, contentHash } of found) {
    const hash = listed.get(entry);
    if (hash === undefined) throw mismatch('one job in each entry that it lists', `another in ${quoteName(entry)}`);
    listed.delete(entry);
    if (contentHash !== undefined && contentHash !== hash) {
      throw mismatch('the content that it has the hash of', `another in ${quoteName(entry)}`);
    }
  }
  if (listed.size > 0) throw mismatch('the jobs that it lists', `${listed.size} of them missing`);
}

function jsonOf(bytes: Uint8Array): Json | undefined {
  try {
    return parseJson(decodeUtf8(bytes), { values: MANIFEST_VALUES });
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

function mismatch(expected: string, found: string): ApiError {
  const help = 'Export again, or pack what was changed without it';
  return refusal('archive.manifest', `Entry "${MANIFEST}": expected ${expected}, found ${found}. ${help}`);
}
