import type { JobPlace } from '../../lib/job/order.ts';
import { isOpen, type Outcome } from '../../lib/job/outcome.ts';
import { type Found, readRefusal, readWrite, writeCondition } from '../../lib/store/write-rules.ts';
import { holds } from './evaluate-condition.ts';

/** What holds the write of jobs together, one by one: so that a test can leave each out. */
export const ALL_RULES = {
  mayWrite: (place: JobPlace, item: Found | undefined): boolean =>
    holds(writeCondition(place), item === undefined ? {} : { pk: 'job', ...item }),
  readWrite,
  readRefusal,
  /** Whom a new life remembers as its creator. */
  creatorOf: ({ importId }: JobPlace): number => importId,
  /** What a write keeps of the number of the last deletion. */
  keepDeleted: (deleted: number | undefined): number | undefined => deleted,

  /** A delete ends the life that it was asked for, no other. */
  mayDelete: (item: Found, jobId: number): boolean => item.job_id === jobId,
  /** What a delete leaves. */
  tombstoneOf: ({ job_id, order, created_by, content_hash }: Found): Found | undefined =>
    job_id === undefined || order === undefined || created_by === undefined
      ? undefined
      : { content_hash, was: { job_id, order, created_by, content_hash } },
  mayNumber: (item: Found, jobId: number): boolean => item.deleted === undefined && item.was?.job_id === jobId,
  /** Whether the number of a deletion is read before it takes effect. */
  isNumberReadFirst: false,
  /** How an import numbers a tombstone that it meets. */
  numberMet: (lastImportId: number, _importId: number): number => lastImportId,

  /** Whether outcomes may be stored over those of a version. */
  mayStore: (seenVersion: number, version: number): boolean => seenVersion === version,
  /** Whether a later run does a job again. */
  isDoneAgain: (outcome: Outcome): boolean => isOpen(outcome),
};

export type Rules = typeof ALL_RULES;
