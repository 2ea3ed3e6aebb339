import { expect, test } from 'vitest';
import { tryMutants } from '../corpus/mutants.ts';

const MUTANTS = 3_000;

test('a damaged archive is refused, or gives what the whole one gives', async () => {
  const { mutants, refused, accepted, wrong } = await tryMutants(20_260_801, MUTANTS);
  expect(wrong).toEqual([]);
  expect(mutants).toBe(MUTANTS);
  expect(refused).toBeGreaterThan(MUTANTS / 2);
  expect(accepted).toBeGreaterThan(MUTANTS / 50);
});
