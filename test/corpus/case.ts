import type { ZipFile } from '../zip.ts';

/** What must become of an archive: its jobs are read, or it is refused for a reason and with a code. */
type Verdict = 'accept' | { reason: string; code: 'DLI.0018' | 'DLI.0009' };

/** An archive and what must become of it. */
export type Case = {
  name: string;
  /** The same bytes at every call. */
  build: () => Buffer;
  verdict: Verdict;
};

export type Build = () => Buffer;

/** An honest archive. */
export function accept(name: string, build: Build): Case {
  return { name, build, verdict: 'accept' };
}

/** A damaged, ambiguous or hostile archive. */
export function refuse(reason: string, name: string, build: Build): Case {
  return { name, build, verdict: { reason, code: 'DLI.0018' } };
}

/** An archive over a limit. */
export function exceed(reason: string, name: string, build: Build): Case {
  return { name, build, verdict: { reason, code: 'DLI.0009' } };
}

/** An honest archive, and the same with one thing changed. */
export function pair(name: string, reason: string, build: (isMutant: boolean) => Buffer): [Case, Case] {
  return [accept(`${name}: clean`, () => build(false)), refuse(reason, `${name}: mutant`, () => build(true))];
}

/** Planted in jobs, in bad names and around errors of JSON: no message may hold it. */
export const SECRET = 'hunter2-planted';
export const JOB = `{"name":"a","job_type":"flink_sql_job","sql_body":"-- ${SECRET}\\nselect 1;select 1;select 1;"}`;
export const A: ZipFile = { name: 'a.json', data: JOB };
export const B: ZipFile = { name: 'b.json', data: '{"name":"b"}', store: true };

/** A copy with some bytes in place of those from an offset on; one below zero counts from the end. */
export function patch(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at < 0 ? copy.length + at : at);
  return copy;
}

/** Unlike `Buffer.concat` it takes text, each character a byte. */
export function join(...parts: (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));
}
