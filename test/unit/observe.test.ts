import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LOG_TEXT_CHARACTERS } from '../../lib/limits.ts';
import { createLogger, faultLogger } from '../../lib/observe.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  const keep = (line: string | Uint8Array) => lines.push(String(line)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const HOSTILE = [
  '\r\n{"level":"ERROR"}',
  '\u001b[31m',
  '\u009b31m',
  '\u2028',
  '\u2029',
  '\u202e',
  '\ud800',
  '\0',
  '\u0085',
  '"}',
];

describe('a line of the log', () => {
  test.each(HOSTILE)('is one line of JSON whatever a text holds: %j', (text) => {
    createLogger().info('request', { name: `a${text}b` });
    expect(lines).toHaveLength(1);
    // One line end, its own.
    expect(lines[0]).toMatch(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+\n$/u);
    const { message, name } = JSON.parse(lines[0] ?? '');
    expect(message).toBe('request');
    expect(name).toMatch(/^a.+b$/s);
  });

  test('holds a text of its limit whole, and the beginning of one that is longer', () => {
    const text = 'x'.repeat(LOG_TEXT_CHARACTERS);
    createLogger().info('request', { whole: text, cut: `${text}y`, deep: { message: `${text}y` } });
    const { whole, cut, deep } = JSON.parse(lines[0] ?? '');
    expect([whole, cut, deep]).toEqual([text, `${text}…`, { message: `${text}…` }]);
  });

  test('holds numbers and lists as they are', () => {
    createLogger().info('request', { status: 200, jobs: { created: 3 }, list: [1, 'a', null, true] });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 200, jobs: { created: 3 }, list: [1, 'a', null, true] });
  });
});

test('a fault is told with what it happened to', () => {
  faultLogger(createLogger(), { message_id: 'm' })(new TypeError('what\u2028'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'ERROR',
    message: 'fault',
    message_id: 'm',
    fault: { name: 'TypeError', message: 'what\\u2028', stack: expect.stringContaining('observe.test.ts') },
  });
});
