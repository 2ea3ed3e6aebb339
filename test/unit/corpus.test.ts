import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readJobs } from '../../lib/import/read-jobs.ts';
import { REFUSALS } from '../../lib/refusals.ts';
import { type Case, SECRET } from '../corpus/case.ts';
import { GREEDY } from '../corpus/greedy.ts';
import { CORPUS } from '../corpus/index.ts';

const ALL = Object.values(CORPUS).flat();
/** The others are judged in corpus-memory.test.ts, in processes of their own. */
const isModest = (one: Case) => !GREEDY.includes(one);
const REFUSED = ALL.flatMap(({ verdict }) => (verdict === 'accept' ? [] : [verdict]));
const hashes = new Set<string>();

describe.each(Object.entries(CORPUS))('%s', (_, cases) => {
  test.each(cases.filter(isModest))('$name', async ({ build, verdict }) => {
    const bytes = build();
    hashes.add(createHash('sha1').update(bytes).digest('hex'));
    const error: unknown = await readJobs(bytes).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (verdict === 'accept') expect(error).toBeUndefined();
    else expect(error).toMatchObject({ name: 'ApiError', ...verdict });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain(SECRET);
  });
});

describe('the corpus', () => {
  test('holds every archive once', () => {
    const names = Object.entries(CORPUS).flatMap(([title, cases]) => cases.map(({ name }) => `${title}: ${name}`));
    expect(new Set(names).size).toBe(ALL.length);
    expect(hashes.size).toBe(ALL.filter(isModest).length);
  });

  test('has more than 300 archives that must be refused, and 120 that must not', () => {
    expect(REFUSED.length).toBeGreaterThan(300);
    expect(ALL.length - REFUSED.length).toBeGreaterThan(120);
  });

  test('produces every reason that there is, with its code, and no other', () => {
    expect(Object.fromEntries(REFUSED.map(({ reason, code }) => [reason, code]))).toEqual(REFUSALS);
  });

  test('builds the same bytes every time', () => {
    const small = ALL.slice(0, 400);
    expect(small.every(({ build }) => build().equals(build()))).toBe(true);
  });
});
