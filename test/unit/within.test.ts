import { describe, expect, test } from 'vitest';
import { within } from '../../lib/import/within.ts';

describe('work within a time', () => {
  const never = () => AbortSignal.any([]);

  test('gives its result, or its failure', async () => {
    expect(await within(Promise.resolve(1), never())).toBe(1);
    await expect(within(Promise.reject(new Error('broken')), never())).rejects.toThrow('broken');
  });

  test('is left alone when the time is up, or was up before', async () => {
    const time = new AbortController();
    const waiting = within(new Promise(() => {}), time.signal);
    time.abort(new Error('time is up'));
    await expect(waiting).rejects.toThrow('time is up');
    await expect(within(new Promise(() => {}), time.signal)).rejects.toThrow('time is up');
  });
});
