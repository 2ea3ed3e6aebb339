import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { startDynamodbLocal } from '../integration/dynamodb-local.ts';
import { runSeeds } from '../write-protocol/run.ts';
import { toArchiveCells, toArchiveSection } from './archive-section.ts';
import { type ArchiveFigures, isSound, measureArchives } from './archives.ts';
import { isIsolated, measureIsolation } from './isolation.ts';
import { toIsolationCells, toIsolationSection } from './isolation-section.ts';
import { FULL_LINES, runLine } from './lines.ts';
import { PROTOCOL, toCells, toPage } from './report.ts';
import { type Servers, startRig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { keepSections, withSection } from './section.ts';
import { type Referenced, referencesOf } from './sweep.ts';
import { isGood, newTally, type Tally } from './tally.ts';

const HELP = `Tries to make imports lie, lose or double jobs, and counts how often that comes out.

  npm run figures -- [--seed N] [--dynamodb-local] [--line TITLE] [--only archives|isolation]

  --seed N           where chance begins; 1 if not given
  --dynamodb-local   on the real DynamoDB Local, which needs Java, in place of the embedded table
  --line TITLE       only one line, which takes its place in the page: ${FULL_LINES.map(({ title }) => `"${title}"`).join(', ')}
  --only archives    only the archives that must be refused or read, which takes some minutes
  --only isolation   only what a project asks for that is another's
  --help             this text

Runs for the better part of an hour. On the embedded table each line writes its row of docs/reliability.md when it ends,
and the archives and what is another's their parts of it. Ends with 1 if anything went wrong, and says in which runs.`;

const PAGE = new URL('../../docs/reliability.md', import.meta.url);
const PROTOCOL_SEEDS = 20_000;
const SHOWN_PROBLEMS = 20;
const SECONDS_BETWEEN_SIGNS = 15;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      'dynamodb-local': { type: 'boolean', default: false },
      line: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return true;
  }
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed takes an integer; found ${values.seed}`);
  if (values.only === 'archives') return await runArchivesOnly(seed);
  if (values.only !== undefined && values.only !== 'isolation')
    throw new Error(`--only takes "archives" or "isolation"; found "${values.only}"`);
  const lines = FULL_LINES.filter(({ title }) => values.line === undefined || title === values.line);
  if (lines.length === 0) throw new Error(`there is no line "${values.line}". See --help.`);

  const isReal = values['dynamodb-local'];
  const [s3, dynamodb] = [await startStorage(), isReal ? await startDynamodbLocal() : await startDynamodb()];
  const servers = { s3Endpoint: s3.endpoint, dynamodbEndpoint: dynamodb.endpoint };
  try {
    if (values.only === 'isolation') return await runIsolation(servers, !isReal);
    const referenced = await readReferences(servers);
    const tallies: Tally[] = [];
    const keep = async (tally: Tally) => {
      tallies.push(tell(tally));
      // At once: a run that breaks off has not been for nothing.
      if (isReal) return;
      await writePage((former) => {
        const page = toPage(tallies, { lines: FULL_LINES, referenced, seed, former });
        return keepSections(page, former);
      });
    };
    for (const line of lines) await keep(await runLine(servers, line, referenced, { seed, onProgress: signs() }));
    if (values.line !== undefined) return tallies.every(isGood);
    await keep(runProtocol());
    const areOthersSafe = await runIsolation(servers, !isReal);
    const isSoundToo = await runArchivesOnly(seed, !isReal);
    return tallies.every(isGood) && areOthersSafe && isSoundToo;
  } finally {
    await Promise.all([s3.close(), dynamodb.close()]);
  }
}

async function runArchives(seed: number): Promise<ArchiveFigures> {
  const figures = await measureArchives(seed, (tally) => {
    console.log(toArchiveCells(tally).join(' | '));
    for (const problem of tally.wrong.slice(0, SHOWN_PROBLEMS)) console.log(`  ${problem}`);
  });
  for (const problem of figures.mutants.wrong.slice(0, SHOWN_PROBLEMS)) console.log(`  ${problem}`);
  return figures;
}

/** Writes the part of the page that is about archives, and leaves the rest as it is. */
async function runArchivesOnly(seed: number, isWritten = true): Promise<boolean> {
  const figures = await runArchives(seed);
  if (isWritten) await writePage((former) => withSection(former, toArchiveSection(figures, seed)));
  return isSound(figures);
}

/** Writes the part of the page that is about what is another project's. */
async function runIsolation(servers: Servers, isWritten: boolean): Promise<boolean> {
  const figures = await measureIsolation(servers);
  for (const tally of figures.groups) {
    console.log(toIsolationCells(tally).join(' | '));
    for (const problem of tally.wrong.slice(0, SHOWN_PROBLEMS)) console.log(`  ${problem}`);
  }
  if (isWritten) await writePage((former) => withSection(former, toIsolationSection(figures)));
  return isIsolated(figures);
}

async function writePage(write: (former: string) => string): Promise<void> {
  const former = existsSync(PAGE) ? await readFile(PAGE, 'utf8') : '# Reliability\n';
  await writeFile(PAGE, write(former));
}

async function readReferences(servers: Servers): Promise<Referenced[]> {
  const rig = await startRig(servers);
  try {
    return await referencesOf(rig, SCENARIOS);
  } finally {
    await rig.close();
  }
}

function runProtocol(): Tally {
  const { runs, violations } = runSeeds(PROTOCOL_SEEDS);
  const tally = newTally(PROTOCOL);
  tally.runs = runs;
  tally.harms.wrong = new Set(violations.map(({ seed }) => seed)).size;
  tally.problems = violations.map(({ seed, what }) => `seed ${seed}: ${what}`);
  return tally;
}

/** Shows that a line goes on. */
function signs() {
  let shownAt = Date.now();
  return ({ line, runs, problems }: Tally, total: number) => {
    if (Date.now() - shownAt < SECONDS_BETWEEN_SIGNS * 1_000) return;
    shownAt = Date.now();
    console.error(`  ${line}: ${runs} of ${total} runs, ${problems.length} problems`);
  };
}

function tell(tally: Tally): Tally {
  console.log(toCells(tally).join(' | '));
  for (const problem of tally.problems.slice(0, SHOWN_PROBLEMS)) console.log(`  ${problem}`);
  return tally;
}

process.exitCode = (await main()) ? 0 : 1;
