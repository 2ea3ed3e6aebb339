import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EmbeddedStorage, startStorage } from '../../local/emulators.ts';
import { SHORT_UPLOAD_LINES } from '../reliability/lines.ts';
import { type Rig, startRig } from '../reliability/rig.ts';
import { stack } from './client.ts';

const SEED = 1;
const LINE_MS = 180_000;

let storage: EmbeddedStorage;
let rig: Rig;
beforeAll(async () => {
  // Its own: that of the shared stack tells that stack of what is uploaded.
  storage = await startStorage();
  rig = await startRig({ s3Endpoint: storage.endpoint, dynamodbEndpoint: stack.dynamodbEndpoint });
});
afterAll(async () => {
  await rig.close();
  await storage.close();
});

/** The short form of these lines of `npm run figures`. */
test.each(SHORT_UPLOAD_LINES)('$title: $about, and no record lies', { timeout: LINE_MS }, async (line) => {
  const { problems, seen, hit, runs } = await line.sweep([rig], [], SEED);
  expect(problems).toEqual([]);
  expect(hit).toBe(seen);
  expect(runs).toBeGreaterThan(0);
});
