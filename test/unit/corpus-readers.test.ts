import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GREEDY } from '../corpus/greedy.ts';
import { CORPUS } from '../corpus/index.ts';
import { type ReaderFinding, readersHere } from '../corpus/readers.ts';
import { readWhole } from '../read-whole.ts';

const READERS = readersHere();
/** Without those that are greedy by their documents, which no reader of ZIPs looks at. */
const HONEST = Object.entries(CORPUS).flatMap(([title, cases]) =>
  cases
    .filter((one) => one.verdict === 'accept' && !GREEDY.includes(one))
    .map(({ name, build }) => ({ name: `${title}: ${name}`, build })),
);
const NEEDED = 2;

let folder: string;
const paths = new Map<string, string>();
const hashes = new Map<string, string[]>();
const findings = new Map<string, ReadonlyMap<string, ReaderFinding>>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  for (const [at, { name, build }] of HONEST.entries()) {
    const bytes = build();
    const path = join(folder, `${at}.zip`);
    await writeFile(path, bytes);
    paths.set(name, path);
    hashes.set(
      path,
      (await readWhole(bytes)).map((entry) => createHash('sha256').update(entry.bytes).digest('hex')),
    );
  }
  for (const { name, find } of READERS) findings.set(name, await find([...paths.values()]));
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

const about = READERS.map(({ name }) => name).join(', ') || 'none';

describe.skipIf(READERS.length < NEEDED)(`independent readers (here: ${about})`, () => {
  test.each(HONEST)('confirm that an archive is sound: $name', ({ name }) => {
    const found = READERS.map(
      (reader) => [reader.name, findings.get(reader.name)?.get(paths.get(name) ?? '')] as const,
    );
    const sound = found.filter(([, finding]) => finding !== undefined && !('problem' in finding));
    expect(sound.length, JSON.stringify(found)).toBeGreaterThanOrEqual(NEEDED);
  });

  test('find the same content where they tell of it', () => {
    const different = [...hashes].filter(([path, ours]) => {
      const theirs = READERS.flatMap(({ name }) => {
        const finding = findings.get(name)?.get(path);
        return finding && 'hashes' in finding && finding.hashes ? [finding.hashes] : [];
      });
      return !theirs.every((all) => isPartInOrder(ours, all));
    });
    expect(different).toEqual([]);
  });
});

function isPartInOrder(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const item of whole) if (item === part[at]) at += 1;
  return at === part.length;
}
