import { describe, expect, test } from 'vitest';
import { prefersAsync } from '../../lib/http/prefer.ts';
import { apiEvent } from './api-event.ts';

const prefers = (prefer: string) => prefersAsync(apiEvent({ headers: { prefer } }));

describe('a client that does not want to wait', () => {
  test.each([
    'respond-async',
    'Respond-Async',
    ' respond-async ',
    'respond-async, wait=10',
    'return=minimal,respond-async',
    'wait=10; x=y , respond-async; foo="bar"',
    // What the gateway makes of two headers.
    'handling=lenient,respond-async',
  ])('is seen by Prefer: %s', (prefer) => {
    expect(prefers(prefer)).toBe(true);
  });

  test.each(['', 'wait=10', 'respond-asynchronously', 'return=respond-async', 'foo; respond-async', 'respond async'])(
    'is not seen by Prefer: %s',
    (prefer) => {
      expect(prefers(prefer)).toBe(false);
    },
  );

  test('is not seen without a preference', () => {
    expect(prefersAsync(apiEvent())).toBe(false);
  });
});
