import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GarbageCollector } from '../../lib/import/collect-garbage.ts';
import { GARBAGE_BYTES } from '../../lib/limits.ts';

/** Something that nobody uses. Only a whole collection ends it. */
const leftOver = () => new WeakRef({});

test('what is no longer in use is given back as soon as so many bytes came together, and not before', async () => {
  const garbage = new GarbageCollector();
  for (let round = 0; round < 2; round++) {
    const left = leftOver();
    await setImmediate();
    garbage.add(GARBAGE_BYTES - 1);
    expect(left.deref()).toBeDefined();
    await setImmediate();
    garbage.add(1);
    expect(left.deref()).toBeUndefined();
  }
});
