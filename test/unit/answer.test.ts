import { describe, expect, test } from 'vitest';
import { importAnswer, importReply } from '../../lib/import/answer.ts';
import type { ArchiveResult, MappingEntry } from '../../lib/import/mapping.ts';
import { ANSWER_BYTES } from '../../lib/limits.ts';

const SUCCESS = 'The job is imported successfully.';

const row = (other: Partial<MappingEntry> = {}): MappingEntry => ({
  action: 'created',
  oldJobId: null,
  newJobId: 7,
  remark: 'Job successfully created',
  archive: 'data/x.zip',
  entry: 'a.json',
  jobName: 'orders',
  code: null,
  ...other,
});
const failedJob = row({ action: 'failed', newJobId: -1, remark: 'why', code: 'DLI.0001' });
const failedArchive = row({ ...failedJob, remark: 'which and why', entry: null, jobName: null });
const done: ArchiveResult = { archive: 'data/x.zip', outcomes: { jobs: [] } };

const answer = (entries: MappingEntry[], results = [done]) => importAnswer({ state: 'finished', entries, results });
const reply = (entries: MappingEntry[], other: Partial<Parameters<typeof importReply>[0]> = {}) =>
  importReply({ projectId: 'p', importId: 12, state: 'finished', entries, results: [done], ...other });

describe('the answer to an import', () => {
  test('has is_success as a string and ids as integers', () => {
    expect(JSON.stringify(reply([row({ oldJobId: '100' })]))).toBe(
      JSON.stringify({
        status: 200,
        body: {
          is_success: 'true',
          message: SUCCESS,
          job_mapping: [
            {
              old_job_id: 100,
              new_job_id: 7,
              remark: 'Job successfully created',
              job_name: 'orders',
              archive: 'data/x.zip',
              entry: 'a.json',
              action: 'created',
            },
          ],
          import_id: 12,
        },
      }),
    );
  });

  test.each(['9223372036854775807', '-9223372036854775808', '9007199254740993', '0'])(
    'gives the old id %s digit for digit',
    (oldJobId) => {
      expect(JSON.stringify(answer([row({ oldJobId })]))).toContain(`"old_job_id":${oldJobId},`);
    },
  );

  test('has no keys for what a row does not have', () => {
    const wire = JSON.parse(JSON.stringify(answer([failedArchive])));
    expect(wire.job_mapping).toEqual([
      { new_job_id: -1, remark: 'which and why', archive: 'data/x.zip', action: 'failed', error_code: 'DLI.0001' },
    ]);
  });

  test.each(['created', 'overwritten', 'skipped', 'duplicate', 'superseded'] as const)(
    'takes %s for success',
    (action) => {
      expect(answer([row({ action })])).toMatchObject({ is_success: 'true', message: SUCCESS });
    },
  );

  test.each(['failed', 'not_started'] as const)('takes %s for failure', (action) => {
    expect(answer([row(), row({ action, remark: 'why' })])).toMatchObject({
      is_success: 'false',
      message: '1 of 2 jobs failed: why.',
    });
  });

  test('counts failed archives among all of them, and tells the first remark', () => {
    const results = [done, done, done];
    expect(answer([failedArchive, row(), row(), failedArchive], results).message).toBe(
      '2 of 3 archives failed: which and why. See job_mapping for the others.',
    );
    expect(answer([row(), failedJob, failedArchive], results).message).toBe(
      '1 of 3 archives failed, 1 of 2 jobs failed: why. See job_mapping for the others.',
    );
  });
});

describe('a reply that is not whole', () => {
  const location = '/v1.0/p/streaming/jobs/imports/12';

  test('says how far the import is and where it is told', () => {
    const results: ArchiveResult[] = [
      done,
      { archive: 'b', outcomes: 'running' },
      { archive: 'c', outcomes: 'not_started' },
    ];
    expect(reply([row()], { state: 'interrupted', results })).toEqual({
      status: 202,
      location,
      body: {
        is_success: 'false',
        message: `not finished after 25 s: 1 of 3 archives done, 1 not started; see ${location}`,
        job_mapping: [],
        import_id: 12,
        state: 'interrupted',
      },
    });
  });

  test.each(['x', 'é', '目', '😀'])(
    'keeps the answer below its limit of bytes, whatever the characters: %s',
    (character) => {
      const remark = character.repeat(ANSWER_BYTES / Buffer.byteLength(character));
      const { status, body } = reply([row({ remark })]);
      expect(status).toBe(202);
      expect(body).toEqual({
        is_success: 'true',
        message: `${SUCCESS} The mapping is at ${location}`,
        job_mapping: [],
        import_id: 12,
        state: 'finished',
      });
    },
  );

  test('begins one byte above that limit', () => {
    const size = ({ body }: { body: object }) => Buffer.byteLength(JSON.stringify(body));
    const room = ANSWER_BYTES - size(reply([row({ remark: '' })]));
    expect(reply([row({ remark: 'x'.repeat(room) })]).status).toBe(200);
    expect(reply([row({ remark: 'x'.repeat(room + 1) })]).status).toBe(202);
  });
});
