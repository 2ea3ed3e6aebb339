import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { DEMO_SECRET_KEYS } from '../../local/demo.ts';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { peakMemoryOf } from '../../local/proc.ts';
import { startStack } from '../../local/stack.ts';
import { withSection } from '../reliability/section.ts';
import { CallCounter } from './call-counter.ts';
import { get, type Project, type Rig, runImport, type Size, sendImport } from './scale-run.ts';
import { type Figures, toSection } from './scale-section.ts';

const PAGE = new URL('../../docs/scale.md', import.meta.url);

/** Archives of the large folder: as many as an import may have. */
export const ARCHIVES = 10_000;
const JOBS = 10;
/** The first import starts the containers, and is not measured. */
const WARM_UP: Size = { archives: 200, jobs: JOBS };

const LIMIT_MINUTES = 120;
const SIGN_MS = 15_000;
const LOOK_MS = 1_000;
const WATCHED = [
  'import-jobs',
  'plan-import',
  'import-queued-archive',
  'import-archive',
  'show-import',
  'list-imports',
];

/**
 * Measures imports of many archives, and of one of many jobs, and prints what they took.
 * @param archives of the large folder; the small one has a tenth of them, and the one archive as many jobs.
 * @param isWritten whether docs/scale.md tells it, too.
 */
export async function measureScale({ archives, isWritten }: { archives: number; isWritten: boolean }): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0;
  const [storage, dynamodb] = [await startStorage(), await startDynamodb()];
  const counter = new CallCounter({ [storage.endpoint]: 'S3', [dynamodb.endpoint]: 'table' });
  let logged = 0;
  const stack = await startStack({
    endpoints: { s3: storage.endpoint, sqs: storage.endpoint, dynamodb: dynamodb.endpoint },
    environment: { SECRET_KEYS: DEMO_SECRET_KEYS },
    onLog: (_, line) => {
      if (line.includes('"message":"archive"')) logged += 1;
    },
  });
  const memory = new Map<string, number>();
  const lookAt = (name: string, pids: number[]) =>
    memory.set(name, Math.max(memory.get(name) ?? 0, ...pids.map(peakMemoryOf)));
  const look = () => {
    for (const key of WATCHED) lookAt(key, stack.pids(key));
    lookAt('stack', [process.pid]);
  };
  const timer = setInterval(look, LOOK_MS);
  const timeOut = AbortSignal.timeout(LIMIT_MINUTES * 60_000);
  const rig: Rig = { stack, counter, archivesLogged: () => logged, onProgress: signs(), timeOut };
  try {
    await runImport(rig, WARM_UP);
    const small = await runImport(rig, { archives: archives / 10, jobs: JOBS });
    const large = await runImport(rig, { archives, jobs: JOBS });
    const single = await runImport(rig, { archives: 1, jobs: archives });
    const reads = await readBack(large.project);
    look();
    const figures: Figures = { small, large, single, memory, reads, load: [loadBefore, loadavg()[0] ?? 0] };
    await tell(figures, isWritten);
  } finally {
    clearInterval(timer);
    counter.close();
    await stack.close();
    await Promise.all([storage.close(), dynamodb.close()]);
  }
}

/** What clients ask of a large import that has ended. @returns seconds of each. */
async function readBack(project: Project): Promise<Figures['reads']> {
  const { importId } = project;
  return {
    'the first page of its mapping': await secondsOf(() => get(project, `/imports/${importId}`)),
    'the last page of its mapping': await secondsOf(() => get(project, `/imports/${importId}?marker=99900`)),
    'the list of imports': await secondsOf(() => get(project, '/imports')),
    'its request once more, by its key': await secondsOf(() => sendImport(project)),
  };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

async function tell(figures: Figures, isWritten: boolean): Promise<void> {
  const section = toSection(figures);
  console.log(section);
  if (isWritten) await writeFile(PAGE, withSection(await readFile(PAGE, 'utf8'), section));
}

/** Shows that an import goes on. */
function signs(): Rig['onProgress'] {
  let shownAt = Date.now();
  return ({ archives, jobs }, done) => {
    if (Date.now() < shownAt + SIGN_MS) return;
    shownAt = Date.now();
    console.error(`  ${archives} x ${jobs} jobs: ${done} of ${archives} archives`);
  };
}
