import { JSON_JOB_VALUES } from '../limits.ts';
import { refusal } from '../refusals.ts';
import { CONFIG_FIELDS, JOB_FIELDS, SERVER_FIELDS } from './job-schema.ts';
import { decodeUtf8, type Json, type JsonBudget, JsonReader, OPEN_BRACKET } from './json.ts';
import { isJsonObject } from './parse-job.ts';

const LIST = 'jobs';

/**
 * Hands on the jobs of one document, each as soon as it is read and before the next is: one job, an array of jobs, or
 * `{"jobs": [...]}`. Whether the document is sound is known when this returns.
 * @throws ApiError with a `document.` reason if it is not strict JSON, or none of the three.
 */
export function readDocument(bytes: Uint8Array, budget: JsonBudget, take: (job: Json) => void): void {
  new JobReader(decodeUtf8(bytes), budget, take).readJobs();
}

/** Throws as `readDocument` does, but takes any strict JSON. */
export function checkDocument(bytes: Uint8Array, budget: JsonBudget): void {
  new JobReader(decodeUtf8(bytes), budget, () => undefined).readDocument();
}

/** A job is dropped before the next is read: all values of a document at once would take a multiple of it. */
class JobReader extends JsonReader {
  readonly take: (job: Json) => void;
  isList = false;
  /** What may yet be read of the job under way. */
  valuesOfJob = JSON_JOB_VALUES;

  constructor(text: string, budget: JsonBudget, take: (job: Json) => void) {
    super(text, budget);
    this.take = (job) => {
      take(job);
      this.valuesOfJob = JSON_JOB_VALUES;
    };
  }

  readJobs(): void {
    if (this.skipSpace() === OPEN_BRACKET) {
      this.readList(0);
      this.readEnd();
      return;
    }
    const document = this.readDocument();
    if (!isJsonObject(document)) throw shapeless('a single value');
    if (!this.isList) this.take(document);
    // Read as a list, what it says as a job would be lost without a word.
    else if (Object.keys(document).some(isOfJob)) throw shapeless('an object that is a job and a list of jobs at once');
  }

  override readMember(key: string, depth: number): Json {
    if (depth > 0 || key !== LIST || this.skipSpace() !== OPEN_BRACKET) return super.readMember(key, depth);
    this.isList = true;
    this.readList(depth + 1);
    return null;
  }

  readList(depth: number): void {
    this.spend();
    this.valuesOfJob = JSON_JOB_VALUES;
    this.readItems(depth, this.take);
  }

  override spend(): void {
    super.spend();
    if (this.valuesOfJob-- > 0) return;
    const message = `Expected at most ${JSON_JOB_VALUES} values in a job, an object counted twice, found more`;
    throw this.refusal(this.pos, 'document.values', message);
  }
}

/** Whether a field is one that a job may set. */
function isOfJob(field: string): boolean {
  return JOB_FIELDS.has(field) || (CONFIG_FIELDS.has(field) && !SERVER_FIELDS.has(field));
}

function shapeless(found: string) {
  return refusal('document.shape', `expected a job, an array of jobs or {"jobs": [...]}; found ${found}`);
}
