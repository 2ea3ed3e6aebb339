import { describe, expect, test } from 'vitest';
import { deletionAnswer, deletionResult } from '../../lib/http/deletions.ts';

const DELETED = { is_success: 'true', message: 'The job is successfully deleted.' };

describe('what came of a deletion', () => {
  test('is told as the API tells it', () => {
    expect(deletionAnswer(7, 'deleted')).toEqual(DELETED);
    expect(deletionResult(7, 'deleted')).toEqual(DELETED);
  });

  test.each([
    ['no_such_job', 'DLI.16001', /no Flink job with the id 7/],
    ['no_time', 'DLI.0019', /no time left to delete the job 7\. Send the request again/],
    ['not_known', 'DLI.0999', /not known whether the job 7 is deleted/],
    [undefined, 'DLI.0999', /not known whether the job 7 is deleted/],
  ] as const)('%s is the error %s of one, and a failed result of a batch', (deletion, code, message) => {
    expect(() => deletionAnswer(7, deletion)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
    expect(deletionResult(7, deletion)).toEqual({ is_success: 'false', message: expect.stringMatching(message) });
  });
});
