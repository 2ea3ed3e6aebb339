import type { Outcome } from '../../lib/job/outcome.ts';
import { JOB_WRITE_ATTEMPTS } from '../../lib/limits.ts';
import type { Written } from '../../lib/store/write-rules.ts';
import type { AcceptedImport } from './import-process.ts';
import type { PlannedJob } from './scenario.ts';
import type { TinyJob, Update } from './tiny-table.ts';
import type { Caller, Process, World } from './world.ts';

/** One run over one archive. */
export type Worker = Caller & { isOver: boolean };

/** Pauses before what refused a write is read. */
const READ_PAUSES = 30;

/** Does what is missing of an archive, all jobs at once, and stores the outcomes. */
export function* runWorker(world: World, worker: Worker, made: AcceptedImport, archivePlace: number): Process {
  yield* importArchive(world, worker, made, archivePlace);
  worker.isOver = true;
}

function* importArchive(world: World, worker: Worker, made: AcceptedImport, archivePlace: number): Process {
  const { importId, archives } = made;
  const archive = archives[archivePlace];
  const former = yield* world.call(worker, () => ({ stored: world.outcomes.find(importId, archivePlace) }));
  if (former === undefined || archive === undefined) return;
  const { version = 0, jobs = [] } = former.stored ?? {};
  const kept = jobs.filter((outcome) => !world.rules.isDoneAgain(outcome));
  const places = new Set(kept.map(({ jobPlace }) => jobPlace));
  const open = archive.jobs.filter(({ jobPlace }) => !places.has(jobPlace));
  if (former.stored && open.length === 0) return;

  const written: Outcome[] = [];
  for (const job of open) world.start(importJob(world, worker, made, job, written));
  while (written.length < open.length && !worker.isDead()) yield;
  if (worker.isDead() || (archive.isLost && world.hasFaults)) return;
  const outcomes = [...kept, ...written].sort((a, b) => a.jobPlace - b.jobPlace);
  yield* world.call(worker, () => world.outcomes.put(importId, archivePlace, version, outcomes));
}

function* importJob(
  world: World,
  worker: Worker,
  { importId, isCover }: AcceptedImport,
  { name, contentHash, archivePlace, jobPlace }: PlannedJob,
  written: Outcome[],
): Process {
  const place = { importId, isCover, archivePlace, jobPlace };
  const found = yield* writeJob(world, worker, { name, contentHash, place, newJobId: ++world.lastJobId });
  const seen = { jobPlace, entry: `${archivePlace}.${jobPlace}`, oldJobId: null, name };
  written.push(found ? { ...seen, contentHash, ...found } : { ...seen, ...NOT_KNOWN });
}

/** As the shipped `writeJob` does it. Undefined if the table did not answer, or kept changing. */
function* writeJob(world: World, worker: Worker, job: TinyJob): Generator<void, Written | undefined> {
  const { rules } = world;
  for (let attempt = 0; attempt < JOB_WRITE_ATTEMPTS; attempt++) {
    const update = yield* world.call(worker, () => world.write(job));
    if (update === undefined) return undefined;
    if (update.isDone) return rules.readWrite(job.place, job.newJobId, update.old);
    const met = world.random.below(2) === 0 ? update : yield* readItem(world, worker, job.name);
    if (met === undefined) return undefined;
    const read = rules.readRefusal(job.place, met.old);
    if (read.action === 'unnumbered') yield* numberTombstone(world, worker, job, read.jobId);
    else if (read.action !== 'again') return read;
  }
  return undefined;
}

/** Some tables send along what refused a write; of others it is read, as it is by then. */
function* readItem(world: World, caller: Caller, name: string): Generator<void, Pick<Update, 'old'> | undefined> {
  yield* world.pause(READ_PAUSES);
  return yield* world.call(caller, () => ({ old: world.table.items.get(name) }));
}

function* numberTombstone(world: World, caller: Caller, { name, place }: TinyJob, jobId: number): Process {
  const last = yield* world.call(caller, () => world.lastImportId);
  if (last === undefined) return;
  const number = world.rules.numberMet(last, place.importId);
  yield* world.call(caller, () => world.number(name, jobId, number));
}

const NOT_KNOWN = { action: 'failed', code: 'DLI.0999', message: 'unknown', isTransient: true } as const;
