import { deflateRawSync } from 'node:zlib';
import { ApiError } from '../errors.ts';
import { canonicalJson } from '../job/canonical-json.ts';
import { type JsonObject, parseJson } from '../job/json.ts';
import { isJsonObject } from '../job/parse-job.ts';
import { ENTRY_BYTES, EXPORT_ENTRY_BYTES, JSON_JOB_VALUES } from '../limits.ts';
import { unpackText } from '../store/blobs.ts';

/** A job as an archive holds it. */
export type ExportEntry = {
  jobId: number;
  name: string;
  contentHash: string;
  bytes: Buffer;
  /** Bytes that it takes of a file, at the most. */
  fileBytes: number;
  /** JSON values, an object counted twice: an import bounds them. */
  values: number;
};

type StoredJob = { jobId: number; name: string; contentHash: string; definition: Uint8Array };

/**
 * The document of one job: its definition as it is stored, with its id. The same job gives the same bytes.
 * @throws ApiError DLI.0009 if an import could not take it again.
 */
export function toEntry({ jobId, name, contentHash, definition }: StoredJob): ExportEntry {
  // One is the id.
  const budget = { values: JSON_JOB_VALUES - 1 };
  const stored = readDefinition(jobId, definition, budget);
  const bytes = Buffer.from(canonicalJson({ ...stored, job_id: jobId }));
  if (bytes.length > ENTRY_BYTES) {
    throw notAgain(jobId, `it has ${bytes.length} bytes, and an entry of an archive may have ${ENTRY_BYTES}`);
  }
  const fileBytes = deflateRawSync(bytes).length + EXPORT_ENTRY_BYTES;
  return { jobId, name, contentHash, bytes, fileBytes, values: JSON_JOB_VALUES - budget.values };
}

/** With its id it may be larger than the document that it came with. */
function readDefinition(jobId: number, definition: Uint8Array, budget: { values: number }): JsonObject {
  try {
    const stored = parseJson(unpackText(definition), budget);
    if (isJsonObject(stored)) return stored;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'DLI.0009') throw notAgain(jobId, error.message);
    throw error;
  }
  throw new Error('a stored definition is no object');
}

function notAgain(jobId: number, why: string): ApiError {
  return new ApiError(
    'DLI.0009',
    `The job ${jobId} could not be imported again: ${why}. Export the others by job_selected.`,
  );
}
