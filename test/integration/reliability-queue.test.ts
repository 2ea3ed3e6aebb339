import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHORT_QUEUE_LINES } from '../reliability/lines.ts';
import { type Rig, startRig } from '../reliability/rig.ts';
import { stack } from './client.ts';

/** With it processes of all functions are killed. */
const SEED = 3;
const LINE_MS = 180_000;

let rig: Rig;
beforeAll(async () => {
  rig = await startRig(stack);
});
afterAll(() => rig.close());

/** The short form of these lines of `npm run figures`. */
test.each(SHORT_QUEUE_LINES)('$title: $about, and what is told is true', { timeout: LINE_MS }, async (line) => {
  const { problems, seen, hit, runs, fired } = await line.sweep([rig], [], SEED);
  expect(problems).toEqual([]);
  expect(hit).toBe(seen);
  expect(runs).toBeGreaterThan(0);
  expect(fired).toBeGreaterThan(0);
});
