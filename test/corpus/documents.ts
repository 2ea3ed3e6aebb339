import { zip } from '../zip.ts';
import { accept, type Case, exceed, JOB, join, pair, refuse, SECRET } from './case.ts';

/** An archive with one document, after a good one. */
const holding = (document: string | Buffer) => () => {
  return zip([
    { name: 'ok.json', data: JOB },
    { name: 'x.json', data: document },
  ]);
};
const job = (fields: string) => `{"name":"x","sql_body":"${SECRET}",${fields}}`;
const shown = (document: string) => JSON.stringify(document).replaceAll(SECRET, '…');
const accepts = (documents: string[]) =>
  documents.map((document) => accept(`reads ${shown(document)}`, holding(document)));
const refuses = (reason: string, documents: string[]) => {
  return documents.map((document) => refuse(reason, `refuses ${shown(document)}`, holding(document)));
};

/** Documents as text: UTF-8, and the grammar of RFC 8259. */
export const DOCUMENT_TEXT: Case[] = [
  ...accepts([
    ' {"name":"x"}\r\n\t',
    '{ "name" : "x" }',
    '{"name":"x","desc":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}',
    job('"desc":"é😀\u2028\u007f"'),
    job('"x":[true,false,null,[],{}]'),
  ]),
  accept('a byte order mark', holding('\ufeff{"name":"x"}')),
  accept('a byte order mark in a string', holding(job('"desc":"\ufeff"'))),
  accept('a stored document that ends without a line break', () =>
    zip([{ name: 'x.json', data: '{"name":"x"}', store: true }]),
  ),
  ...pair('UTF-8', 'document.encoding', (isMutant) =>
    holding(join('{"name":"x","desc":"', isMutant ? '\xe9' : Buffer.from('é'), '"}'))(),
  ),
  ...Object.entries({
    'two byte order marks': Buffer.from('\ufeff\ufeff{"name":"x"}'),
    'UTF-16 with its mark': Buffer.from('\ufeff{"name":"x"}', 'utf16le'),
    'an overlong form': join('{"name":"x","desc":"\xc0\x80"}'),
    'a surrogate in UTF-8': join('{"name":"x","desc":"\xed\xa0\xbd\xed\xb8\x80"}'),
    'a character beyond Unicode': join('{"name":"x","desc":"\xf4\x90\x80\x80"}'),
    'a cut character at the end': join('{"name":"x"}\xe2\x82'),
  }).map(([what, document]) => refuse('document.encoding', what, holding(document))),
  refuse('document.syntax', 'UTF-16 without its mark', holding(Buffer.from('{"name":"x"}', 'utf16le'))),
  refuse('document.syntax', 'an empty document', holding('')),
  refuse('document.syntax', 'a byte order mark only', holding('\ufeff')),
  ...refuses('document.syntax', [
    ' ',
    '{"name":"x"',
    '{"name":"x"}}',
    '{"name":"x"}{"name":"y"}',
    '{"name":"x"},',
    '[{"name":"x"},]',
    '{"name":"x",}',
    '{name:"x"}',
    "{'name':'x'}",
    '{"name" "x"}',
    '{"name":x}',
    '{"name":NaN}',
    '{"name":Infinity}',
    '{"name":undefined}',
    '{"name":True}',
    '// c\n{"name":"x"}',
    '{"name":"x"/* c */}',
    '#\n{"name":"x"}',
    job('"n":01'),
    job('"n":+1'),
    job('"n":.5'),
    job('"n":1.'),
    job('"n":1e'),
    job('"n":0x10'),
    job('"n":1_000'),
    job('"n":-'),
    job('"n":１'),
    job('"s":"a\nb"'),
    job('"s":"\t"'),
    job('"s":"\u0000"'),
    job('"s":"\\x41"'),
    job('"s":"\\u12g4"'),
    job('"s":"\\'),
    job('"s":"open'),
    '{"name":"x"}\0',
    '{"name":"x"}\u00a0',
    '\f{"name":"x"}',
    '{"name":"x"}\ufeff',
  ]),
  refuse('document.syntax', 'YAML', holding('name: x\nsql_body: select 1\n')),
  refuse('document.syntax', 'lines of JSON', holding('{"name":"x"}\n{"name":"y"}\n')),
];

/** Documents as values: keys, numbers, characters, and what a document is. */
export const DOCUMENT_VALUES: Case[] = [
  ...accepts([
    job('"a":1,"A":2'),
    job('"a":{"a":{"a":1}}'),
    job('"proto":1,"__proto":2,"constructor":3,"toString":4'),
    job('"":1'),
  ]),
  ...pair('keys once', 'document.duplicate-key', (isMutant) =>
    holding(job(isMutant ? '"a":1,"b":2,"a":1' : '"a":1,"b":2,"c":1'))(),
  ),
  ...refuses('document.duplicate-key', [
    '{"name":"x","name":"y"}',
    job('"job_config":{"cu_number":1,"cu_number":2}'),
    '[{"name":"x"},{"name":"y","a":1,"a":1}]',
    '{"jobs":[],"jobs":[]}',
    job('"a":1,"\\u0061":2'),
    job('"":1,"":2'),
    job('"a":[{"b":1,"b":1}]'),
    job('"toString":1,"toString":2'),
    job('"hasOwnProperty":1,"hasOwnProperty":2'),
    `{"${SECRET}":1,"${SECRET}":2}`,
    `{"name":"x","${SECRET}":{"name":1,"name":2}}`,
    job(`"job_config":{"${SECRET}":[{"${SECRET}":1,"${SECRET}":2}]}`),
  ]),
  ...refuses('document.proto-key', [
    '{"name":"x","__proto__":{}}',
    '{"__proto__":null}',
    job('"a":{"__proto__":1}'),
    job('"\\u005f_proto__":1'),
    '[{"__proto__":[]}]',
    '{"jobs":[{"__proto__":{"name":"x"}}]}',
  ]),
  ...accepts([
    '{"name":"x","job_id":9223372036854775807}',
    '{"name":"x","job_id":-9223372036854775808}',
    job('"n":9007199254740993'),
    job('"n":0.1000'),
    job('"n":-0'),
    job('"n":1E400'),
    job('"n":100000000000000000000.5'),
    job('"n":1e-400'),
  ]),
  ...refuses('document.integer', [
    '{"name":"x","job_id":9223372036854775808}',
    '{"name":"x","job_id":-9223372036854775809}',
    job('"n":18446744073709551616'),
    job(`"n":${'9'.repeat(100)}`),
  ]),
  ...refuses('document.surrogate', [
    job('"s":"\\ud83d"'),
    job('"s":"\\ude00"'),
    job('"s":"\\ude00\\ud83d"'),
    job('"s":"\\ud83dx"'),
    job('"\\ud800":1'),
    '{"name":"\\udfff"}',
    job('"s":"\\ud83d\\u0041"'),
  ]),
  ...accepts([
    '[{"name":"x"},{"name":"y"}]',
    '{"jobs":[{"name":"x"}]}',
    '{"jobs":[{"name":"x"}],"version":1}',
    '{"project_id":"p","create_time":1,"root_id":-1,"jobs":[{"name":"x"}]}',
    '{"jobs":{},"name":"x"}',
    '[]',
    '[1,null,{"name":"x"}]',
    '{}',
  ]),
  accept(
    'fields of other owners',
    holding(
      job(
        '"job_id":5,"project_id":"p","user_id":"u","user_name":"n","status":"job_running","status_desc":"d","create_time":1,"update_time":2,"start_time":3,"duration":4,"pk":"job#other#x","sk":"job"',
      ),
    ),
  ),
  accept(
    'fields of other owners in job_config',
    holding(job('"job_config":{"job_id":5,"pk":"job#other#x","sk":"job","status":"job_running","root_id":-1}')),
  ),
  accept(
    'a job that breaks a rule of the API beside one that does not',
    holding('[{"name":"x"},{"name":"not a name!"}]'),
  ),
  ...pair('a job or a list', 'document.shape', (isMutant) =>
    holding(isMutant ? '{"name":"x","jobs":[]}' : '{"jobs":[]}')(),
  ),
  ...refuses('document.shape', [
    'null',
    'true',
    '"x"',
    '1',
    '9007199254740993',
    '{"jobs":[{"name":"x"}],"name":"y"}',
    '{"jobs":[{"name":"x"}],"sql_body":"y"}',
    '{"desc":"y","jobs":[{"name":"x"}]}',
    '{"jobs":[{"name":"x"}],"job_config":{}}',
    '{"jobs":[{"name":"x"}],"cu_number":2}',
  ]),
  refuse('archive.no-jobs', 'an empty list only', () => zip([{ name: 'x.json', data: '[]' }])),
  refuse('archive.no-jobs', 'an empty list of jobs, and another', () => {
    return zip([
      { name: 'x.json', data: '{"jobs":[]}' },
      { name: 'y.json', data: '[]' },
    ]);
  }),
];

/** Nesting of a document so deep. */
const nested = (depth: number) => `{"name":"x","a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const nestedObjects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const withKeys = (count: number) =>
  `{"name":"x",${Array.from({ length: count - 1 }, (_, at) => `"k${at}":0`).join(',')}}`;
const withNumber = (characters: number) => job(`"n":0.${'1'.repeat(characters - 2)}`);

/** Limits of documents. */
export const documentLimits = (depth: number, keys: number, characters: number): Case[] => [
  accept(`${depth} levels of lists`, holding(nested(depth))),
  exceed('document.depth', `${depth + 1} levels of lists`, holding(nested(depth + 1))),
  accept(`${depth} levels of objects`, holding(nestedObjects(depth))),
  exceed('document.depth', `${depth + 1} levels of objects`, holding(nestedObjects(depth + 1))),
  exceed('document.depth', 'a level too many that is never closed', holding('[{"a":'.repeat(depth / 2).concat('['))),
  accept(`${keys} keys of an object`, holding(withKeys(keys))),
  exceed('document.keys', `${keys + 1} keys of an object`, holding(withKeys(keys + 1))),
  accept(`${keys} keys of each of two objects`, holding(job(`"a":${withKeys(keys)},"b":${withKeys(keys)}`))),
  accept(`a number of ${characters} characters`, holding(withNumber(characters))),
  exceed('document.number', `a number of ${characters + 1} characters`, holding(withNumber(characters + 1))),
  exceed(
    'document.number',
    `an integer of ${characters + 1} digits`,
    holding(job(`"n":${'1'.repeat(characters + 1)}`)),
  ),
];
