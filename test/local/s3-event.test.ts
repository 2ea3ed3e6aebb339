import { afterEach, expect, test, vi } from 'vitest';
import { formEncoded, Sequencer } from '../../local/s3-event.ts';

afterEach(() => void vi.useRealTimers());

test.each([
  ['uploads/demo/a.zip', 'uploads/demo/a.zip'],
  ['a b+c%2F/d', 'a+b%2Bc%252F/d'],
  ["!'()*~&=?#", '%21%27%28%29*%7E%26%3D%3F%23'],
  ['作业/é', '%E4%BD%9C%E4%B8%9A/%C3%A9'],
  ['a\n', 'a%0A'],
])('the key %j is encoded as a form is', (key, expected) => {
  expect(formEncoded(key)).toBe(expected);
  expect(decodeURIComponent(formEncoded(key).replaceAll('+', ' '))).toBe(key);
});

test('sequencers are of one length, and each is above the one before, whatever the clock does', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const sequencer = new Sequencer();
  const issued = [sequencer.next(), sequencer.next()];
  vi.setSystemTime(1_800_000_000_001);
  issued.push(sequencer.next());
  vi.setSystemTime(1_700_000_000_000);
  issued.push(sequencer.next());
  expect(issued.map((text) => /^[0-9A-F]{18}$/.test(text))).toEqual([true, true, true, true]);
  expect(issued).toEqual([...new Set(issued)].sort());
});

test('sequencers of a later start are above those of an earlier one', () => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  const earlier = new Sequencer();
  const last = Array.from({ length: 1_000 }, () => earlier.next()).at(-1) ?? '';
  vi.setSystemTime(1_800_000_000_001);
  expect(new Sequencer().next() > last).toBe(true);
});
