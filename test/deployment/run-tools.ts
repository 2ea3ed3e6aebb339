import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call, OnCall } from '../proxy.ts';
import { zip } from '../zip.ts';

/** An archive of one document. */
export const archiveOf = (document: unknown) => zip([{ name: 'jobs.json', data: JSON.stringify(document) }]);
export const job = (name: string) => archiveOf({ name });
export const random = (characters: number) => randomBytes(characters).toString('base64url').slice(0, characters);
/** A definition that no compression brings below what an item takes. */
export const largeJob = (name: string) => archiveOf({ name, sql_body: random(700_000) });
export const MANY = 9_000;
/** Jobs that all fail, and whose outcomes are more than an item takes: names do not compress. */
export const manyOutcomes = archiveOf(
  Array.from({ length: MANY }, () => ({ name: `j${random(56)}`, job_type: 'none' })),
);

/** Waits, 20 s at the most, until something is found. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error('it did not happen');
}

/** Does something once, before a call that is wanted is passed on. */
export const beforeCall = (isWanted: (call: Call) => boolean, act: (call: Call) => Promise<unknown>): OnCall => {
  let isDone = false;
  return (call) => {
    if (isDone || !isWanted(call)) return undefined;
    isDone = true;
    return { first: async () => void (await act(call)) };
  };
};

/** The same, but for the first call of all. */
export const afterFirst = (hook: OnCall): OnCall => {
  let calls = 0;
  return (call) => (calls++ === 0 ? undefined : hook(call));
};
