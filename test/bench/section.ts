/** A goal, and what was found. `ours` and `against` are in the unit that `line` names; `ratio` is ours by the other. */
export type Goal = { line: string; ours: number; against: number; ratio: number; goal: string; met: boolean };

type Found = Pick<Goal, 'line' | 'ours' | 'against'>;

/** Ours may be so many times what it is set against. */
export function atMost(limit: number, { line, ours, against }: Found): Goal {
  const ratio = ours / against;
  return { line, ours, against, ratio, goal: `at most ${limit}`, met: ratio <= limit };
}

/** Ours must be so many times what it is set against. */
export function atLeast(limit: number, { line, ours, against }: Found): Goal {
  const ratio = ours / against;
  return { line, ours, against, ratio, goal: `at least ${limit}`, met: ratio >= limit };
}

/** The first cell of a row is a title, the others are figures. */
export type Table = { head: string[]; rows: string[][] };

/** What one part of the bench found. */
export type Section = {
  title: string;
  /** What was done, and how the figures are to be read: some lines, as the page has them. */
  about: string;
  tables: Table[];
  goals: Goal[];
};

/** Measures a part. @param tell hears how far it is. */
export type Measure = (tell: (progress: string) => void) => Promise<Section>;

const GOAL_HEAD = ['goal', 'ours', 'against', 'ratio', 'wanted', 'met'];

export function goalTable(goals: readonly Goal[]): Table {
  const rows = goals.map(({ line, ours, against, ratio, goal, met }) => {
    return [line, figure(ours), figure(against), ratio.toFixed(2), goal, met ? 'yes' : '**no**'];
  });
  return { head: GOAL_HEAD, rows };
}

/** A number with three digits that count, or all of those before the point; a whole number as it is. */
export function figure(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 3));
}

/** A table for a terminal. */
export function toText({ head, rows }: Table): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('**', '')));
  const widths = head.map((_, at) => Math.max(...lines.map((cells) => cells[at]?.length ?? 0)));
  const pad = (cell: string, at: number) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0));
  return lines.map((cells) => `  ${cells.map(pad).join('  ')}`.trimEnd()).join('\n');
}

/** A table for a page. */
export function toMarkdown({ head, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(['---', ...head.slice(1).map(() => '--:')]), ...rows.map(line)].join('\n');
}
