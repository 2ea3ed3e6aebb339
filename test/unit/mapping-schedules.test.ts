import { describe, expect, test } from 'vitest';
import { joinOutcomes, type MappingEntry } from '../../lib/import/mapping.ts';
import type { Outcome } from '../../lib/job/outcome.ts';
import type { Found, Written } from '../../lib/store/write-rules.ts';
import { Random } from '../random.ts';
import { type TinyJob, TinyTable } from '../write-protocol/tiny-table.ts';
import { runWriters } from './run-writers.ts';

const IMPORTS = 1_000;
const SCHEDULES = 4;
const IMPORT_ID = 5;
const NAMES = ['a', 'b', 'c'];
const NEW_IDS = 1_000;

/** An import of chance: its archives, and what the table holds before it. */
function makeImport(random: Random, isCover: boolean, importId = IMPORT_ID) {
  let newJobId = NEW_IDS * importId;
  const archives = Array.from({ length: 1 + random.below(4) }, (_, archivePlace) =>
    Array.from({ length: random.below(6) }, (_, jobPlace): TinyJob => {
      const place = { isCover, importId, archivePlace, jobPlace };
      return { name: pick(random, NAMES), contentHash: pick(random, ['x', 'y']), place, newJobId: newJobId++ };
    }),
  );
  return { isCover, importId, archives, jobs: archives.flat() };
}

function makeTable(random: Random): TinyTable {
  const table = new TinyTable();
  for (const [at, name] of NAMES.entries()) {
    if (random.below(3) > 0) continue;
    const importId = 1 + random.below(IMPORT_ID - 1);
    const place = { isCover: random.below(2) === 0, importId, archivePlace: 0, jobPlace: 0 };
    table.write({ name, contentHash: 'x', place, newJobId: at + 1 });
  }
  return table;
}

type Import = ReturnType<typeof makeImport>;

function join({ importId, isCover, archives }: Import, outcomes: Map<TinyJob, Written>, lost?: number): MappingEntry[] {
  const results = archives.map((jobs, at) => {
    const archive = `data/${at}.zip`;
    if (at === lost) return { archive, outcomes: 'lost' as const };
    return { archive, outcomes: { jobs: jobs.map((job) => outcomeOf(job, outcomes.get(job))) } };
  });
  return joinOutcomes({ importId, isCover }, results);
}

function outcomeOf({ name, contentHash, place }: TinyJob, written: Written | undefined): Outcome {
  const seen = { jobPlace: place.jobPlace, entry: 'a.json', oldJobId: null };
  if (written !== undefined) return { ...seen, name, contentHash, ...written };
  return { ...seen, name, action: 'failed', code: 'DLI.0999', message: 'unknown', isTransient: true };
}

/** The same rows whatever numbers new ids have: each is shown by where it first stands. */
function upToIds(entries: MappingEntry[]) {
  const ids = [...new Set(entries.map(({ newJobId }) => newJobId).filter((id) => id >= NEW_IDS))];
  return entries.map(({ newJobId, ...row }) => ({
    ...row,
    id: newJobId < NEW_IDS ? newJobId : `new ${ids.indexOf(newJobId)}`,
  }));
}

/** What the rules say of one job, told without a table. */
function expectedRow({ isCover, jobs }: Import, before: Map<string, Found>, after: Map<string, Found>, job: TinyJob) {
  const rivals = jobs.filter(({ name }) => name === job.name);
  const winner = isCover ? rivals.at(-1) : rivals[0];
  const wasThere = before.has(job.name);
  const jobId = after.get(job.name)?.job_id;
  if (wasThere && !isCover) return { action: 'skipped', newJobId: -1 };
  if (job === winner) return { action: wasThere ? 'overwritten' : 'created', newJobId: jobId };
  return { action: 'duplicate', newJobId: job.contentHash === winner?.contentHash ? jobId : -1 };
}

function pick<T>(random: Random, values: T[]): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

describe.each([false, true])('an import with is_cover %s', (isCover) => {
  test('has one mapping, up to new ids, whatever its schedule', () => {
    for (let seed = 0; seed < IMPORTS; seed++) {
      const made = makeImport(new Random(seed), isCover);
      const mappings = Array.from({ length: SCHEDULES }, (_, schedule) => {
        const table = makeTable(new Random(seed));
        const mapping = join(made, runWriters(table, made.jobs, new Random(seed * SCHEDULES + schedule)));
        return JSON.stringify(upToIds(mapping));
      });
      expect(new Set(mappings).size, `seed ${seed}`).toBe(1);
    }
  });

  test('has the winners of the rules, and the table holds them', () => {
    for (let seed = 0; seed < IMPORTS; seed++) {
      const random = new Random(seed);
      const made = makeImport(random, isCover);
      const table = makeTable(random);
      const before = new Map(table.items);
      const mapping = join(made, runWriters(table, made.jobs, random));
      const expected = made.jobs.map((job) => expectedRow(made, before, table.items, job));
      expect(mapping, `seed ${seed}`).toMatchObject(expected);
      for (const [at, { action, newJobId }] of mapping.entries()) {
        const { name, contentHash } = made.jobs[at] ?? {};
        if (action !== 'created' && action !== 'overwritten') continue;
        expect(table.items.get(name ?? ''), `seed ${seed}`).toMatchObject({
          job_id: newJobId,
          content_hash: contentHash,
        });
      }
    }
  });

  test('hides nothing and promises nothing that is not there when an archive is lost', () => {
    for (let seed = 0; seed < IMPORTS; seed++) {
      const random = new Random(seed);
      const made = makeImport(random, isCover);
      const table = makeTable(random);
      const lost = random.below(made.archives.length);
      const outcomes = runWriters(table, made.jobs, random, random.below(3 * made.jobs.length + 1));
      const mapping = join(made, outcomes, lost);
      const known = made.archives.flatMap((jobs, at) => (at === lost ? [null] : jobs));
      expect(mapping.map(({ jobName }) => jobName)).toEqual(known.map((job) => job?.name ?? null));
      for (const { newJobId, jobName } of mapping) {
        if (newJobId !== -1) expect(table.items.get(jobName ?? '')?.job_id, `seed ${seed}`).toBe(newJobId);
      }
    }
  });
});

test('two imports at once agree on the id of every job, and one of them creates it', () => {
  for (let seed = 0; seed < IMPORTS; seed++) {
    const random = new Random(seed);
    const table = makeTable(random);
    const before = new Map(table.items);
    const imports = [IMPORT_ID, IMPORT_ID + 1].map((id) => makeImport(random, random.below(2) === 0, id));
    const outcomes = runWriters(
      table,
      imports.flatMap(({ jobs }) => jobs),
      random,
    );
    const rows = imports.flatMap((made) => join(made, outcomes));
    for (const { newJobId, jobName } of rows) {
      if (newJobId !== -1) expect(table.items.get(jobName ?? '')?.job_id, `seed ${seed}`).toBe(newJobId);
    }
    for (const name of table.items.keys()) {
      const creators = rows.filter(({ jobName, action }) => jobName === name && action === 'created');
      expect(creators, `seed ${seed}`).toHaveLength(before.has(name) ? 0 : 1);
    }
  }
});
