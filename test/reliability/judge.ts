import { isDeepStrictEqual } from 'node:util';
import type { Records, Row, Told } from './answer.ts';
import type { JobDocument, Scenario } from './scenarios.ts';
import type { State, StoredJob } from './state.ts';

/** The ways in which an import can betray its user. */
export const HARMS = ['lost', 'doubled', 'false -1', 'wrong', 'hang'] as const;
export type Harm = (typeof HARMS)[number];
export type Finding = { harm: Harm; what: string };

/** Whether a job holds a document, as far as the scenarios tell documents apart. */
export function isSameJob(stored: StoredJob | undefined, document: JobDocument): boolean {
  const said = ({ sql_body, desc, job_config }: StoredJob['definition']) => [sql_body, desc, job_config];
  return stored !== undefined && isDeepStrictEqual(said(stored.definition), said(document));
}

/** What is wrong with a project, whatever was imported into it: names and ids are there once, all of it is whole. */
export function judgeState(before: State, { jobs, ids, broken }: State, names: string[]): Finding[] {
  const findings: Finding[] = broken.map((what) => ({ harm: 'lost', what }));
  if (new Set(ids).size !== ids.length) findings.push({ harm: 'doubled', what: `two jobs have an id: ${ids}` });
  if (ids.length !== jobs.size) findings.push({ harm: 'doubled', what: `${ids.length} jobs of ${jobs.size} names` });
  for (const name of jobs.keys()) {
    if (!names.includes(name)) findings.push({ harm: 'wrong', what: `nobody imported ${name}` });
  }
  for (const { name, job_id } of before.jobs.values()) {
    const now = jobs.get(name)?.job_id;
    if (now !== job_id) findings.push({ harm: 'lost', what: `${name} had the id ${job_id}, and now ${now}` });
  }
  return findings;
}

/** What a project held before a scenario's import began, and when the request was sent that is judged. */
export type Earlier = { before: State; atRequest: State };

/** Whether what was answered to the import of a scenario is true. */
export function judgeAnswer(scenario: Scenario, told: Told, { before, atRequest }: Earlier, state: State): Finding[] {
  switch (told.how) {
    case 'hang':
      return [{ harm: 'hang', what: `no answer: ${told.text}` }];
    case 'nonsense':
      return [{ harm: 'wrong', what: `answered ${told.text}` }];
    case 'killed':
    case 'accepted':
      return [];
    case 'refused':
      return judgeRefusal(told.error_code, told.error_msg, atRequest, state);
    case 'mapping': {
      const hasFailed = told.job_mapping.some(({ action }) => action === 'failed' || action === 'not_started');
      const findings = judgeRows(scenario, told.job_mapping, before, state);
      const isRight = told.is_success === String(!hasFailed);
      return isRight ? findings : [...findings, { harm: 'wrong', what: `is_success is ${told.is_success}` }];
    }
  }
}

/** Whether what the addresses of an import and of the list of imports tell is true, and the same. */
export function judgeRecord(scenario: Scenario, { shown, listed }: Records, earlier: Earlier, state: State): Finding[] {
  const isOpen = shown.state === 'running' || shown.state === 'queued';
  const findings = isOpen ? [] : judgeRows(scenario, shown.job_mapping, earlier.before, state);
  const [wanted, has] = [shown, listed].map(({ state, counts }) => ({ state, counts }));
  if (isDeepStrictEqual(wanted, has)) return findings;
  const what = `${JSON.stringify(wanted)} is listed as ${JSON.stringify(has)}`;
  return [...findings, { harm: 'wrong', what }];
}

function judgeRefusal(code: string, message: string, atRequest: State, state: State): Finding[] {
  if (code === 'DLI.0999' || code === 'DLI.0007') return [];
  if (code === 'DLI.0019' && message.includes('is not known')) return [];
  if (code !== 'DLI.0019') return [{ harm: 'wrong', what: `refused with ${code}: ${message}` }];
  const isUntouched = [...state.jobs.values()].every(({ name, order }) => atRequest.jobs.get(name)?.order === order);
  return isUntouched ? [] : [{ harm: 'false -1', what: `told "${message}", and jobs were imported` }];
}

function judgeRows(scenario: Scenario, rows: Row[], before: State, state: State): Finding[] {
  return Object.entries(scenario.archives).flatMap(([archive, documents]) => {
    const own = rows.filter((row) => row.archive.endsWith(`/${archive}`));
    if (own.length === 1 && own[0]?.entry === undefined) return judgeArchive(own[0]);
    if (own.length !== documents.length) {
      return [{ harm: 'lost' as const, what: `${own.length} rows of ${documents.length} in ${archive}` }];
    }
    return documents.flatMap((document, at) => {
      const row = own[at];
      return row?.job_name === document.name
        ? judgeRow(row, document, { before, state, isValid: scenario.after.some(({ name }) => name === document.name) })
        : [{ harm: 'wrong' as const, what: `row ${at} of ${archive} is of ${row?.job_name}` }];
    });
  });
}

/** All archives of the scenarios are sound: none may be refused, but it may not be known what became of one. */
function judgeArchive(row: Row | undefined): Finding[] {
  const isOpen = row?.action === 'failed' && row.error_code === 'DLI.0999';
  return isOpen || row?.action === 'not_started' ? [] : [{ harm: 'wrong', what: `an archive: ${row?.remark}` }];
}

function judgeRow(
  row: Row,
  document: JobDocument,
  { before, state, isValid }: { before: State; state: State; isValid: boolean },
): Finding[] {
  const { action, new_job_id: id, remark } = row;
  const stored = state.jobs.get(document.name);
  const isOurs = isSameJob(stored, document);
  const what = `${document.name} ${action} ${id}, "${remark}", but the table has ${stored?.job_id} "${stored?.definition.sql_body.slice(0, 40)}"`;
  const finding = (harm: Harm): Finding[] => [{ harm, what }];
  if (id !== -1) {
    const isSure = !remark.includes('may have taken its place');
    const wasThere = before.jobs.has(document.name);
    if (action === (wasThere ? 'created' : 'overwritten')) return finding('wrong');
    return stored?.job_id === id && (isOurs || !isSure) ? [] : finding('lost');
  }
  switch (action) {
    case 'skipped':
      return before.jobs.has(document.name) && !isOurs ? [] : finding('false -1');
    case 'duplicate':
      return isOurs ? finding('false -1') : [];
    case 'not_started':
      return isOurs ? finding('false -1') : [];
    case 'failed':
      return isValid && row.error_code !== 'DLI.0999' ? finding('wrong') : [];
    default:
      return finding('wrong');
  }
}

/**
 * A state as any other run of the same scenario leaves it: but for ids, the project, and the import's number; and for
 * how often a job was written that several of the import were written over in the order of chance.
 */
export function upToNumbers(
  { archives }: Scenario,
  { jobs }: State,
  projectId: string,
  importId: number,
): Map<string, string> {
  const number = String(importId).padStart(16, '0');
  const documents = Object.values(archives).flat();
  const of = ({ job_id: _, revision, order, created_by, archive, ...job }: StoredJob) => {
    const rivals = documents.filter(({ name }) => name === job.name).length;
    return JSON.stringify({
      ...job,
      revision: rivals > 1 && revision <= rivals ? 1 : revision,
      order: order.replace(number, 'N'),
      created_by: created_by === importId ? 'N' : created_by,
      archive: archive.replaceAll(projectId, 'P'),
    });
  };
  return new Map([...jobs].map(([name, job]) => [name, of(job)]));
}

/** An answer as any other run of the same scenario gets it. */
export function answerUpToNumbers(text: string, { jobs }: State, projectId: string): string {
  const names = new Map([...jobs.values()].map(({ name, job_id }) => [job_id, name]));
  return text
    .replaceAll(projectId, 'P')
    .replace(/"import_id":\d+/, '"import_id":N')
    .replaceAll(/"new_job_id":(\d+)/g, (_, id: string) => `"new_job_id":"of ${names.get(Number(id)) ?? id}"`);
}

/** How an import that was continued to its end differs from one without a fault. */
export function compareEnds(expected: Map<string, string>, found: Map<string, string>): Finding[] {
  const names = new Set([...expected.keys(), ...found.keys()]);
  return [...names].flatMap((name): Finding[] => {
    const [wanted, has] = [expected.get(name), found.get(name)];
    if (wanted === has) return [];
    const what = `${name} ends as ${has?.slice(0, 400)}, not ${wanted?.slice(0, 400)}`;
    if (has === undefined) return [{ harm: 'lost', what }];
    return [{ harm: revisionOf(has) > revisionOf(wanted) ? 'doubled' : 'wrong', what }];
  });
}

const revisionOf = (job: string | undefined) => Number(/"revision":(\d+)/.exec(job ?? '')?.[1] ?? 0);
