// A program: `node contestant.ts NAME [BUNDLE]`. It does the work of one contestant, task by task, and tells what each
// took.
import { peakMemory } from '../../local/proc.ts';
import { CONTESTANTS, isName } from './contestants.ts';
import { collectGarbage } from './rounds.ts';
import { isTask, type Took } from './task.ts';

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());

const [, , name = '', bundle = ''] = process.argv;
if (!isName(name)) throw new Error(`there is no contestant "${name}"`);
const prepare = await CONTESTANTS[name](bundle);

process.on('message', async (message) => {
  if (!isTask(message)) return;
  const work = await prepare(message);
  if (message.isCollected) collectGarbage();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  tell({ wallMs, cpuMs: (user + system) / 1_000 });
});
tell({ wallMs: 0, cpuMs: 0 });

function tell(time: Pick<Took, 'wallMs' | 'cpuMs'>): void {
  const took: Took = { ...time, heldBytes: process.memoryUsage.rss(), peakBytes: peakMemory() };
  process.send?.(took);
}
