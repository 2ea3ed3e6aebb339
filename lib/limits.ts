const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of an archive. A worker holds it whole in memory, beside what it inflates. */
export const ARCHIVE_BYTES = 50_000_000;
/** Entries of an archive, folders included: bounds the directory that is parsed before anything is checked. */
export const ARCHIVE_ENTRIES = 10_000;
/** Inflated bytes of one entry: a large SQL job is 1 MiB, so this holds an array of several. */
export const ENTRY_BYTES = 8 * MIB;
/** Inflated bytes of all entries of an archive: with the archive and the parsed jobs it stays below 512 MB. */
export const ARCHIVE_INFLATED_BYTES = 64 * MIB;
/** Bytes of a document whose text V8 keeps outside of its heap, where no small collection finds it. */
export const LARGE_DOCUMENT_BYTES = MIB;
/** Bytes that one of a document takes while it is read: itself, and two of its text if a character is beyond Latin-1. */
export const BYTES_OF_TEXT = 3;
/** Values of a job that survive small collections; a job of the contract has a hundred. Each takes about so many bytes. */
export const LARGE_JOB_VALUES = 10_000;
export const BYTES_OF_VALUE = 128;
/** Bytes that such documents and jobs took, or bytes of archives, after which they are given back. */
export const GARBAGE_BYTES = 16 * MIB;
/** Bytes of an entry's name, as S3 bounds a key. */
export const ENTRY_NAME_BYTES = 1_024;

/**
 * Combining marks of a name in a row: they are put in order, which takes the square of their number.
 * Source: the Stream-Safe Text Format, https://www.unicode.org/reports/tr15/#Stream_Safe_Text_Format.
 */
export const NAME_MARKS = 30;

/** Nesting of a JSON document; a job of the contract needs 5. */
export const JSON_DEPTH = 32;
/** Values of all JSON documents of an archive, an object counted twice: sixty a job. Each may be as small as two bytes. */
export const JSON_VALUES = 600_000;
/** The same of one job, which is read as a whole: a job of the contract has a hundred. */
export const JSON_JOB_VALUES = 100_000;
/** Keys of one JSON object. */
export const JSON_OBJECT_KEYS = 10_000;
/** Characters of a JSON number; an int64 has at most 20, a double printed in full 24. */
export const JSON_NUMBER_CHARACTERS = 100;

/** Archives of an import. */
export const IMPORT_ARCHIVES = 10_000;
/** Bytes of all archives of an import. */
export const IMPORT_BYTES = 5_000_000_000;
/** Jobs of an archive: their outcomes and ids are taken and stored as one block. */
export const ARCHIVE_JOBS = 10_000;

/** Characters of a job's name. Source: the job API. */
export const JOB_NAME_CHARACTERS = 57;
/** Characters of a job's description. Source: the job API. */
export const JOB_DESC_CHARACTERS = 2_048;
/** Characters of a queue's name. Source: the job API. */
export const QUEUE_NAME_CHARACTERS = 128;
/** Characters of a SQL job's text. Source: the job API. */
export const SQL_BODY_CHARACTERS = 1_024 * 1_024;
/** Tags of a job, characters of a tag's key and value. Source: the job API. */
export const JOB_TAGS = 20;
export const TAG_KEY_CHARACTERS = 128;
export const TAG_VALUE_CHARACTERS = 255;
/** Parallel tasks of a job. Source: the job API. */
export const PARALLEL_NUMBER = 2_000;

/** Bytes from which the definition of a job is kept compressed until it is written; 10,000 shorter ones take 40 MB. */
export const PACKED_TEXT_BYTES = 4 * KIB;
/** Compressed bytes that stay in an item: DynamoDB takes 400 KB, names, summary and keys included. */
export const ITEM_BLOB_BYTES = 300 * KIB;
/**
 * The same of the archives in the record of an import, a hundred or so. Every worker looks at the record, and a look
 * costs by the size of the whole item, however little is asked for: with these it is one read unit, of 4 KB.
 */
export const RECORD_LIST_BYTES = 3 * KIB;
/** Inflated bytes of a stored text: 10,000 outcomes with the longest names and remarks; a bound, not a rule. */
export const STORED_TEXT_BYTES = 64 * MIB;

/** Tries of one conditional write whose item changes between its refusal and the reading of it. */
export const JOB_WRITE_ATTEMPTS = 5;
/** The same of an archive's outcomes, which every run over it writes once. */
export const OUTCOME_WRITE_ATTEMPTS = 5;
/** Tries of a batched read that the table answers in part. */
export const BATCH_GET_ATTEMPTS = 3;
/** Outcomes of an import that lie in S3, read at once. */
export const OUTCOME_READS = 8;
/** Projects, and credentials of one, read at once for the operator's lists. */
export const PROJECT_READS = 8;
export const CREDENTIAL_READS = 8;
/** Secrets that are encrypted anew at once. */
export const SECRET_WRITES = 8;

/** Milliseconds for which a job that the index by id does not show is looked up again: how far the index may lag. */
export const INDEX_LAG_MS = 2_000;
/** Milliseconds between two such look-ups. */
export const INDEX_RETRY_MS = 200;

/** Bytes of an object's key. Source: S3. */
export const OBJECT_KEY_BYTES = 1_024;
/** Characters of `zip_file` and `obs_dir`: the longest bucket, key and scheme together. */
export const OBJECT_PATH_CHARACTERS = 1_100;

/** Days for which the record of an import and its outcomes are kept. */
export const IMPORT_KEPT_DAYS = 90;

/** Writes of one worker to the table at once: keeps its one core busy while answers are under way. */
export const JOB_WRITES = 16;
/** Workers of one import at once, by direct invocation. */
export const DIRECT_WORKERS = 8;
/**
 * Archives, and bytes of them, that an import has at most to be handed to workers directly: more goes by the queue.
 * Eight workers have 22 s, 176 s in all. An archive takes a second, most of it waiting: so a hundred leave a third of
 * that to slow ones. A megabyte holds some 1,500 jobs, and a core writes as many in a second: 80 MB take half of it.
 */
export const DIRECT_ARCHIVES = 100;
export const DIRECT_BYTES = 80_000_000;
/** Imports of a project on the queue at once: their workers are those of all projects. */
export const QUEUED_IMPORTS = 4;
/** Seconds after which a client that has so many may try again: in half a minute one of them may end. */
export const QUEUED_RETRY_SECONDS = 30;
/**
 * Deliveries of a message from which an archive is given up untried at which workers died: each of them takes the six
 * minutes of the queue's visibility time-out.
 */
export const DEADLY_RECEIVES = 5;
/** The same whatever was at fault, of an archive or of a plan: a table that throttles has an hour and a half. */
export const GIVEN_UP_RECEIVES = 15;
/** Deliveries of a message until the queue puts it aside, by when nobody ends its import: some to note that it was given up. */
export const QUEUE_RECEIVES = 20;
/** Messages of one call to a queue. Source: SQS. */
export const QUEUE_BATCH = 10;
/** Such calls at once. */
export const QUEUE_SENDS = 8;
/** Archives of one item of progress: some 3 KB, so that a worker's write costs little, and 10,000 archives are one query. */
export const PROGRESS_ARCHIVES = 100;
/** Milliseconds between two looks at the progress of an import whose request waits. */
export const PROGRESS_LOOK_MS = 500;
/** Milliseconds for which a worker takes the jobs of an import that it counted last for all there are: at least, and at most. */
export const JOBS_COUNTED_MS = 2_000;
export const JOBS_COUNTED_MOST_MS = 10_000;
/** Milliseconds between two looks whether an import was cancelled, while it hands archives to workers directly. */
export const CANCEL_LOOK_MS = 3_000;

/** Tries of one call to S3, to a queue or to a worker, the first included. */
export const CALL_ATTEMPTS = 4;
/** Milliseconds before a worker is called again, doubled at each try and cut by chance: so that callers spread. */
export const CALL_PAUSE_MS = 100;
/** Tries of one call to the table: it throttles while it grows, and a write that fails leaves half an archive. */
export const TABLE_ATTEMPTS = 6;
/** Milliseconds to open a connection to AWS. */
export const CONNECT_MS = 1_000;
/** Milliseconds for one answer of the table; it takes few, but queues calls when it is short of capacity. */
export const TABLE_CALL_MS = 5_000;
/** Milliseconds for reading an archive of 50 MB, and how often one whose body breaks off is read. */
export const OBJECT_READ_MS = 12_000;
export const OBJECT_READ_ATTEMPTS = 3;
/** Milliseconds for S3 to begin an answer, or to take an object. */
export const OBJECT_CALL_MS = 10_000;
/** Milliseconds for one answer of a queue. */
export const QUEUE_CALL_MS = 3_000;
/** Milliseconds for finding out who sends a request, and what an HTTP function keeps of its 29 s for its answer. */
export const DOOR_MS = 10_000;
export const HTTP_RESERVE_MS = 1_000;
/** Milliseconds from the start of an import's request: after the one no archive is begun, at the other it is answered. */
export const IMPORT_BEGIN_MS = 22_000;
export const IMPORT_ANSWER_MS = 25_000;
/** The same for the last write to its record, below the 29 s of the function. */
export const IMPORT_CONCLUDE_MS = 27_000;
/** Milliseconds of an HTTP function, as its time-out in the deployment file: the HTTP API gives up at 30 s. */
export const HTTP_MS = 29_000;
/** The same of a worker. */
export const WORKER_MS = 60_000;
/** The same of the planner: 10,000 archives are 1,000 calls to their queue, eight at a time. */
export const PLAN_MS = 60_000;
/** Megabytes of a function that inflates, compresses or joins much: with so many it has one full core. Source: Lambda. */
export const CORE_MEGABYTES = 1_769;
/** Milliseconds that a worker keeps for ending the writes under way and for storing its outcomes. */
export const WORKER_RESERVE_MS = 2_000;
/** The same for storing its outcomes alone: what is under way by then is given up. */
export const WORKER_STORE_MS = 1_000;
/** Milliseconds that a worker may take to start, before its time counts. Source: the bound of Lambda's init phase. */
const COLD_START_MS = 10_000;
/** Milliseconds after which no worker of an import is left that was begun directly: then it is looked after, if it did not end. */
export const IMPORT_LOOK_AFTER_MS = IMPORT_ANSWER_MS + COLD_START_MS + WORKER_MS;
/** Milliseconds for which an import that is not on the queue runs, as far as anybody knows: so long it may take until it is looked after. */
export const IMPORT_LEASE_MS = IMPORT_LOOK_AFTER_MS + 30_000;
/** Bytes of an answer's mapping: Lambda takes 6 MB of an answer. Above it the answer tells where the mapping is. */
export const ANSWER_BYTES = 5_000_000;
/** Bytes of a row of it, at the least: a job of one letter that was created. */
export const MAPPING_ROW_BYTES = 110;
/** Bytes of an answer as Lambda passes it on: its text once more as a JSON string, with quotes and backslashes doubled. */
export const ENCODED_ANSWER_BYTES = 6_000_000;
/** Jobs of an import: no archive is begun after so many were seen. The mapping of one is joined in memory. */
export const IMPORT_JOBS = 100_000;
/** Milliseconds for making a request an import, of the 25 s for all of it. */
export const IMPORT_ACCEPT_MS = 20_000;
/** Rows of one page of an import's mapping. */
export const MAPPING_PAGE = 1_000;

/** Messages of a batch handled at once: as many as a queue hands over without waiting for more. */
export const BATCH_MESSAGES = 10;

/** Bytes of a request's body. */
export const REQUEST_BODY_BYTES = 64 * KIB;
/** Bytes of a request's body that lists ids. */
export const ID_LIST_BODY_BYTES = 512 * KIB;
/** Jobs of one batch delete: five calls to the table each, within the time of a request. */
export const DELETE_JOBS = 1_000;
/** Milliseconds from the start of a request after which no deletion is begun, of the 29 s of the function. */
export const DELETE_BEGIN_MS = 20_000;
/** Characters of an Idempotency-Key. */
export const IDEMPOTENCY_KEY_CHARACTERS = 64;
/** Milliseconds that the date of a signature may be from now, either way. Source: the signing guide of the API gateway. */
export const SIGNATURE_WINDOW_MS = 15 * 60_000;
/** Characters of the Authorization header of a signed request: names of headers of a kilobyte or so, never more than 10 KB in all. */
export const AUTHORIZATION_CHARACTERS = 4 * KIB;
/** Headers that a signature may cover; clients sign two to eight. */
export const SIGNED_HEADERS = 50;
/** Milliseconds for which a credential that was found is not looked up again: how late a revocation takes effect. */
export const ACCESS_CACHE_MS = 60_000;
/** Credentials that one function instance remembers. */
export const ACCESS_CACHE_ENTRIES = 1_000;

/** Characters of a text in a line of the log: the longest are where a fault was thrown, a dozen lines. */
export const LOG_TEXT_CHARACTERS = 4 * KIB;

/** Jobs of one page of a list. Source: the job API. */
export const LIST_JOBS = 100;
/** Jobs of a list beyond its page: they are all counted, and those that a filter lets through are held in memory. */
export const LISTED_JOBS = 100_000;
/** Jobs whose definitions are read at once for a list in detail. */
export const DEFINITION_READS = 16;
/** Imports of one page of a list, and how many of them that have not ended are looked into at once. */
export const LIST_IMPORTS = 100;
export const IMPORT_EXAMINATIONS = 4;

/** Jobs of one export: as many as can be read and written within its time. More are exported in selections. */
export const EXPORT_JOBS = 20_000;
/** Jobs of one file of an export: few enough to be looked through by hand; an import takes ten times as many. */
export const EXPORT_FILE_JOBS = 1_000;
/** Values of a manifest that is read, an object counted twice: more than one of our exports has. */
export const MANIFEST_VALUES = EXPORT_FILE_JOBS + 100;
/** Inflated bytes of all entries of such a file: the limit of an import, with room for the manifest. */
export const EXPORT_FILE_INFLATED_BYTES = 48 * MIB;
/** Bytes of such a file, headers and manifest included: below the limit of an import. */
export const EXPORT_FILE_BYTES = 40_000_000;
/** Bytes that an entry takes beside its data, at the most: two headers, and its line of the manifest. */
export const EXPORT_ENTRY_BYTES = 500;
/** Items of jobs of one batched read: DynamoDB answers 16 MB at once, and an item may have 300 KB. */
export const EXPORT_BATCH_JOBS = 50;
/** Such reads at once: keeps the packing busy, and their items out of memory. */
export const EXPORT_BATCHES = 2;
/** Jobs of one look into the index by id, for ids that may lie far apart. */
export const INDEX_PAGE_JOBS = 100;
/** Looks at one job whose definition is replaced each time before it is read. */
export const DEFINITION_READ_ATTEMPTS = 5;
/** Milliseconds from the start of an export's request: at the one its work is given up, at the other it is answered. */
export const EXPORT_WORK_MS = 22_000;
export const EXPORT_ANSWER_MS = 25_000;
/** Files removed at once after an export that failed. */
export const EXPORT_REMOVALS = 8;
