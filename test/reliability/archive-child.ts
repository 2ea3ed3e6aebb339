import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { ApiError } from '../../lib/errors.ts';
import { readJobs } from '../../lib/import/read-jobs.ts';
import { peakMemory } from '../../local/proc.ts';
import { JOB, SECRET } from '../corpus/case.ts';
import { zip } from '../zip.ts';

/** What became of an archive, how long it took and what it took at its peak, in MB above the idle process. */
export type Judged = { found: 'accept' | Refused; isLeaking: boolean; ms: number; peakMb: number };
type Refused = { reason: string | undefined; code: string };

const peakMb = () => peakMemory() / 1e6;

// What the first archive of a process loads belongs to the idle one.
await readJobs(zip([{ name: 'a.json', data: JOB }]));
const idleMb = peakMb();

process.on('message', (path) => {
  // A fault that is no refusal ends the process, and counts against the archive.
  void judge(String(path)).then((judged) => process.send?.(judged));
});
process.send?.('ready');

async function judge(path: string): Promise<Judged> {
  const bytes = await readFile(path);
  const startedAt = performance.now();
  const refusal = await readJobs(bytes).then(() => undefined, toRefusal);
  const ms = performance.now() - startedAt;
  const isLeaking = inspect(refusal, { depth: null, showHidden: true }).includes(SECRET);
  const found = refusal === undefined ? 'accept' : { reason: refusal.reason, code: refusal.code };
  return { found, isLeaking, ms, peakMb: peakMb() - idleMb };
}

function toRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}
