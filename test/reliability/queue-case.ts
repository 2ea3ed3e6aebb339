import { isFinal, readAnswer, type Told } from './answer.ts';
import {
  type Interference,
  judgeAfter,
  judgeRecords,
  names,
  type Prepared,
  post,
  prepare,
  REQUESTS,
  type Reference,
} from './case.ts';
import { answerUpToNumbers, compareEnds, type Finding, judgeAnswer, judgeState, upToNumbers } from './judge.ts';
import type { Rig } from './rig.ts';
import type { Scenario } from './scenarios.ts';
import { readRecords, readState } from './state.ts';
import type { Rehearsal } from './sweep.ts';

/** Has an import go by the queue, however small it is. */
export const ASYNC = { prefer: 'respond-async' };
/** Milliseconds after which calls fail no longer: most messages have died of it by then, those that wait for answers have not. */
const OUTAGE_MS = 30_000;

/** Imports a scenario by the queue without a fault. @throws if it does not end as the scenario says. */
async function runQueuedReference(rig: Rig, scenario: Scenario): Promise<Reference> {
  const prepared = await prepareQueued(rig, scenario);
  const { run } = prepared;
  run.listen();
  const accepted = readAnswer(await post(prepared, ASYNC));
  await rig.drain(run);
  const calls = [...run.calls];
  const { findings, state } = await judgeNow(prepared, accepted);
  findings.push(...(await judgeEnded(prepared)), ...judgeAfter(scenario, state));
  const reply = await post(prepared);
  const told = readAnswer(reply);
  if (told.how !== 'mapping' || findings.length > 0) {
    throw new Error(`without a fault, ${scenario.name} by the queue: ${reply.text}, ${JSON.stringify(findings)}`);
  }
  const rows = JSON.stringify(told.job_mapping.map(({ job_name, action }) => [job_name, action]));
  if (rows !== JSON.stringify(scenario.rows)) throw new Error(`by the queue the rows of ${scenario.name} are ${rows}`);
  return {
    calls,
    answer: answerUpToNumbers(reply.text, state, run.projectId),
    jobs: upToNumbers(scenario, state, run.projectId, told.import_id),
    imports: state.imports.length,
  };
}

/**
 * Imports a scenario by the queue with something in its way, which lasts as long as an outage at the most. Once all its
 * messages are done with, or have died, what is told of it is judged; then it is sent again under its key until nothing is
 * left to do, and its end compared with that of the reference.
 * @param mustEnd whether it is to have ended, whole, before it is sent again.
 */
async function runQueuedCase(
  { mustEnd }: { mustEnd: boolean },
  rig: Rig,
  scenario: Scenario,
  reference: Reference,
  interfere: Interference,
  isKill = false,
): Promise<Finding[]> {
  const prepared = await prepareQueued(rig, scenario);
  const { run } = prepared;
  const endOutage = () => {
    run.onCall = undefined;
  };
  const outage = setTimeout(endOutage, OUTAGE_MS);
  run.listen();
  run.onCall = interfere;
  const told = readAnswer(await post(prepared, ASYNC));
  await rig.drain(run);
  clearTimeout(outage);
  endOutage();
  const { findings, state } = await judgeNow(prepared, told);
  const isThere = state.imports.length > prepared.before.imports.length;
  if (told.how === 'killed' && !isKill) findings.push({ harm: 'wrong', what: 'a function died' });
  if (told.how === 'accepted' && !isThere) findings.push({ harm: 'lost', what: 'an import that was accepted' });
  if (mustEnd && isThere) findings.push(...(await judgeEnded(prepared)));
  return findings.length > 0 ? findings : continueToEnd(prepared, reference, told);
}

/** Imports a scenario by the queue, and cancels it where else a call would fail. */
async function runCancelledCase(
  rig: Rig,
  scenario: Scenario,
  reference: Reference,
  interfere: Interference,
): Promise<Finding[]> {
  const prepared = await prepareQueued(rig, scenario);
  const { run } = prepared;
  const before = { wasSent: false, isCancelled: false };
  const cancelNow = async () => {
    before.isCancelled = (await cancel(prepared)).status === 200;
  };
  run.listen();
  run.onCall = (seen) => {
    const fault = interfere(seen);
    before.wasSent ||= fault === undefined && !before.isCancelled && seen.call.operation === 'SendMessageBatch';
    return fault && { first: cancelNow };
  };
  const told = readAnswer(await post(prepared, ASYNC));
  await rig.drain(run);
  run.onCall = undefined;
  const { findings, state } = await judgeNow(prepared, told);
  const shown = (await readRecords(rig, run))?.shown;
  if (before.isCancelled && shown?.state !== 'cancelled' && shown?.state !== 'finished')
    findings.push({ harm: 'wrong', what: `cancelled, it is ${shown?.state}` });
  const isTouched = [...state.jobs.values()].some(({ name, order }) => prepared.before.jobs.get(name)?.order !== order);
  if (before.isCancelled && !before.wasSent && isTouched)
    findings.push({ harm: 'wrong', what: 'jobs were imported after it was cancelled' });
  return findings.length > 0 ? findings : continueToEnd(prepared, reference, told);
}

export const BY_QUEUE: Rehearsal = {
  runReference: runQueuedReference,
  runCase: (...one) => runQueuedCase({ mustEnd: true }, ...one),
};
export const BY_QUEUE_IN_OUTAGE: Rehearsal = {
  runReference: runQueuedReference,
  runCase: (...one) => runQueuedCase({ mustEnd: false }, ...one),
};
export const BY_QUEUE_CANCELLED: Rehearsal = { runReference: runQueuedReference, runCase: runCancelledCase };

/** Without what is left to be looked after of the imports before. */
async function prepareQueued(rig: Rig, scenario: Scenario): Promise<Prepared> {
  const prepared = await prepare(rig, scenario);
  await rig.drain(prepared.run);
  return prepared;
}

/** Of the import after those before. */
const cancel = ({ run, before }: Prepared) => run.send('DELETE', `/imports/${before.imports.length + 1}`);

async function judgeNow(prepared: Prepared, told: Told) {
  const { rig, run, scenario, before } = prepared;
  const state = await readState(rig, run, names(scenario));
  const findings = [
    ...judgeAnswer(scenario, told, prepared, state),
    ...judgeState(before, state, names(scenario)),
    ...(await judgeRecords(prepared, state)),
  ];
  return { findings, state };
}

/** Whether the newest import ended by itself, and left nothing to be tried again. */
async function judgeEnded({ rig, run }: Prepared): Promise<Finding[]> {
  const shown = (await readRecords(rig, run))?.shown;
  const open = shown?.job_mapping.filter(({ error_code: code }) => code === 'DLI.0999' || code === 'DLI.0019') ?? [];
  if (shown?.state === 'finished' && open.length === 0) return [];
  return [{ harm: 'wrong', what: `it ended as ${shown?.state}, with ${JSON.stringify(open).slice(0, 300)}` }];
}

async function continueToEnd(prepared: Prepared, reference: Reference, first: Told): Promise<Finding[]> {
  const { rig, run, scenario } = prepared;
  let [told, text] = [first, ''];
  for (let requests = 1; !isFinal(told); requests++) {
    if (requests > REQUESTS) return [{ harm: 'wrong', what: `after ${REQUESTS} requests: ${text.slice(0, 300)}` }];
    // Of an import whose messages all died nobody knows that it does not go on.
    if (told.how === 'refused' && told.error_code === 'DLI.0007') await cancel(prepared);
    const reply = await post(prepared);
    [told, text] = [readAnswer(reply), reply.text];
    await rig.drain(run);
    const { findings } = await judgeNow(prepared, told);
    if (findings.length > 0) return findings;
  }
  const { findings, state } = await judgeNow(prepared, told);
  if (told.how !== 'mapping') return [...findings, { harm: 'wrong', what: text.slice(0, 300) }];
  const answer = answerUpToNumbers(text, state, run.projectId);
  if (answer !== reference.answer)
    findings.push({ harm: 'wrong', what: `in the end ${answer}, not ${reference.answer}` });
  if (state.imports.length !== reference.imports) findings.push({ harm: 'doubled', what: 'one key, several imports' });
  return [...findings, ...compareEnds(reference.jobs, upToNumbers(scenario, state, run.projectId, told.import_id))];
}
