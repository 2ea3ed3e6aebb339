import { joinOutcomes, type MappingEntry } from '../../lib/import/mapping.ts';
import { isOpen } from '../../lib/job/outcome.ts';
import type { PlannedImport } from './scenario.ts';
import { runWorker, type Worker } from './worker-process.ts';
import type { Process, World } from './world.ts';

/** An import with its number, and every answer that it gave. */
export type AcceptedImport = PlannedImport & { importId: number; answers: Answer[] };
export type Answer = { at: number; rows: MappingEntry[]; isComplete: boolean };

/** Pauses before an import begins, and before it is sent again. */
const START_PAUSES = 120;
const REPEAT_PAUSES = 20;
/** Times that an import is sent, and of these the ones at which nothing goes wrong. */
const ROUNDS = 8;
const SAFE_ROUNDS = 5;

/** One import, sent again until all of it that can be known is settled. */
export function* runImport(world: World, planned: PlannedImport, accepted: AcceptedImport[]): Process {
  yield* world.pause(START_PAUSES);
  const made: AcceptedImport = { ...planned, importId: ++world.lastImportId, answers: [] };
  accepted.push(made);
  world.ledger.acceptedAt.set(made.importId, world.now);
  for (let round = 0; round < ROUNDS; round++) {
    const isSafe = !world.hasFaults || round >= ROUNDS - SAFE_ROUNDS;
    const workers = startWorkers(world, made, isSafe);
    let patience = !isSafe && world.isOneIn(4) ? world.random.below(60) : Number.POSITIVE_INFINITY;
    while (workers.some(({ isOver }) => !isOver) && patience-- > 0) yield;
    const answer = giveAnswer(world, made);
    if (answer.isComplete) return;
    yield* world.pause(REPEAT_PAUSES);
  }
}

/** A worker for each archive, or two: an invocation whose answer was lost is repeated. */
function startWorkers(world: World, made: AcceptedImport, isSafe: boolean): Worker[] {
  return made.archives.flatMap((_, archivePlace) => {
    return Array.from({ length: !isSafe && world.isOneIn(5) ? 2 : 1 }, () => {
      const diesAt = !isSafe && world.isOneIn(3) ? world.now + world.random.below(120) : Number.POSITIVE_INFINITY;
      const worker: Worker = { isSafe, isDead: () => world.now >= diesAt, isOver: false };
      world.start(runWorker(world, worker, made, archivePlace));
      return worker;
    });
  });
}

/** What the import tells of itself by what is stored. */
export function giveAnswer(world: World, made: AcceptedImport): Answer {
  const stored = made.archives.map((_, archivePlace) => world.outcomes.find(made.importId, archivePlace));
  const results = stored.map((found, place) => ({ archive: `${place}.zip`, outcomes: found ?? ('lost' as const) }));
  const isComplete = stored.every((found, place) => {
    return found ? !found.jobs.some(isOpen) : world.hasFaults && made.archives[place]?.isLost === true;
  });
  const answer = { at: world.now, rows: joinOutcomes(made, results), isComplete };
  made.answers.push(answer);
  return answer;
}
