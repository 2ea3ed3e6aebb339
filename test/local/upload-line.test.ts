import { expect, test } from 'vitest';
import { eventSourceProblem, lostUpload, uploadLine } from '../../local/upload-line.ts';

const key = 'uploads/demo/a.zip';
const line = (fields: object) => uploadLine(JSON.stringify({ level: 'INFO', message: 'upload', key, ...fields }));

test.each([
  [
    { outcome: 'imported', import_id: 4, jobs: { created: 2, skipped: 1, failed: 0 } },
    'import 4: 2 created, 1 skipped',
  ],
  [{ outcome: 'imported', import_id: 4, jobs: { not_started: 1 } }, 'import 4: 1 not started'],
  [{ outcome: 'imported', import_id: 4, jobs: {} }, 'import 4: no jobs'],
  [{ outcome: 'failed', import_id: 5, error_code: 'DLI.0003', remark: 'no ZIP' }, 'import 5 failed: DLI.0003: no ZIP'],
  [{ outcome: 'failed', remark: 'too large' }, 'failed: too large'],
  [{ outcome: 'cancelled', remark: 'its import was cancelled' }, 'not imported: its import was cancelled'],
  [{ outcome: 'superseded', import_id: 6 }, 'superseded by a newer upload'],
  [{ outcome: 'ignored', remark: 'there is no project x' }, 'ignored: there is no project x'],
  [{ outcome: 'again', remark: 'no table' }, 'comes again in some minutes: no table'],
  [{ outcome: 'again', import_id: 7, remark: 'no table' }, 'import 7 comes again in some minutes: no table'],
])('%j is told in a line', (fields, expected) => expect(line(fields)).toBe(`${key}: ${expected}`));

test('what the stack itself says is told too', () => {
  expect(uploadLine(lostUpload(key, new Error('no queue')))).toBe(`${key}: not imported, upload it again: no queue`);
  expect(uploadLine(eventSourceProblem('2 messages will come again: it failed'))).toBe(
    'Uploads: 2 messages will come again: it failed',
  );
});

test.each([
  'no JSON',
  '',
  'null',
  '["upload"]',
  '{"message":"import","key":"a"}',
  '{"message":"upload","outcome":"toString"}',
  '{"message":"upload","outcome":1}',
])('a line that is %j is not about an upload', (text) => expect(uploadLine(text)).toBeUndefined());

test('no name commands the terminal', () => {
  const remark = 'a\u001b[2Jb\r\nc\u009b';
  expect(line({ key: 'uploads/\u001b]0;x\u0007.zip', outcome: 'ignored', remark })).toBe(
    'uploads/?]0;x?.zip: ignored: a?[2Jb??c?',
  );
});
