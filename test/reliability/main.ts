import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startDynamodb, startStorage } from '../../local/emulators.ts';
import { startDynamodbLocal } from '../integration/dynamodb-local.ts';
import { runSeeds } from '../write-protocol/run.ts';
import { toArchiveCells, toArchiveSection, withArchiveSection } from './archive-section.ts';
import { type ArchiveFigures, isSound, measureArchives } from './archives.ts';
import { FULL_LINES, runLine } from './lines.ts';
import { toCells, toPage, withLine } from './report.ts';
import { type Servers, startRig } from './rig.ts';
import { SCENARIOS } from './scenarios.ts';
import { type Referenced, referencesOf } from './sweep.ts';
import { isGood, newTally, type Tally } from './tally.ts';

const HELP = `Tries to make imports lie, lose or double jobs, and counts how often that comes out.

  npm run figures -- [--seed N] [--dynamodb-local] [--line TITLE] [--only archives]

  --seed N           where chance begins; 1 if not given
  --dynamodb-local   on the real DynamoDB Local, which needs Java, in place of the embedded table
  --line TITLE       only one line, which takes its place in the page: ${FULL_LINES.map(({ title }) => `"${title}"`).join(', ')}
  --only archives    only the archives that must be refused or read, which takes some minutes
  --help             this text

Runs for the better part of an hour. All lines together, on the embedded table, write docs/reliability.md, and the
archives alone their part of it. Ends with 1 if
anything went wrong, and says in which runs.`;

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
  if (values.only !== undefined) throw new Error(`--only takes "archives"; found "${values.only}"`);
  const lines = FULL_LINES.filter(({ title }) => values.line === undefined || title === values.line);
  if (lines.length === 0) throw new Error(`there is no line "${values.line}". See --help.`);

  const isReal = values['dynamodb-local'];
  const [s3, dynamodb] = [await startStorage(), isReal ? await startDynamodbLocal() : await startDynamodb()];
  const servers = { s3Endpoint: s3.endpoint, dynamodbEndpoint: dynamodb.endpoint };
  try {
    const referenced = await readReferences(servers);
    const tallies: Tally[] = [];
    for (const line of lines)
      tallies.push(tell(await runLine(servers, line, referenced, { seed, onProgress: signs() })));
    if (values.line !== undefined) {
      if (!isReal) await writeFile(PAGE, tallies.reduce(withLine, await readFile(PAGE, 'utf8')));
      return tallies.every(isGood);
    }
    const protocol = tell(runProtocol());
    const table = isReal ? 'DynamoDB Local' : 'the embedded one';
    const archives = await runArchives(seed);
    const page = toPage({ tallies, protocol }, { lines, referenced, seed, table });
    if (!isReal) await writeFile(PAGE, withArchiveSection(page, toArchiveSection(archives, seed)));
    return [...tallies, protocol].every(isGood) && isSound(archives);
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
async function runArchivesOnly(seed: number): Promise<boolean> {
  const figures = await runArchives(seed);
  const section = toArchiveSection(figures, seed);
  const page = existsSync(PAGE) ? await readFile(PAGE, 'utf8') : '# Reliability\n';
  await writeFile(PAGE, withArchiveSection(page, section));
  return isSound(figures);
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
  const tally = newTally('write protocol, in memory');
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
