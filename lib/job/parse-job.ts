import { JSON_DEPTH, JSON_OBJECT_KEYS } from '../limits.ts';
import { describeIssues } from '../schema.ts';
import { BareObject } from './bare-object.ts';
import { canonicalJson, packCanonical } from './canonical-json.ts';
import { CONFIG_FIELDS, JOB_DEFAULTS, JOB_FIELDS, jobDefinition, jobName, SERVER_FIELDS } from './job-schema.ts';
import type { Json, JsonObject } from './json.ts';
import { levelsOf } from './levels-of.ts';
import type { PackedText } from './packed-text.ts';

/** What a list shows of a job's definition, defaults filled in. */
type JobSummary = { desc: string; job_type: string; run_mode: string; queue_name?: string };

/** Nesting of a field of `job_config`: a definition is a document of its own, in which two levels lie around it. */
const FIELD_LEVELS = JSON_DEPTH - 2;

export type ParsedJob = {
  /** The archive's own id of the job, digit for digit; null if it has none. */
  oldJobId: string | null;
} & (
  | { ok: true; name: string; summary: JobSummary; definition: PackedText; contentHash: string }
  /** A field breaks a rule of the API. The name is there if it does not. The message quotes nothing. */
  | { ok: false; name: string | null; message: string }
);

/** Reads one job of a document, in the nested form of responses or in the flat form of create requests. */
export function parseJob(value: Json): ParsedJob {
  if (!isJsonObject(value)) {
    return { ok: false, oldJobId: null, name: null, message: `a job is an object; found ${kindOf(value)}` };
  }
  const head = { oldJobId: oldJobId(value['job_id']) };
  const name = jobName.safeParse(value['name']);
  const failed = (message: string): ParsedJob => ({ ...head, ok: false, name: name.data ?? null, message });

  const nested = toNested(value);
  if ('problem' in nested) return failed(nested.problem);
  const checked = jobDefinition.safeParse(nested.definition);
  if (!checked.success) return failed(describeIssues(checked.error.issues, 'the job'));

  const { desc, job_type, run_mode, queue_name, tags } = checked.data;
  const { text: definition, contentHash } = packCanonical(nested.definition);
  return {
    ...head,
    ok: true,
    name: copyText(checked.data.name),
    summary: {
      desc: copyText(desc ?? JOB_DEFAULTS.desc),
      job_type: copyText(job_type ?? JOB_DEFAULTS.job_type),
      run_mode: copyText(run_mode ?? JOB_DEFAULTS.run_mode),
      ...(queue_name !== undefined && { queue_name: copyText(queue_name) }),
      ...(tags !== undefined && {
        tags: tags.map(({ key, value }) => ({ key: copyText(key), value: copyText(value) })),
      }),
    },
    definition,
    contentHash,
  };
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/**
 * Brings a job to its nested form. A known field that is null counts as not given, as responses of the API write it;
 * the service's own fields go, from both places; all others stay as they came.
 */
function toNested(job: JsonObject): { definition: JsonObject } | { problem: string } {
  const { job_config: given = null, ...top } = job;
  if (given !== null && !isJsonObject(given))
    return { problem: `job_config: expected an object, found ${kindOf(given)}` };
  const config = copyWithout(given ?? {}, (field, value) => {
    return CONFIG_FIELDS.has(field) ? value === null : SERVER_FIELDS.has(field);
  });
  if (config['checkpoint_mode'] !== undefined) config['checkpoint_mode'] = checkpointMode(config['checkpoint_mode']);
  const definition = copyWithout(top, (field, value) => {
    return SERVER_FIELDS.has(field) || CONFIG_FIELDS.has(field) || (value === null && JOB_FIELDS.has(field));
  });
  for (const field of CONFIG_FIELDS) {
    const flat = SERVER_FIELDS.has(field) ? undefined : top[field];
    if (flat === undefined || flat === null) continue;
    const value = field === 'checkpoint_mode' ? checkpointMode(flat) : flat;
    const other = config[field];
    if (other !== undefined && canonicalJson(other) !== canonicalJson(value)) {
      return { problem: `${field}: found at the top level and in job_config, with two values; keep one of them` };
    }
    // Else it could be stored, and not be read again.
    if (levelsOf(value) > FIELD_LEVELS) {
      return { problem: `${field}: expected at most ${FIELD_LEVELS} levels of nesting, found more` };
    }
    config[field] = value;
  }
  if (Object.keys(config).length > JSON_OBJECT_KEYS) {
    return { problem: `job_config: expected at most ${JSON_OBJECT_KEYS} keys with those of the top level, found more` };
  }
  if (Object.keys(config).length > 0) definition['job_config'] = config;
  return { definition };
}

/** Requests carry 1 or 2, responses the words: the words are kept, so that both forms of a job are one content. */
function checkpointMode(mode: Json): Json {
  if (mode === 1) return 'exactly_once';
  return mode === 2 ? 'at_least_once' : mode;
}

/** A text of its own: as a part of its document it would keep all of that in memory, as long as the job is kept. */
function copyText(text: string): string {
  return Buffer.from(text).toString();
}

function copyWithout(source: JsonObject, isLeftOut: (field: string, value: Json) => boolean): JsonObject {
  const copy: JsonObject = new BareObject<Json>();
  for (const [field, value] of Object.entries(source)) {
    if (!isLeftOut(field, value)) copy[field] = value;
  }
  return copy;
}

/** An integer, or its text: archives hold both. A whole number written as 100.0 is one too. */
const INTEGER_TEXT = /^(-?\d{1,20})(?:\.0+)?$/;

/** The digits of an id, or null for whatever a client could not read as an int64. */
function oldJobId(value: Json | undefined): string | null {
  const text = JSON.isRawJSON(value) ? value.rawJSON : typeof value === 'number' ? String(value) : value;
  const digits = typeof text === 'string' ? INTEGER_TEXT.exec(text)?.[1] : undefined;
  if (digits === undefined) return null;
  const id = BigInt(digits);
  return id === BigInt.asIntN(64, id) ? String(id) : null;
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return JSON.isRawJSON(value) ? 'a number' : `a ${typeof value}`;
}
