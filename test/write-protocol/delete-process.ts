import type { Caller, Process, World } from './world.ts';

const START_PAUSES = 160;
/** Times that a delete is asked for which did not answer. */
const ATTEMPTS = 2;

/** Deletes the job that has a name at some time. Its two steps may be all, one or none by the time that it dies. */
export function* runDelete(world: World, name: string): Process {
  yield* world.pause(START_PAUSES);
  const jobId = world.table.items.get(name)?.job_id;
  if (jobId === undefined) return;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const diesAt = world.isOneIn(3) ? world.now + world.random.below(60) : Number.POSITIVE_INFINITY;
    if (yield* deleteJob(world, { isSafe: false, isDead: () => world.now >= diesAt }, name, jobId)) return;
  }
}

/** @returns whether it answers. */
function* deleteJob(world: World, caller: Caller, name: string, jobId: number): Generator<void, boolean> {
  const early = world.lastImportId;
  const buried = yield* world.call(caller, () => world.bury(name, jobId));
  if (buried === undefined) return false;
  const last = yield* world.call(caller, () => world.lastImportId);
  if (last === undefined) return false;
  const number = world.rules.isNumberReadFirst ? early : last;
  return (yield* world.call(caller, () => world.number(name, jobId, number))) !== undefined;
}
