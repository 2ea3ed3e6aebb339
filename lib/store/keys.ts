import { sortable, sortablePlace } from '../job/order.ts';

/** Partitions of the index by id: a project's list is one query to each, its writes spread over all of them. */
const ID_SHARDS = 8;

export type Key = { pk: string; sk: string };

export const projectKey = (projectId: string): Key => ({ pk: `project#${projectId}`, sk: 'project' });

/** All projects in one partition, for the operator's list. */
export const directoryKey = (projectId: string): Key => ({ pk: 'projects', sk: projectId });

export const counterKey = (projectId: string): Key => ({ pk: `counter#${projectId}`, sk: 'counter' });

/** @param id SHA-256 of a token, or an access key. */
export const credentialKey = (id: string): Key => ({ pk: `credential#${id}`, sk: 'credential' });

/** The credentials of a project in one partition, for its list of keys. */
export const credentialDirectoryKey = (projectId: string, id: string): Key => ({ pk: `keys#${projectId}`, sk: id });

export const jobKey = (projectId: string, name: string): Key => ({ pk: `job#${projectId}#${name}`, sk: 'job' });

export const importKey = (projectId: string, importId: number): Key => ({
  pk: `imports#${projectId}`,
  sk: sortable(importId),
});

/** @param keyHash SHA-256 of an Idempotency-Key. */
export const requestKey = (projectId: string, keyHash: string): Key => ({
  pk: `request#${projectId}#${keyHash}`,
  sk: 'request',
});

/** @param keyHash SHA-256 of the object's key. */
export const uploadKey = (projectId: string, keyHash: string): Key => ({
  pk: `upload#${projectId}#${keyHash}`,
  sk: 'upload',
});

/** The imports of a project that are on the queue. */
export const queuedKey = (projectId: string): Key => ({ pk: `queued#${projectId}`, sk: 'queued' });

/** What the sort keys of outcomes, and of progress, begin with. */
export const OUTCOMES = 'archive#';
export const PROGRESS = 'progress#';

export const outcomesKey = (projectId: string, importId: number, archivePlace: number): Key => ({
  pk: `import#${projectId}#${importId}`,
  sk: `${OUTCOMES}${sortablePlace(archivePlace)}`,
});

/** @param block of archives, from 0. */
export const progressKey = (projectId: string, importId: number, block: number): Key => ({
  pk: outcomesKey(projectId, importId, 0).pk,
  sk: `${PROGRESS}${sortablePlace(block)}`,
});

/** The place of the archive that an item of outcomes is of. */
export const archivePlaceOf = ({ sk }: Pick<Key, 'sk'>): number => Number(sk.slice(OUTCOMES.length));

/** Partition of the index by id that holds a job. */
export const idShard = (projectId: string, jobId: number): string => `${projectId}#${jobId % ID_SHARDS}`;

export const idShards = (projectId: string): string[] =>
  Array.from({ length: ID_SHARDS }, (_, shard) => `${projectId}#${shard}`);
