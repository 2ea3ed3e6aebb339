import { printable } from './printable.ts';
import { type Fields, isFields } from './shapes.ts';

const UPLOAD = 'upload';
const EVENT_SOURCE = 'event source';

/** What became of an upload in each case, but for its key; `remark` says why, to people. */
const OUTCOMES: Readonly<Record<string, (fields: Fields) => string>> = {
  imported: (fields) => `import ${fields['import_id']}: ${countsOf(fields['jobs'])}${why(fields)}`,
  failed: (fields) => `${importOf(fields)}failed${why(fields)}`,
  cancelled: () => 'not imported: its import was cancelled',
  superseded: () => 'superseded by a newer upload',
  ignored: (fields) => `ignored${why(fields)}`,
  again: (fields) => `${importOf(fields)}comes again in some minutes${why(fields)}`,
  lost: (fields) => `not imported, upload it again${why(fields)}`,
};

/** The text for the terminal that a line of a log stands for; undefined if it is not about an upload. */
export function uploadLine(line: string): string | undefined {
  const fields = parsed(line);
  if (fields?.['message'] === EVENT_SOURCE) return printable(`Uploads: ${fields['remark']}`);
  const outcome = fields?.['message'] === UPLOAD ? fields['outcome'] : undefined;
  const tell = typeof outcome === 'string' && Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome] : undefined;
  return fields && tell && printable(`${fields['key']}: ${tell(fields)}`);
}

/** The log line of an upload whose event reached no queue. */
export function lostUpload(key: string, reason: unknown): string {
  return JSON.stringify({ level: 'ERROR', message: UPLOAD, outcome: 'lost', key, remark: textOf(reason) });
}

/** The log line of what an event source has to say. */
export function eventSourceProblem(remark: string): string {
  return JSON.stringify({ level: 'WARN', message: EVENT_SOURCE, remark });
}

function parsed(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function importOf({ import_id }: Fields): string {
  return import_id === undefined ? '' : `import ${import_id} `;
}

function countsOf(jobs: unknown): string {
  const counts = Object.entries(isFields(jobs) ? jobs : {}).filter(([, count]) => count !== 0);
  return counts.map(([action, count]) => `${count} ${action.replaceAll('_', ' ')}`).join(', ') || 'no jobs';
}

function why({ error_code: code, remark }: Fields): string {
  const parts = [code, remark].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `: ${parts.join(': ')}`;
}

function textOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
