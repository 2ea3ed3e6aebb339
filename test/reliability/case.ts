import type { Fault } from '../proxy.ts';
import { isFinal, readAnswer, type Told } from './answer.ts';
import {
  answerUpToNumbers,
  compareEnds,
  type Earlier,
  type Finding,
  isSameJob,
  judgeAnswer,
  judgeRecord,
  judgeState,
  upToNumbers,
} from './judge.ts';
import type { Rig, Run, SeenCall } from './rig.ts';
import type { JobDocument, Scenario } from './scenarios.ts';
import { endLeases, readRecords, readState, type State } from './state.ts';

/** What is done to calls of a run. Returning nothing lets a call pass. */
export type Interference = (seen: SeenCall) => Fault | undefined;

/** How a scenario ends without a fault. */
export type Reference = { calls: SeenCall[]; answer: string; jobs: Map<string, string>; imports: number };

export type Prepared = Earlier & { rig: Rig; run: Run; scenario: Scenario };

const KEY = 'key-of-the-run';
/** Requests under one key until an import must be whole. */
export const REQUESTS = 5;

/** Runs a scenario without a fault. @throws if it does not end as the scenario says: nothing can be judged by it. */
export async function runReference(rig: Rig, scenario: Scenario): Promise<Reference> {
  const prepared = await prepare(rig, scenario);
  const { run, before } = prepared;
  run.listen();
  const reply = await post(prepared);
  await run.quiet();
  const calls = [...run.calls];
  const told = readAnswer(reply);
  const state = await readState(rig, run, names(scenario));
  const findings = [...judgeState(before, state, names(scenario)), ...judgeAnswer(scenario, told, prepared, state)];
  if (told.how !== 'mapping') throw new Error(`${scenario.name}: ${reply.text}`);
  const rows = JSON.stringify(told.job_mapping.map(({ job_name, action }) => [job_name, action]));
  if (rows !== JSON.stringify(scenario.rows)) findings.push({ harm: 'wrong', what: `the rows are ${rows}` });
  findings.push(...judgeAfter(scenario, state));
  if (findings.length > 0) throw new Error(`without a fault, ${scenario.name}: ${JSON.stringify(findings)}`);
  return {
    calls,
    answer: answerUpToNumbers(reply.text, state, run.projectId),
    jobs: upToNumbers(scenario, state, run.projectId, told.import_id),
    imports: state.imports.length,
  };
}

/**
 * Runs a scenario with something in its way: judges what the first answer says, sends the request again under its key
 * until nothing is left to do, and compares the end with that of the reference.
 */
export async function runCase(
  rig: Rig,
  scenario: Scenario,
  reference: Reference,
  interfere: Interference,
  isKill = false,
): Promise<Finding[]> {
  const prepared = await prepare(rig, scenario);
  const { run, before } = prepared;
  run.listen();
  run.onCall = interfere;
  const reply = await post(prepared);
  run.onCall = undefined;
  // What it says must be true when it says it, and stay true when the last late call has landed.
  const atOnce = await readState(rig, run, names(scenario));
  const told = readAnswer(reply);
  await settle(prepared, told);
  const state = await readState(rig, run, names(scenario));
  const findings = [
    ...judgeAnswer(scenario, told, prepared, atOnce),
    ...judgeAnswer(scenario, told, prepared, state),
    ...judgeState(before, state, names(scenario)),
    ...(await judgeRecords(prepared, state)),
  ];
  if (told.how === 'refused' && told.error_code === 'DLI.0007') {
    findings.push({ harm: 'wrong', what: `nobody else runs it, and yet: ${told.error_msg}` });
  }
  if (told.how === 'killed' && !isKill) findings.push({ harm: 'wrong', what: 'a function died' });
  if (findings.length > 0) return findings;
  return continueToEnd(prepared, reference, told, reply.text);
}

async function continueToEnd(
  prepared: Prepared,
  reference: Reference,
  first: Told,
  firstText: string,
): Promise<Finding[]> {
  const { rig, run, scenario, before } = prepared;
  let [told, text] = [first, firstText];
  for (let requests = 1; !isFinal(told); requests++) {
    if (requests > REQUESTS) return [{ harm: 'wrong', what: `after ${REQUESTS} requests: ${text.slice(0, 300)}` }];
    if (isOnQueue(told)) await rig.drain(run);
    // What has a lease runs, as far as anybody knows: only when that is told, it is made to have passed.
    else if (told.how === 'refused' && told.error_code === 'DLI.0007') await endLeases(rig, run);
    const reply = await post(prepared);
    text = reply.text;
    told = readAnswer(reply);
    if (told.how === 'hang' || told.how === 'killed') return [{ harm: 'hang', what: 'no answer without a fault' }];
    await settle(prepared, told);
    const state = await readState(rig, run, names(scenario));
    const findings = [...judgeAnswer(scenario, told, prepared, state), ...(await judgeRecords(prepared, state))];
    if (findings.length > 0) return findings;
  }
  const again = await post(prepared);
  const state = await readState(rig, run, names(scenario));
  const findings = [
    ...judgeState(before, state, names(scenario)),
    ...judgeAnswer(scenario, told, prepared, state),
    ...(await judgeRecords(prepared, state)),
  ];
  if (told.how !== 'mapping') return [...findings, { harm: 'wrong', what: text.slice(0, 300) }];
  if (again.text !== text) findings.push({ harm: 'wrong', what: `replayed as ${again.text.slice(0, 300)}` });
  const answer = answerUpToNumbers(text, state, run.projectId);
  if (answer !== reference.answer)
    findings.push({ harm: 'wrong', what: `in the end ${answer}, not ${reference.answer}` });
  if (state.imports.length !== reference.imports) findings.push({ harm: 'doubled', what: 'one key, several imports' });
  return [...findings, ...compareEnds(reference.jobs, upToNumbers(scenario, state, run.projectId, told.import_id))];
}

/** Whether it takes longer than its request waited, and goes on by itself: only a run without a queue ends by its lease. */
function isOnQueue(told: Told): boolean {
  if (told.how === 'refused')
    return told.error_code === 'DLI.0007' && !told.error_msg.includes('send the request again');
  return told.how === 'accepted';
}

/** What is told of the scenario's import. The newest import may still be one of those before it. */
export async function judgeRecords({ rig, run, scenario, ...earlier }: Prepared, state: State): Promise<Finding[]> {
  const records = await readRecords(rig, run);
  const isNew = records !== undefined && state.imports.length > scenario.before.length;
  return isNew ? judgeRecord(scenario, records, earlier, state) : [];
}

/** A new project that holds what the scenario is imported over, and its archives. */
export async function prepare(rig: Rig, scenario: Scenario): Promise<Prepared> {
  const run = await rig.begin();
  for (const documents of scenario.before) {
    await rig.put(run, 'before.zip', zipOf(documents));
    const { text } = await importOf(rig, run, 'before.zip', false);
    if (!text.startsWith('{"is_success":"true"')) throw new Error(`could not prepare ${scenario.name}: ${text}`);
  }
  for (const [name, documents] of Object.entries(scenario.archives)) await rig.put(run, name, zipOf(documents));
  const before = await readState(rig, run, names(scenario));
  const prepared = { rig, run, scenario, before, atRequest: before };
  if (scenario.interruptedAt === undefined) return prepared;
  await interrupt(prepared, scenario.interruptedAt);
  await run.quiet();
  return { ...prepared, atRequest: await readState(rig, run, names(scenario)) };
}

/** Sends a first request, one call of which is refused for good. */
async function interrupt(prepared: Prepared, at: string): Promise<void> {
  const { run, scenario } = prepared;
  run.onCall = ({ signature }) =>
    signature === at
      ? { status: 400, body: '{"__type":"com.amazon.coral.validate#ValidationException","message":"injected"}' }
      : undefined;
  const told = readAnswer(await post(prepared));
  run.onCall = undefined;
  if (told.how !== 'mapping' || isFinal(told)) throw new Error(`${scenario.name} was not interrupted`);
}

export const zipOf = (documents: JobDocument[]) => [{ name: 'jobs.json', data: JSON.stringify(documents) }];

export const names = ({ before, archives }: Pick<Scenario, 'before' | 'archives'>): string[] =>
  [...before, ...Object.values(archives)].flat().map(({ name }) => name);

/** Sends the request of a scenario, under its key. */
export const post = ({ rig, run, scenario }: Prepared, headers: Record<string, string> = {}) =>
  importOf(rig, run, scenario.zipFile, scenario.isCover, { 'idempotency-key': KEY, ...headers });

export function importOf(
  { bucket }: Rig,
  run: Run,
  path: string,
  isCover: boolean,
  headers: Record<string, string> = {},
) {
  const body = { zip_file: `${bucket}/${run.projectId}/${path}`, is_cover: isCover };
  return run.send('POST', '/import', body, headers);
}

/** Waits until no worker is left at the import that was answered. */
async function settle({ run }: Prepared, told: Told): Promise<void> {
  await run.quiet(told.how === 'mapping' || told.how === 'refused' ? undefined : UNTOLD_QUIET_MS);
}

/** Milliseconds for which a worker that nobody waits for may pause between two tries. */
export const UNTOLD_QUIET_MS = 1_500;

/** Whether the table holds the documents that the scenario ends with, told by hand. */
export function judgeAfter({ after }: Scenario, { jobs }: State): Finding[] {
  return after.flatMap((document) => {
    const stored = jobs.get(document.name);
    if (isSameJob(stored, document)) return [];
    return [
      {
        harm: 'wrong' as const,
        what: `${document.name} is ${JSON.stringify(stored?.definition ?? null).slice(0, 300)}`,
      },
    ];
  });
}
