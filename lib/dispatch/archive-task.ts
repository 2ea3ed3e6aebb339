import * as z from 'zod/mini';
import { seenObject } from '../store/objects.ts';

/** What a worker is told: one archive of one import. */
export const archiveTask = z.object({
  /** Of the request that the import came with, for the log. */
  requestId: z.string(),
  projectId: z.string(),
  importId: z.int(),
  /** Of the import, that hands the archive over. */
  run: z.string(),
  isCover: z.boolean(),
  archivePlace: z.int(),
  /** Whether another run may have been at the archive: a request was sent again, or the call of a worker repeated. */
  isContinued: z.boolean(),
  object: seenObject,
});

/** What a worker answers: where its outcomes are. Small ones come along, as base64 of what the table holds. */
export const archiveReply = z.union([z.object({ inline: z.base64() }), z.object({ key: z.string() })]);

export type ArchiveTask = z.infer<typeof archiveTask>;
export type ArchiveReply = z.infer<typeof archiveReply>;
