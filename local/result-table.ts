import { printable } from './printable.ts';

/** A row of an import's answer, as far as people read it. */
export type ResultRow = {
  action: string;
  job_name?: string;
  old_job_id?: string;
  new_job_id: string;
  entry?: string;
  archive: string;
  remark: string;
};

const COLUMNS: [string, (row: ResultRow) => string][] = [
  ['result', ({ action }) => action],
  ['old id', ({ old_job_id = '-' }) => old_job_id],
  ['new id', ({ new_job_id }) => (new_job_id === '-1' ? '-' : new_job_id)],
  ['job', ({ job_name = '-' }) => job_name],
  // Last, because characters of any width may stand here.
  ['from', ({ archive, entry = '' }) => `${archive} ${entry}`.trimEnd()],
];

/** The mapping of an import for a terminal: a line for each row, and under one that failed, why. */
export function resultTable(rows: ResultRow[]): string {
  const table = [
    COLUMNS.map(([title]) => title),
    ...rows.map((row) => COLUMNS.map(([, cell]) => printable(cell(row)))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  const lines = table.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const [head = '', ...body] = lines;
  const explained = body.flatMap((line, index) => {
    const row = rows[index];
    return row && ['failed', 'not_started'].includes(row.action) ? [line, `  ${printable(row.remark)}`] : [line];
  });
  return [head, '-'.repeat(head.length), ...explained].map((line) => `  ${line}`).join('\n');
}
