import { pathToFileURL } from 'node:url';
import { WORKER_MS } from '../../lib/limits.ts';
import { isFields } from '../../local/shapes.ts';
import { archiveOf, type Prepare, workerEvent } from './task.ts';

/** Puts at once of the quicker naive import: what a user would try next. */
const MANY = 64;

/** What each needs is loaded for it alone: what a process holds is to be its own. */
export const CONTESTANTS = {
  worker: (bundle) => worker(bundle),
  naive: async () => (await import('./naive.ts')).importNaively(1),
  naiveMany: async () => (await import('./naive.ts')).importNaively(MANY),
  writer: async () => (await import('./writers.ts')).writeOurs(),
  bare: async () => (await import('./writers.ts')).writeBare(),
} satisfies Readonly<Record<string, (bundle: string) => Promise<Prepare>>>;

export type Name = keyof typeof CONTESTANTS;
export const isName = (text: string): text is Name => text in CONTESTANTS;

/** The shipped worker, from its bundle. */
async function worker(bundle: string): Promise<Prepare> {
  const loaded: unknown = await import(pathToFileURL(bundle).href);
  const handler = isFields(loaded) ? loaded['handler'] : undefined;
  if (!isHandler(handler)) throw new Error(`${bundle} exports no handler`);
  return async ({ archive }) => {
    const event = workerEvent(archiveOf(archive));
    return async () => {
      const deadline = Date.now() + WORKER_MS;
      await handler(event, { awsRequestId: 'bench', getRemainingTimeInMillis: () => deadline - Date.now() });
    };
  };
}

type Handler = (event: unknown, context: object) => unknown;
const isHandler = (value: unknown): value is Handler => typeof value === 'function';
