import type { ArchiveFigures, ClassTally } from './archives.ts';

const COLUMNS = ['class', 'refused', 'accepted', 'wrong', 'slowest', 'memory'];

/** One line of the table, in the order of its columns. */
export function toArchiveCells({ title, refused, accepted, wrong, slowest, hungriest }: ClassTally): string[] {
  const ms = `${Math.ceil(slowest.value)} ms`;
  return [title, String(refused), String(accepted), String(wrong.length), ms, `${Math.ceil(hungriest.value)} MB`];
}

/** The figures of archives as a section of the page. */
export function toArchiveSection({ classes, mutants }: ArchiveFigures, seed: number): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const all: ClassTally = {
    title: 'all',
    refused: sum(classes, ({ refused }) => refused),
    accepted: sum(classes, ({ accepted }) => accepted),
    wrong: classes.flatMap(({ wrong }) => wrong),
    slowest: classes.map(({ slowest }) => slowest).reduce((one, other) => (other.value > one.value ? other : one)),
    hungriest: classes
      .map(({ hungriest }) => hungriest)
      .reduce((one, other) => (other.value > one.value ? other : one)),
  };
  return `## Archives that lie

An archive is somebody else's bytes. Each of these has a verdict that was known before it was read, and, where it must be
refused, a reason and a code; honest ones are also read by other tools (see the tests). Written by:

\`\`\`
npm run figures -- --only archives --seed ${seed}
\`\`\`

${row(COLUMNS)}
${row(['---', ...COLUMNS.slice(1).map(() => '--:')])}
${[...classes, all].map((tally) => row(toArchiveCells(tally))).join('\n')}

- **wrong**: another verdict, reason or code than the known one, an error that holds a secret that was planted in the
  archive, or a process that ended.
- **slowest**: the most that reading one archive with its documents took, on this machine. The goal is 2 s, and 10 s for an
  honest one at a limit of size. Slowest of all: ${all.slowest.name}.
- **memory**: the most that the process had at its peak, above what it has idle and twice the size of the archive. The goal
  is 128 MB. Each archive of limits and each bomb is read in a process of its own, those of another class one after another
  in one. Most of all: ${all.hungriest.name}.
- **${mutants.mutants} damaged archives**, by chance: a bit flipped, a byte set, parts cut out, cut off, repeated or swapped.
  ${mutants.refused} were refused, ${mutants.accepted} gave what the whole archive gives, byte for byte under the same names, and
  ${mutants.wrong.length} something else.
`;
}

function sum(classes: readonly ClassTally[], value: (tally: ClassTally) => number): number {
  return classes.reduce((total, tally) => total + value(tally), 0);
}
