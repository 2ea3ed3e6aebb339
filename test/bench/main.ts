import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureCost } from './cost.ts';
import { measureDocuments } from './document.ts';
import { measureGrowth } from './growth.ts';
import { measureImports } from './import.ts';
import { measureListing } from './list.ts';
import { measureMemory } from './memory.ts';
import { toPage } from './page.ts';
import { measureReading } from './reading.ts';
import { ARCHIVES, measureScale } from './scale.ts';
import { goalTable, type Measure, type Section, toText } from './section.ts';
import { measureVerifying } from './signature.ts';
import { measureStart } from './start.ts';
import { measureWriting } from './writing.ts';

const HELP = `Measures what imports take, beside what is the least and what a user would write instead. Times are of this machine, at
this moment; ratios, of contestants that take turns, come last.

  npm run bench                    all that has a goal, some ten minutes on two free cores: writes docs/performance.md and,
                                   an object for each goal, .local/bench.json
  npm run bench -- PART            one part, which is printed only
  npm run bench -- scale [--archives N] [--write]

  reading        the CPU time of reading archives, beside the floor, unzipper, yauzl and fflate
  document       that of reading and checking a job beside JSON.parse, and of its hash and compression
  writing        jobs per second to a table that does no work, beside the same calls by nothing but the SDK
  import         whole imports, beside naive ones, and over HTTP on the embedded stack, with their requests
  start          bundles, the time to load them and that of a first request, beside the SDK clients alone
  memory         the peak of a worker with the largest archives
  growth         time per job and memory of imports of 100 to 100,000 jobs
  cost           write units and dollars of a job
  signature      the CPU time of verifying a signed request of 4 KB
  list           the time of pages of a list of 10,000 jobs, and the calls to the table that each takes
  scale          imports of 1,000 and of 10,000 archives of 10 jobs, and of one archive of 10,000 jobs: times, calls per
                 archive, memory. It takes a quarter of an hour on two free cores, and more on a busy machine.
  --archives N   of the larger folder, in place of 10,000
  --write        put the figures of scale into docs/scale.md, too`;

/** The parts that have goals, in the order of the page. */
const SECTIONS: Readonly<Record<string, Measure>> = {
  reading: measureReading,
  document: measureDocuments,
  writing: measureWriting,
  import: measureImports,
  start: measureStart,
  memory: measureMemory,
  growth: measureGrowth,
  cost: measureCost,
};

const OTHERS: Readonly<Record<string, () => Promise<void>>> = { signature: measureVerifying, list: measureListing };

const PAGE = new URL('../../docs/performance.md', import.meta.url);
const GOALS = new URL('../../.local/bench.json', import.meta.url);

/** Minutes after which a run with goals is given up: it hangs. */
const LIMIT_MINUTES = 40;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      archives: { type: 'string', default: String(ARCHIVES) },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [wanted, ...others] = positionals;
  if (others.length > 0) throw new Error(`found "${positionals.join(' ')}". See --help.`);
  if (wanted === 'scale') return measureScale({ archives: archivesOf(values.archives), isWritten: values.write });
  setTimeout(giveUp, LIMIT_MINUTES * 60_000).unref();
  if (wanted === undefined) return measureAll();
  const measure = SECTIONS[wanted];
  if (measure !== undefined) return measureOne(wanted, measure);
  const other = OTHERS[wanted];
  if (other === undefined) throw new Error(`there is no part "${wanted}". See --help.`);
  return other();
}

async function measureAll(): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0;
  const sections: Section[] = [];
  for (const [name, measure] of Object.entries(SECTIONS)) sections.push(await measureSection(name, measure));
  const goals = sections.flatMap((section) => section.goals);
  await writeFile(PAGE, toPage(sections, [loadBefore, loadavg()[0] ?? 0]));
  await mkdir(new URL('./', GOALS), { recursive: true });
  await writeFile(GOALS, `${JSON.stringify(goals, null, 2)}\n`);
  console.log(toText(goalTable(goals)));
}

async function measureOne(name: string, measure: Measure): Promise<void> {
  const section = await measureSection(name, measure);
  console.log(toText(goalTable(section.goals)));
}

async function measureSection(name: string, measure: Measure): Promise<Section> {
  const section = await measure((progress) => console.error(`  ${name}: ${progress}`));
  console.log(`${section.title}\n\n${section.tables.map(toText).join('\n\n')}\n`);
  return section;
}

/** What it started ends with it. */
function giveUp(): never {
  console.error(`given up after ${LIMIT_MINUTES} minutes`);
  process.exit(1);
}

/** A tenth of them is a folder of its own that goes by the queue. */
function archivesOf(text: string): number {
  const archives = Number(text);
  const isFit = Number.isInteger(archives / 10) && archives > 0 && archives <= ARCHIVES;
  if (!isFit) throw new Error(`--archives takes a multiple of 10 up to ${ARCHIVES}; found "${text}"`);
  return archives;
}

await main();
