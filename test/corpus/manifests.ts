import { packCanonical } from '../../lib/job/canonical-json.ts';
import { type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, JOB, refuse, SECRET } from './case.ts';

const HASH_OF_A = packCanonical(JSON.parse(JOB)).contentHash;
const HASH_OF_B = packCanonical({ name: 'b' }).contentHash;
const HASHES = { 'a.json': HASH_OF_A, 'b.json': HASH_OF_B };
/** What our own export says of A and B. */
const OWN = { format: 'flink-job-export', version: 1, jobs: 2, content_hashes: HASHES };

const named = (data: string): ZipFile => ({ name: 'manifest.json', data });
const saying = (data: string) => () => zip([named(data), A, B]);
/** Our own manifest, with some of it changed. */
const manifest = (changes: Record<string, unknown> = {}, files: ZipFile[] = [A, B]) => {
  return zip([named(JSON.stringify({ ...OWN, ...changes })), ...files]);
};

/** What `manifest.json` at the root says of the archive. */
export const MANIFESTS: Case[] = [
  accept('that of our own export', () => manifest()),
  accept('that of our own export, behind the jobs', () => zip([A, B, named(JSON.stringify(OWN))])),
  accept('jobs in another order than it lists them', () => manifest({}, [B, A])),
  accept('jobs with the fields that an export adds', () =>
    manifest({}, [A, { name: 'b.json', data: '{"job_id":7,"name":"b","status":"job_running"}' }]),
  ),
  accept('a field that it does not know', () => manifest({ made_by: 'x' })),
  accept('a job that breaks a rule of the API, and has no hash', () =>
    manifest({ content_hashes: { 'a.json': HASH_OF_A, 'b.json': '' } }, [A, { ...B, data: '{"name":"not a name!"}' }]),
  ),
  ...['{}', '[]', 'null', '{"jobs":3}', '{"format":"another","version":9}'].map((data) =>
    accept(`one of somebody else: ${JSON.stringify(data)}`, saying(data)),
  ),
  ...Object.entries({
    'another version': { version: 2 },
    'a version as text': { version: '1' },
    'no count': { jobs: undefined },
    'no hashes': { content_hashes: undefined },
    'hashes that are none': { content_hashes: { 'a.json': 1, 'b.json': HASH_OF_B } },
    'a list of hashes': { content_hashes: [HASH_OF_A, HASH_OF_B] },
    'a job more than it lists': { jobs: 3 },
    'a job less than it lists': { jobs: 1 },
    'the hash of another job': { content_hashes: { 'a.json': HASH_OF_A, 'b.json': HASH_OF_A } },
    'the hash in capitals': { content_hashes: { 'a.json': HASH_OF_A, 'b.json': HASH_OF_B.toUpperCase() } },
    'a name that is none': { content_hashes: { 'a.json': HASH_OF_A, [SECRET]: HASH_OF_B } },
    'one job of two': { jobs: 1, content_hashes: { 'a.json': HASH_OF_A } },
  }).map(([what, changes]) => refuse('archive.manifest', what, () => manifest(changes))),
  refuse('archive.manifest', 'a job that is missing', () => manifest({}, [A])),
  refuse('archive.manifest', 'a job on top', () => manifest({}, [A, B, { name: 'c.json', data: '{"name":"c"}' }])),
  refuse('archive.manifest', 'a job under another name', () => manifest({}, [A, { ...B, name: 'c.json' }])),
  refuse('archive.manifest', 'a job that was changed', () =>
    manifest({}, [A, { ...B, data: '{"name":"b","desc":""}' }]),
  ),
  refuse('archive.manifest', 'a job that is there twice', () =>
    manifest({}, [A, { ...B, data: '[{"name":"b"},{"name":"b"}]' }]),
  ),
  refuse('archive.manifest', 'an entry without its job', () => manifest({}, [A, { ...B, data: '[]' }])),
];
