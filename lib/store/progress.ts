import { $set, UpdateItemCommand } from 'dynamodb-toolbox/entity/actions/update';
import { QueryCommand } from 'dynamodb-toolbox/table/actions/query';
import * as z from 'zod/mini';
import { PROGRESS_ARCHIVES } from '../limits.ts';
import { expiry } from './imports.ts';
import { PROGRESS, progressKey } from './keys.ts';
import type { ArchivePlace } from './outcomes.ts';
import type { JobTable } from './table.ts';

/** What became of one archive, in numbers; `givenUp` is the run of the import in which the queue gave it up. */
export type ArchiveProgress = { jobs: number; failed: number; bytes: number; givenUp: string | undefined };

/** What became of the archives of an import, by their places, and milliseconds since the epoch of the last of it. */
export type Progress = { archives: Map<number, ArchiveProgress>; updateTime: number };

/** The sum of what is noted. */
export function sumOf({ archives }: Progress): { jobs: number; failed: number; bytes: number } {
  const sum = { jobs: 0, failed: 0, bytes: 0 };
  for (const { jobs, failed, bytes } of archives.values()) {
    sum.jobs += jobs;
    sum.failed += failed;
    sum.bytes += bytes;
  }
  return sum;
}

/**
 * Notes what became of an archive under its place: twice is like once.
 * @returns how many archives of its block are noted.
 */
export async function noteProgress(
  { progress }: JobTable,
  { projectId, importId, archivePlace }: ArchivePlace,
  { jobs, failed, bytes, givenUp }: ArchiveProgress,
): Promise<number> {
  const now = Date.now();
  const block = Math.floor(archivePlace / PROGRESS_ARCHIVES);
  const { Attributes = {} } = await progress
    .build(UpdateItemCommand)
    .item({
      ...progressKey(projectId, importId, block),
      update_time: now,
      expires_at: expiry(now),
      [attributeOf(archivePlace, givenUp)]: $set({
        jobs,
        failed,
        bytes,
        ...(givenUp !== undefined && { given_up: givenUp }),
      }),
    })
    .options({ returnValues: 'ALL_NEW' })
    .send();
  return slotsOf(Attributes).size;
}

/** Whether so many archives are the whole block that an archive belongs to. */
export function isWholeBlock(noted: number, archivePlace: number, archivesTotal: number): boolean {
  const first = archivePlace - (archivePlace % PROGRESS_ARCHIVES);
  return noted === Math.min(PROGRESS_ARCHIVES, archivesTotal - first);
}

/** What is noted of an import's archives. One that was given up in an earlier run is open again, and left out. */
export async function readProgress(
  { table, progress }: JobTable,
  { projectId, importId, run }: Pick<ArchivePlace, 'projectId' | 'importId'> & { run: string },
): Promise<Progress> {
  const { Items = [] } = await table
    .build(QueryCommand)
    .entities(progress)
    .query({ partition: progressKey(projectId, importId, 0).pk, range: { beginsWith: PROGRESS } })
    .options({ consistent: true, entityAttrFilter: false, maxPages: Number.POSITIVE_INFINITY })
    .send();
  const archives = new Map<number, ArchiveProgress>();
  for (const { sk, ...item } of Items) {
    const first = Number(sk.slice(PROGRESS.length)) * PROGRESS_ARCHIVES;
    for (const [slot, { given_up: givenUp, ...numbers }] of slotsOf(item)) {
      if (givenUp === undefined || givenUp === run) archives.set(first + slot, { ...numbers, givenUp });
    }
  }
  return { archives, updateTime: Math.max(0, ...Items.map(({ update_time }) => update_time)) };
}

/** Attributes of archives, which the schema of the table knows by their number only. */
const SLOT = /^[ag](\d+)$/;
const slot = z.object({ jobs: z.int(), failed: z.int(), bytes: z.int(), given_up: z.optional(z.string()) });

/** That an archive was given up is noted beside what it came to: noted late, it takes nothing from one that is done since. */
const attributeOf = (archivePlace: number, givenUp: string | undefined) =>
  `${givenUp === undefined ? 'a' : 'g'}${archivePlace % PROGRESS_ARCHIVES}`;

/** Of an item, by their places in its block. What an archive came to counts before that it was given up. */
function slotsOf(item: object): Map<number, z.output<typeof slot>> {
  const slots = new Map<number, z.output<typeof slot>>();
  for (const [name, value] of Object.entries(item)) {
    const [, text] = SLOT.exec(name) ?? [];
    const place = Number(text);
    if (text !== undefined && !(name.startsWith('g') && slots.has(place))) slots.set(place, slot.parse(value));
  }
  return slots;
}
