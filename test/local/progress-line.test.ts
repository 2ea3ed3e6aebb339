import { expect, test } from 'vitest';
import { ProgressLine } from '../../local/progress-line.ts';

/** What is written to a terminal, or to a file, at times that are set. */
function output(kind: { isTTY?: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const line = new ProgressLine({ ...kind, write: (text) => written.push(text) }, () => clock.now);
  return { line, written, clock };
}

test('on a terminal one line is written over, and taken away at the end', () => {
  const { line, written } = output({ isTTY: true, columns: 100 });
  line.show('Importing', 0, 300);
  line.show('Importing', 150, 300, ', 1500 jobs');
  line.show('Importing', 299, 300, ', 2990 jobs');
  line.show('Importing', 300, 300, ', 3000 jobs');
  line.clear();
  expect(written).toEqual([
    '\r\x1b[KImporting: [------------------------] 0 of 300 archives',
    '\r\x1b[KImporting: [############------------] 150 of 300 archives, 1500 jobs',
    '\r\x1b[KImporting: [#######################-] 299 of 300 archives, 2990 jobs',
    '\r\x1b[KImporting: [########################] 300 of 300 archives, 3000 jobs',
    '\r\x1b[K',
  ]);
});

test('the line is never as wide as the terminal, which would break it', () => {
  const { line, written } = output({ isTTY: true, columns: 40 });
  line.show('Importing', 150, 300, ', 1500 jobs');
  expect(written).toEqual([`\r\x1b[K${'Importing: [############------------] 150 of 300'.slice(0, 39)}`]);
});

test('a terminal that does not tell how wide it is has 80 columns', () => {
  const { line, written } = output({ isTTY: true, columns: 0 });
  line.show('Importing', 150, 300, ', 1500 jobs and more'.padEnd(80, '.'));
  expect(written[0]).toHaveLength('\r\x1b[K'.length + 79);
});

test('elsewhere a line comes every 15 s, without a command to a terminal', () => {
  const { line, written, clock } = output({});
  for (clock.now = 0; clock.now <= 40_000; clock.now += 500) {
    line.show('Importing', clock.now / 500, 300, ', 7 jobs');
  }
  line.clear();
  expect(written).toEqual(['Importing: 30 of 300 archives, 7 jobs\n', 'Importing: 60 of 300 archives, 7 jobs\n']);
});
