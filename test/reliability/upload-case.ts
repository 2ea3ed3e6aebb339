import { isDeepStrictEqual } from 'node:util';
import {
  type Interference,
  judgeAfter,
  judgeRecords,
  names,
  type Prepared,
  prepare,
  REQUESTS,
  type Reference,
  UNTOLD_QUIET_MS,
  zipOf,
} from './case.ts';
import { compareEnds, type Finding, judgeState, upToNumbers } from './judge.ts';
import type { Rig } from './rig.ts';
import type { Scenario } from './scenarios.ts';
import { endLeases, readRecords, readState, type State } from './state.ts';

type Uploaded = Prepared & { event: string };

const SEQUENCER = '0055AED6DCD90281E5';

/** Uploads the archive of a scenario without a fault. @throws if it does not end as the scenario says. */
export async function runUploadReference(rig: Rig, scenario: Scenario): Promise<Reference> {
  const uploaded = await upload(rig, scenario);
  const { run } = uploaded;
  run.listen();
  const delivered = await rig.deliver(uploaded.event);
  await run.quiet();
  const calls = [...run.calls];
  const state = await stateOf(uploaded);
  const findings = [...(await judge(uploaded, state)), ...judgeAfter(scenario, state)];
  if (delivered !== 'done' || findings.length > 0) {
    throw new Error(`without a fault, ${scenario.name} uploaded: ${delivered}, ${JSON.stringify(findings)}`);
  }
  return { calls, answer: delivered, jobs: endOf(uploaded, state), imports: state.imports.length };
}

/**
 * Delivers the event of an upload with something in its way: judges what is told of it, delivers it again until it is
 * done, and once more then, and compares the end with that of the reference.
 */
export async function runUploadCase(
  rig: Rig,
  scenario: Scenario,
  reference: Reference,
  interfere: Interference,
  isKill = false,
): Promise<Finding[]> {
  const uploaded = await upload(rig, scenario);
  const { run, event } = uploaded;
  run.listen();
  run.onCall = interfere;
  let delivered = await rig.deliver(event);
  run.onCall = undefined;
  if (delivered === 'died' && !isKill) return [{ harm: 'hang', what: 'the function gave no answer' }];
  await run.quiet(delivered === 'done' ? undefined : UNTOLD_QUIET_MS);
  const atFirst = await judge(uploaded, await stateOf(uploaded));
  if (atFirst.length > 0) return atFirst;
  for (let deliveries = 1; delivered !== 'done'; deliveries++) {
    if (deliveries > REQUESTS) return [{ harm: 'wrong', what: `not done after ${REQUESTS} deliveries` }];
    // The queue waits for longer than any worker may take.
    await endLeases(rig, run);
    delivered = await rig.deliver(event);
    await run.quiet();
    const findings = await judge(uploaded, await stateOf(uploaded));
    if (findings.length > 0) return findings;
  }
  const done = await stateOf(uploaded);
  const findings = compareEnds(reference.jobs, endOf(uploaded, done));
  if (done.imports.length !== reference.imports)
    findings.push({ harm: 'doubled', what: 'one upload, several imports' });
  const records = await readRecords(rig, run);
  if (records?.shown.state !== 'finished')
    findings.push({ harm: 'wrong', what: `acknowledged, ${records?.shown.state}` });
  return [...findings, ...(await deliverOnceMore(uploaded, done))];
}

/** An event that comes again after its import changes nothing any more, but that it notes an end that nobody noted. */
async function deliverOnceMore(uploaded: Uploaded, done: State): Promise<Finding[]> {
  const delivered = await uploaded.rig.deliver(uploaded.event);
  const state = await stateOf(uploaded);
  const numbers = ({ imports }: State) => imports.map(({ import_id }) => import_id);
  const isSame = isDeepStrictEqual([state.jobs, numbers(state)], [done.jobs, numbers(done)]);
  return delivered === 'done' && isSame ? [] : [{ harm: 'doubled', what: `delivered once more: ${delivered}` }];
}

async function upload(rig: Rig, scenario: Scenario): Promise<Uploaded> {
  const prepared = await prepare(rig, scenario);
  const [documents = []] = Object.values(scenario.archives);
  const version = { isCover: scenario.isCover, sequencer: SEQUENCER };
  const event = await rig.upload(prepared.run, scenario.zipFile, zipOf(documents), version);
  return { ...prepared, event };
}

const stateOf = ({ rig, run, scenario }: Uploaded) => readState(rig, run, names(scenario));

async function judge(uploaded: Uploaded, state: State): Promise<Finding[]> {
  const { before, scenario } = uploaded;
  return [...judgeState(before, state, names(scenario)), ...(await judgeRecords(uploaded, state))];
}

/** The newest import is that of the upload. */
function endOf({ run, scenario }: Uploaded, state: State): Map<string, string> {
  const importId = Math.max(...state.imports.map(({ import_id }) => import_id));
  return upToNumbers(scenario, state, run.projectId, importId);
}
