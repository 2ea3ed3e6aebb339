import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { environmentOf, startNullEndpoint } from './null-endpoint.ts';
import { median } from './rounds.ts';
import { atMost, figure, type Measure } from './section.ts';
import { JUDGED, makeStarters, type Starter } from './starters.ts';

const ROUNDS = 7;
/** Milliseconds for one start. */
const START_MS = 60_000;

/** Load time of the function that imports, in that of the SDK clients that it uses. */
const GOAL_OF_CLIENTS = 1.5;
/** Bytes of its bundle: it must be under that. */
export const BUNDLE_BYTES = 1_200_000;

/** Loads a bundle as a cold start does, and sends it one request. The last line that it prints is what it took. */
const PROGRAM = `
const before = performance.now();
const { handler } = await import(process.env.BENCH_FILE);
const loaded = performance.now();
const event = process.env.BENCH_EVENT;
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 29_000 };
const answer = event && (await handler(JSON.parse(event), context));
const answered = performance.now();
console.log(JSON.stringify({ load: loaded - before, request: answered - loaded, status: answer?.statusCode }));
`;
const started = z.object({ load: z.number(), request: z.number(), status: z.optional(z.int()) });

/** What a function takes to start, beside one that does nothing and the SDK clients that it uses. */
export const measureStart: Measure = async (tell) => {
  const endpoint = await startNullEndpoint();
  try {
    const starters = (await makeStarters(endpoint)).map((starter) => ({ ...starter, ...newTimes() }));
    for (let round = 0; round <= ROUNDS; round++) {
      tell(`round ${round} of ${ROUNDS}`);
      for (const starter of starters) {
        const { load, request } = await start(starter, endpoint.atOnce);
        // The first round brings the files into the memory of the machine.
        if (round === 0) continue;
        starter.loads.push(load);
        starter.requests.push(request);
      }
    }
    const loadOf = (title: string) => median(starters.find((one) => one.title === title)?.loads ?? []);
    const rows = starters.map(({ title, bytes, clients, event, requests, beside }) => {
      const ratio = beside === undefined ? '' : (loadOf(title) / loadOf(beside)).toFixed(2);
      const cells = [title, figure(bytes / 1_000), clients.join(', '), figure(loadOf(title))];
      return [...cells, event === undefined ? '' : figure(median(requests)), ratio];
    });
    const judged = starters.find(({ title }) => title === JUDGED);
    if (judged?.beside === undefined) throw new Error(`nothing is set beside ${JUDGED}`);
    const line = `start of ${JUDGED}: ms of loading it, its SDK clients alone`;
    const [ours, against] = [loadOf(JUDGED), loadOf(judged.beside)];
    const goals = [
      atMost(GOAL_OF_CLIENTS, { line, ours, against }),
      atMost(1, { line: `bundle of ${JUDGED}: bytes, limit`, ours: judged.bytes, against: BUNDLE_BYTES }),
    ];
    return { title: 'Start', about: ABOUT, tables: [{ head: HEAD, rows }], goals };
  } finally {
    await endpoint.close();
  }
};

const newTimes = (): { loads: number[]; requests: number[] } => ({ loads: [], requests: [] });

const run = promisify(execFile);

async function start({ title, file, event, status, environment }: Starter, endpoint: string) {
  const env = {
    ...environment,
    ...environmentOf(endpoint),
    BENCH_FILE: pathToFileURL(file).href,
    ...(event !== undefined && { BENCH_EVENT: JSON.stringify(event) }),
  };
  const args = ['--input-type=module', '--eval', PROGRAM];
  const { stdout } = await run(process.execPath, args, { env, timeout: START_MS });
  const found = started.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  if (status !== undefined && found.status !== status) throw new Error(`${title}: found ${JSON.stringify(found)}`);
  return found;
}

const HEAD = ['start', 'bundle, KB', 'SDK clients', 'loading, ms', 'first request, ms', 'loading / the SDK alone'];

const ABOUT = `Bundles as they are deployed, minified, each loaded in a fresh process without compiled code kept, as a cold start does it. Not
counted is the start of node itself. Loading builds the clients; the first request is one with an unknown token, which the
table is asked for, and for \`import-archive\` an archive of one job; the table and S3 are the null ones. The SDK alone is the
clients that a function uses, bundled in the same way, and its first request a call to the table. Functions that queues or
the operator call are only loaded. The goal is about ${JUDGED}, which a client waits for; workers load unzipper, too. As CommonJS is a comparison: the functions are deployed as ES modules.`;
