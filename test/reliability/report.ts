import { HARMS } from './judge.ts';
import type { Line } from './line.ts';
import type { Referenced } from './sweep.ts';
import type { Tally } from './tally.ts';

const COLUMNS = ['sweep', 'runs', 'calls seen', 'calls hit', 'faults fired', ...HARMS];

/** One line of the table, in the order of its columns. */
export function toCells({ line, runs, seen, hit, fired, harms }: Tally): string[] {
  const known = (value: number | undefined) => (value === undefined ? 'by chance' : String(value));
  return [line, String(runs), known(seen), known(hit), String(fired), ...HARMS.map((harm) => String(harms[harm]))];
}

const row = (cells: string[]) => `| ${cells.join(' | ')} |`;

/** What the page says of the protocol, which is no line of its own. */
export const PROTOCOL = 'write protocol, in memory';

/** The figures as a page. What was not run now stays as the former page tells it. */
export function toPage(
  tallies: Tally[],
  { lines, referenced, seed, former }: { lines: Line[]; referenced: Referenced[]; seed: number; former: string },
): string {
  const rows = [...lines.map(({ title }) => title), PROTOCOL].flatMap((title) => {
    const tally = tallies.find(({ line }) => line === title);
    const known = former.split('\n').find((line) => line.startsWith(`| ${title} |`));
    return tally ? row(toCells(tally)) : (known ?? []);
  });
  const calls = referenced.map(({ scenario, reference }) => row([scenario.name, String(reference.calls.length)]));
  return `# Reliability

What an import answers is true, a request that is sent again imports nothing twice, and an import that was interrupted and
is sent again under its \`Idempotency-Key\` ends as if nothing had happened. An archive that was uploaded is imported once, and
never after a newer version of it. This page is what came of trying to break that.
It is written by a command, whole, or one line of it with \`--line TITLE\`:

\`\`\`
npm run figures -- --seed ${seed}
\`\`\`

Requests go over HTTP to the shipped functions. Between them and S3, the table (the embedded one), Lambda and the queues
stand proxies that do the harm: an error 500 or 503, a throttle, a connection that ends before a call took effect or after,
half an answer and then the end or silence, a delay, or a call that takes effect after its caller gave up. After each run the
first answer is compared with what the table and S3 hold, at once and when all late calls have landed; then the request is
sent again under its key until it is done, and its end compared with that of a run without a fault. The event of an upload is
delivered again instead, until the function is done with it, and once more then. An import by the queue is judged when no
message of it is left: one that is to come later, or again, comes as soon as nothing is at work.

${row(COLUMNS)}
${row(['---', ...COLUMNS.slice(1).map(() => '--:')])}
${rows.join('\n')}

- **calls seen**: calls to S3, the table, Lambda and the queues that the runs without a fault make, each of which is to be hit; **calls
  hit**: those at which a fault really fired. Where chance picks the calls there is nothing to compare.
- **lost**: a job that the answer says was imported is not there, or not whole. **doubled**: a name, an id or an import is
  there twice, or a job was written twice. **false -1**: a row says that its job was not imported, and it was, or that it is
  in nobody's way, and it was not. **wrong**: any other answer or end that is not that of the rules. **hang**: no answer
  within 29.5 s.

What the lines do:

${lines.map(({ title, about }) => `- **${title}**: ${about}.`).join('\n')}
- **${PROTOCOL}**: the condition of a job's write, the reading of its refusals and the join of outcomes, by themselves,
  with workers that die and are late, repeated writes and deletions between them, under schedules of chance.

The eight imports, and the calls of each without a fault:

${row(['import', 'calls'])}
${row(['---', '--:'])}
${calls.join('\n')}

A short form of all lines is part of \`npm test\`, on the embedded table, and that of imports by request on DynamoDB Local, too.
`;
}
