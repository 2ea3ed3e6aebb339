import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import type { Fault } from '../proxy.ts';
import type { Random } from '../random.ts';
import { killCallerOf } from './caller.ts';
import { type Interference, type Reference, runCase, runReference } from './case.ts';
import { FAULTS, type FaultKind, faultOf } from './faults.ts';
import type { Rig, SeenCall } from './rig.ts';
import type { Scenario } from './scenarios.ts';
import { count, newTally, orBroken, type Progress, type Tally } from './tally.ts';

/** Milliseconds between the first runs: a machine that starts all their processes at once answers nothing in time. */
const STAGGER_MS = 500;
/** Tries to hit a call that does not come every time, since others of its run decide by their order whether it does. */
const TRIES = 12;

/** Persistently: at a call and at each that repeats it. */
export type Mode = 'once' | 'persistently';
/** What is to happen at one call of a scenario: a fault, or the end of the process that makes it. */
type Plan = { signature: string; occurrence: number; kind: FaultKind | Kill; mode: Mode };
type Kill = 'killed before' | 'killed after';
export type Case = { scenario: Scenario; reference: Reference; plans: Plan[] };

export type Referenced = { scenario: Scenario; reference: Reference };

/** Runs each scenario without a fault. */
export function referencesOf(rig: Rig, scenarios: Scenario[], by: Rehearsal = REQUESTED): Promise<Referenced[]> {
  // One after the other: a call of another run must not come between.
  return pMap(scenarios, async (scenario) => ({ scenario, reference: await by.runReference(rig, scenario) }), {
    concurrency: 1,
  });
}

/** How scenarios are run, without a fault and with some. */
export type Rehearsal = { runReference: typeof runReference; runCase: typeof runCase };
const REQUESTED: Rehearsal = { runReference, runCase };

/** A call that something may happen to: its place among all of a sweep, and whether none before is of its kind. */
type Place = { at: number; isFirstOfKind: boolean; signature: string };
/** Which kinds of fault a sweep does at a call: all of them, or one, another at each call. */
export type Choice = (kinds: readonly FaultKind[], place: Place) => readonly FaultKind[];

/** A case for every call of every scenario, with each kind of fault that is chosen for it. */
export function casesAtEachCall(referenced: Referenced[], mode: Mode, choose: Choice): Case[] {
  let at = 0;
  const known = new Set<string>();
  return referenced.flatMap(({ scenario, reference }) =>
    reference.calls.flatMap((call) => {
      const { signature, occurrence } = call;
      const isFirstOfKind = !known.has(kindOf(signature));
      known.add(kindOf(signature));
      return choose(kindsFor(call), { at: at++, isFirstOfKind, signature }).map((kind) => ({
        scenario,
        reference,
        plans: [{ signature, occurrence, kind, mode }],
      }));
    }),
  );
}

/** Calls of one operation about items of one sort: `UpdateItem job` of each job, `GET object` of each archive. */
function kindOf(signature: string): string {
  const [operation = '', about = '', ...rest] = signature.split(' ');
  const counter = rest.find((word) => word.startsWith('last_')) ?? '';
  return [operation, about.replace(/[#/].*/, ''), counter].join(' ');
}

/** Cases of two faults at calls of chance. */
export function pairsOf(referenced: Referenced[], random: Random, pairs: number, among: readonly FaultKind[]): Case[] {
  const plan = ({ reference }: Referenced): Plan => {
    const call = random.pick(reference.calls);
    const { signature, occurrence } = call;
    return {
      signature,
      occurrence,
      kind: random.pick(kindsFor(call).filter((kind) => among.includes(kind))),
      mode: random.pick(['once', 'persistently']),
    };
  };
  return Array.from({ length: pairs }, () => {
    const one = random.pick(referenced);
    return { ...one, plans: [plan(one), plan(one)] };
  });
}

/** Cases in which the process that makes a call, one of so many, dies, before the call takes effect or after. */
export function killsAtEachCall(referenced: Referenced[], every: number): Case[] {
  const kinds = ['killed before', 'killed after'] as const;
  return referenced.flatMap(({ scenario, reference }) =>
    reference.calls
      .filter((_, at) => at % every === 0)
      .flatMap(({ signature, occurrence }) =>
        kinds.map((kind) => ({ scenario, reference, plans: [{ signature, occurrence, kind, mode: 'once' as const }] })),
      ),
  );
}

/** A HEAD has no body that could be cut. */
function kindsFor({ signature }: SeenCall): readonly FaultKind[] {
  return signature.startsWith('HEAD') ? FAULTS.filter((kind) => kind !== 'cut' && kind !== 'stall') : FAULTS;
}

/** Runs cases beside each other, on all rigs, and counts what came of them. */
export async function sweep(
  rigs: Rig[],
  line: string,
  cases: Case[],
  {
    mustHitAll = true,
    by = REQUESTED,
    runsAtOnce,
    onProgress,
  }: { mustHitAll?: boolean; by?: Rehearsal; runsAtOnce: number; onProgress: Progress | undefined },
): Promise<Tally> {
  const tally = newTally(line);
  const seen = new Set(cases.flatMap(placesOf));
  const hit = new Set<string>();
  const waiting = cases.values();
  const runNext = async (rig: Rig, runner: number) => {
    await sleep(runner * STAGGER_MS);
    for (const one of waiting) {
      for (let tries = 0; tries < TRIES; tries++) {
        const fired = new Set<Plan>();
        const isKill = one.plans.some(({ kind }) => kind.startsWith('killed'));
        const interfere = interferenceOf(rig, one.plans, fired);
        const findings = await orBroken(() => by.runCase(rig, one.scenario, one.reference, interfere, isKill));
        count(tally, nameOf(one), findings);
        tally.fired += fired.size;
        for (const plan of fired) hit.add(placeOf(one.scenario, plan));
        if (!mustHitAll || fired.size > 0) break;
      }
      onProgress?.(tally, cases.length);
    }
  };
  const runners = Array.from({ length: runsAtOnce }).flatMap(() => rigs);
  await Promise.all(runners.map(runNext));
  return mustHitAll ? { ...tally, seen: seen.size, hit: hit.size } : tally;
}

function interferenceOf(rig: Rig, plans: Plan[], fired: Set<Plan>): Interference {
  return (seen) => {
    const plan = plans.find(
      ({ signature, occurrence, mode }) =>
        signature === seen.signature &&
        (mode === 'once' ? occurrence === seen.occurrence : occurrence <= seen.occurrence),
    );
    if (plan === undefined) return undefined;
    const fault = toFault(rig, plan, seen);
    if (fault !== undefined) fired.add(plan);
    return fault;
  };
}

function toFault(rig: Rig, { kind }: Plan, { service, call }: SeenCall): Fault | undefined {
  switch (kind) {
    case 'killed before':
    case 'killed after': {
      const act = killCallerOf(call, rig.pids());
      return act && { reset: kind === 'killed before' ? 'before' : 'after', act };
    }
    default:
      return faultOf(kind, service);
  }
}

const placesOf = ({ scenario, plans }: Case) => plans.map((plan) => placeOf(scenario, plan));

const placeOf = ({ name }: Scenario, { signature, occurrence }: Pick<Plan, 'signature' | 'occurrence'>) =>
  `${name} / ${signature} #${occurrence}`;

const nameOf = ({ scenario, plans }: Case) =>
  plans.map((plan) => `${placeOf(scenario, plan)} / ${plan.kind} ${plan.mode}`).join(' + ');
