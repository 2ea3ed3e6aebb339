import { cpus, release, type } from 'node:os';
import type { Run } from './scale-run.ts';

export type Figures = {
  small: Run;
  large: Run;
  single: Run;
  /** Bytes at the peak, by functions; `stack` is the process of the embedded servers. */
  memory: ReadonlyMap<string, number>;
  /** Seconds of requests about the large import once it has ended. */
  reads: Readonly<Record<string, number>>;
  /** Average load of the machine, before and after. */
  load: readonly [number, number];
};

/** Times the time for ten times the archives, and MB of the function that accepts an import and of a worker. */
const GOAL_RATIO = 11;
const GOAL_ACCEPTING_MB = 256;
const GOAL_WORKER_MB = 512;

/** What comes by time, not by archives: queries for the jobs that an import has by then, receives of an empty queue. */
const BY_TIME: ReadonlySet<string> = new Set(['table Query', 'queue ReceiveMessage']);
/** Two figures of calls per archive that differ by less are equal: an import has a few calls of its own. */
const EQUAL = 0.02;

const PROCESSES: readonly { title: string; keys: string[]; goalMb?: number }[] = [
  { title: 'the function that accepts imports', keys: ['import-jobs'], goalMb: GOAL_ACCEPTING_MB },
  { title: 'a worker', keys: ['import-queued-archive', 'import-archive'], goalMb: GOAL_WORKER_MB },
  { title: 'the planner', keys: ['plan-import'] },
  { title: 'the function that shows an import', keys: ['show-import'] },
  { title: 'the function that lists imports', keys: ['list-imports'] },
  { title: 'the embedded S3, SQS and DynamoDB, in one process', keys: ['stack'] },
];

/** The figures as a section of the page. */
export function toSection({ small, large, single, memory, reads, load }: Figures): string {
  const ratio = large.seconds / small.seconds;
  const cpuRatio = large.cpuSeconds / small.cpuSeconds;
  const [before, after] = load.map((one) => one.toFixed(1));
  return `## Measured on one machine

\`\`\`
npm run bench -- scale --write
\`\`\`

On ${new Date().toISOString().slice(0, 10)}: ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${type()} ${release()}, Node ${process.versions.node}; load average
${before} before, ${after} after. S3, SQS and DynamoDB are the embedded ones, which share the cores with the functions, and take most
of them: the times are theirs more than the functions'. Each import is checked at its end: it is finished, every job was
created, and the list counts each of them once.

${table(
  ['import', 'seconds', 'jobs/s', 'CPU seconds'],
  [small, large, single].map((run) => [
    `${sized(run.archives)} x ${number(run.jobs)} jobs`,
    run.seconds.toFixed(1),
    ((run.archives * run.jobs) / run.seconds).toFixed(0),
    run.cpuSeconds.toFixed(1),
  ]),
)}

Ten times the archives took ${ratio.toFixed(2)} times the time, and ${cpuRatio.toFixed(2)} times the CPU of all processes. The goal is at most
${GOAL_RATIO} times: ${verdict(ratio <= GOAL_RATIO)}.

${table(['calls per archive', number(small.archives), number(large.archives)], callRows(small, large))}

Those that come by archive are equal: ${verdict(areEqual(small, large))}. ${[...BY_TIME].map((name) => `\`${name}\``).join(' and ')} come by time: each
worker counts every ten seconds what the import has so far, and the queue is asked whether it has something.

${table(
  ['process', 'peak memory', 'goal'],
  PROCESSES.map(({ title, keys, goalMb }) => {
    const mb = Math.max(...keys.map((key) => memory.get(key) ?? 0)) / 1e6;
    const goal = goalMb === undefined ? '' : `under ${goalMb} MB: ${verdict(mb < goalMb)}`;
    return [title, `${mb.toFixed(0)} MB`, goal];
  }),
)}

Each function is a process of its own here, started from its bundle. Of the import of ${number(large.archives)} archives, once it
has ended:

${table(
  ['request', 'seconds'],
  Object.entries(reads).map(([title, seconds]) => [title, seconds.toFixed(2)]),
)}
`;
}

function callRows(small: Run, large: Run): string[][] {
  return [...large.calls.keys()]
    .filter((name) => BY_TIME.has(name) || perArchive(large, name) >= EQUAL)
    .sort()
    .map((name) => [name, perArchive(small, name).toFixed(2), perArchive(large, name).toFixed(2)]);
}

function areEqual(small: Run, large: Run): boolean {
  const names = [...new Set([...small.calls.keys(), ...large.calls.keys()])].filter((name) => !BY_TIME.has(name));
  return names.every((name) => Math.abs(perArchive(small, name) - perArchive(large, name)) < EQUAL);
}

const perArchive = ({ calls, archives }: Run, name: string) => (calls.get(name) ?? 0) / archives;
const sized = (archives: number) => (archives === 1 ? '1 archive' : `${number(archives)} archives`);
const number = (value: number) => value.toLocaleString('en');
const verdict = (isMet: boolean) => (isMet ? 'met' : '**not met**');

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(['---', ...head.slice(1).map(() => '--:')]), ...rows.map(line)].join('\n');
}
