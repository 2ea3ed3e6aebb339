import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHORT_LINES } from '../reliability/lines.ts';
import { type Rig, startRig } from '../reliability/rig.ts';
import { SCENARIOS } from '../reliability/scenarios.ts';
import { type Referenced, referencesOf } from '../reliability/sweep.ts';
import { stack } from './client.ts';

const SEED = 1;
const LINE_MS = 180_000;

/** On the real table what meets most of its refusals: the rest differs in nothing that it decides. */
const ON_ANY_TABLE = ['mixed', 'same names across archives', 'one fault, once', 'eight clients'];
const isRun = (name: string) => stack.isEmbedded || ON_ANY_TABLE.includes(name);
const scenarios = SCENARIOS.filter(({ name }) => isRun(name));
const lines = SHORT_LINES.filter(({ title }) => isRun(title));

// One rig for all lines: each start of its processes takes longer than some of them.
let rig: Rig;
let referenced: Referenced[];
beforeAll(async () => {
  rig = await startRig(stack);
  referenced = await referencesOf(rig, scenarios);
});
afterAll(() => rig.close());

/** The short form of `npm run figures`. */
test.each(lines)('$title: $about, and no answer lies', { timeout: LINE_MS }, async (line) => {
  const { problems, seen, hit, runs, fired } = await line.sweep([rig], referenced, SEED);
  expect(problems).toEqual([]);
  expect(hit).toBe(seen);
  expect(runs).toBeGreaterThan(0);
  expect(fired).toBeGreaterThan(0);
});
