import type { ArchiveTask } from '../../lib/dispatch/archive-task.ts';
import { ACCOUNT } from '../../local/identity.ts';
import { isFields } from '../../local/shapes.ts';
import { BUCKET } from './null-messages.ts';

/** An archive on the null endpoint. */
export type Archive = { key: string; size: number };

/** What is to be done: so many jobs are written, or an archive with so many is imported. */
export type Task = {
  kind: 'task';
  jobs: number;
  archive?: Archive;
  /** Whether what was left before is collected first, which a function would not do. */
  isCollected: boolean;
};

/** Milliseconds that a task took, and the bytes that the process holds, and has held at its peak so far. */
export type Took = { wallMs: number; cpuMs: number; heldBytes: number; peakBytes: number };

export const isTask = (message: unknown): message is Task => isFields(message) && message['kind'] === 'task';
export const isTook = (message: unknown): message is Took => isFields(message) && 'wallMs' in message;

/** Gets what a task needs ready, and hands out the work itself. */
export type Prepare = (task: Task) => Promise<() => Promise<unknown>>;

let importId = 1;

/** What the worker is told of an archive, each time as of another import. */
export function workerEvent(archive: Archive): ArchiveTask {
  return {
    requestId: 'bench',
    projectId: 'bench',
    importId: importId++,
    run: 'bench',
    isCover: true,
    archivePlace: 0,
    isContinued: false,
    object: { bucket: BUCKET, owner: ACCOUNT, etag: '"1"', ...archive },
  };
}

export function archiveOf(archive: Archive | undefined): Archive {
  if (archive === undefined) throw new Error('the task has no archive');
  return archive;
}
