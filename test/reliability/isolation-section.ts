import { FOREIGN_LOCATIONS } from '../foreign-locations.ts';
import type { IsolationFigures, IsolationTally } from './isolation.ts';

const COLUMNS = ['what is asked for', 'tried', 'refused', 'alike', 'calls to S3', 'calls to partitions of others'];

/** One line of the table, in the order of its columns. */
export function toIsolationCells({ title, tried, refused, alike, s3Calls, foreignCalls }: IsolationTally): string[] {
  return [title, ...[tried, refused, alike, s3Calls, foreignCalls].map(String)];
}

/** The figures of isolation as a section of the page. */
export function toIsolationSection({ groups, archives }: IsolationFigures): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const sum = (value: (tally: IsolationTally) => number) => groups.reduce((total, tally) => total + value(tally), 0);
  const all: IsolationTally = {
    title: 'all',
    tried: sum(({ tried }) => tried),
    refused: sum(({ refused }) => refused),
    alike: sum(({ alike }) => alike),
    s3Calls: sum(({ s3Calls }) => s3Calls),
    foreignCalls: sum(({ foreignCalls }) => foreignCalls),
    wrong: [],
  };
  return `## What is another project's

A project asks, over HTTP and with a key of its own, for all that is another's: when the other project is not there yet, and
again when it has its jobs, its import, its key and its archives, ${archives} of those by the very letters of what is asked for.
Its locations are spelt in ${Object.values(FOREIGN_LOCATIONS).flat().length} ways, each asked for as a folder
to import, as an archive in it, and as a folder to export to. Written by:

\`\`\`
npm run figures -- --only isolation
\`\`\`

${row(COLUMNS)}
${row(['---', ...COLUMNS.slice(1).map(() => '--:')])}
${[...groups, all].map((tally) => row(toIsolationCells(tally))).join('\n')}

- **refused**: both times with the code that is right for it. **alike**: both times with the very same bytes but for the
  request's id.
- **calls to S3**: all that left the functions meanwhile. **calls to partitions of others**: those to the table that are
  about another partition than those of the project and of its key. The path's project is not counted where it is the other
  one: before it knows whose key it is, the door reads both in one call, whether they are there or not.
`;
}
