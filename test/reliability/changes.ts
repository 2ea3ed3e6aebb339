import pMap from 'p-map';
import type { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { readAnswer, type Told } from './answer.ts';
import { importOf, names, prepare, zipOf } from './case.ts';
import { type Finding, isSameJob, judgeState } from './judge.ts';
import type { Rig } from './rig.ts';
import { type JobDocument, SCENARIOS, type Scenario } from './scenarios.ts';
import { readState, type State } from './state.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

const RUNS_AT_ONCE = 6;
/** More than an archive here has; the bit is taken from the start again. */
const BITS = 2 ** 30;
/** An archive alone, and a folder of three that have nothing in common. */
const UNCHANGED = SCENARIOS.filter(({ name }) => name === 'create' || name === 'folder of three').map((scenario) => ({
  ...scenario,
  before: [],
}));

/**
 * An archive that is not what it was: replaced by another one while it is read, with one bit flipped in the bucket, or
 * with one that flips on the way, at every read.
 */
type How = 'replaced' | 'flipped in the bucket' | 'flipped on the way';
type Change = { scenario: Scenario; archive: string; how: How; bit: number };

/** How each of them must be refused. A bit of a size may make an archive one that is too large. */
const REFUSALS: Record<How, string[]> = {
  replaced: ['DLI.0002'],
  'flipped in the bucket': ['DLI.0018', 'DLI.0009'],
  'flipped on the way': ['DLI.0999'],
};

/** Changes of every archive of two imports: one replaces it, the others flip bits of chance. */
export function changesOf(random: Random, flips: number): Change[] {
  return UNCHANGED.flatMap((scenario) =>
    Object.keys(scenario.archives).flatMap((archive) => {
      const change = (how: How) => ({ scenario, archive, how, bit: random.below(BITS) });
      const flipped = Array.from({ length: flips }, () => [
        change('flipped in the bucket'),
        change('flipped on the way'),
      ]);
      return [change('replaced'), ...flipped.flat()];
    }),
  );
}

/** What becomes of an archive that is not what it was: all of its jobs are imported as it was, or none, and it is told. */
export async function sweepChanges(rig: Rig, line: string, changes: Change[], onProgress?: Progress): Promise<Tally> {
  const tally = newTally(line);
  const hit = new Set<string>();
  const placeOf = ({ scenario, archive, how }: Change) => `${scenario.name} / ${archive} / ${how}`;
  const runOne = async (change: Change) => {
    const onFire = () => {
      tally.fired += 1;
      hit.add(placeOf(change));
    };
    const findings = await orBroken(() => runChange(rig, change, onFire));
    count(tally, `${placeOf(change)} at bit ${change.bit}`, findings);
    onProgress?.(tally, changes.length);
  };
  await pMap(changes, runOne, { concurrency: RUNS_AT_ONCE });
  return { ...tally, seen: new Set(changes.map(placeOf)).size, hit: hit.size };
}

async function runChange(rig: Rig, change: Change, onFire: () => void): Promise<Finding[]> {
  const { scenario, archive, how, bit } = change;
  const { run, before } = await prepare(rig, scenario);
  const file = zipOf(scenario.archives[archive] ?? []);
  if (how === 'flipped in the bucket') await rig.put(run, archive, flip(zip(file), bit));
  run.listen();
  run.onCall = ({ signature }) => {
    if (signature !== `GET object P/${archive}`) return undefined;
    onFire();
    if (how === 'replaced') return { first: () => rig.put(run, archive, zipOf([REPLACED])) };
    return how === 'flipped on the way' ? { changeBody: (body) => flip(body, bit) } : undefined;
  };
  const told = readAnswer(await importOf(rig, run, scenario.zipFile, scenario.isCover));
  run.onCall = undefined;
  await run.quiet();
  const state = await readState(rig, run, names(scenario));
  return [...judgeState(before, state, names(scenario)), ...judgeChange(change, told, state)];
}

/** What is in the archive that takes the place of another. */
const REPLACED: JobDocument = { name: 'replaced', job_id: 1, sql_body: 'SELECT 1 FROM replaced' };

function flip(body: Buffer, bit: number): Buffer {
  const at = bit % (body.length * 8);
  body.writeUInt8(body.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
  return body;
}

function judgeChange({ scenario, archive, how }: Change, told: Told, { jobs }: State): Finding[] {
  const documents = scenario.archives[archive] ?? [];
  const imported = documents.filter((document) => isSameJob(jobs.get(document.name), document)).length;
  const refusal = refusalOf(told, archive);
  const what = `${imported} of ${documents.length} jobs of ${archive} are there, and its refusal is ${refusal}`;
  // A bit in the bucket may be one that says nothing; one that flips on the way is told by S3's own checksum.
  if (refusal === undefined && how === 'flipped in the bucket')
    return imported === documents.length ? [] : [{ harm: 'lost', what }];
  if (imported > 0) return [{ harm: 'false -1', what }];
  return refusal !== undefined && REFUSALS[how].includes(refusal) ? [] : [{ harm: 'wrong', what }];
}

/** The code with which an archive was refused. */
function refusalOf(told: Told, archive: string): string | undefined {
  if (told.how === 'refused') return told.error_code;
  if (told.how !== 'mapping') return told.how;
  return told.job_mapping.find((row) => row.archive.endsWith(`/${archive}`) && row.entry === undefined)?.error_code;
}
