import { expect, test } from 'vitest';
import type { ArchiveEntry } from '../../lib/archive/read-archive.ts';
import { ApiError } from '../../lib/errors.ts';
import { readWhole } from '../read-whole.ts';
import { zip } from '../zip.ts';

const GOOD = [
  zip([
    { name: 'a.json', data: `{"sql":"${'select 1;'.repeat(20)}"}` },
    { name: 'folder/', data: '', store: true },
    { name: 'folder/b.json', data: '{"name":"b"}', store: true },
    { name: '.DS_Store', data: 'noise', store: true },
  ]),
  zip([{ name: 'c.json', data: '[1,2,3]' }], {
    zip64: true,
    comment: Buffer.from('a comment'),
    end: { offset: 0xffffffff },
  }),
];
const MUTATIONS = 500;

/** Numbers from 0 to below 1, the same for a seed on every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function mutate(bytes: Buffer, random: () => number): Buffer {
  const copy = Buffer.from(bytes);
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change++) {
    const at = Math.floor(random() * copy.length);
    copy[at] = Math.floor(random() * 256);
  }
  return copy;
}

test.each(GOOD)('a damaged archive is refused or gives what the whole one gives (%#)', async (good) => {
  const entries = await readWhole(good);
  const random = randomNumbers(20_260_801);
  const reasons = new Set<string | undefined>();
  for (let mutation = 0; mutation < MUTATIONS; mutation++) {
    const result = await readWhole(mutate(good, random)).catch((error: unknown) => error);
    if (result instanceof ApiError) reasons.add(result.reason);
    else expect(result).toEqual(entries satisfies ArchiveEntry[]);
  }
  expect(reasons.size).toBeGreaterThan(10);
});
