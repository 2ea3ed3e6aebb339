import { importOrder, type JobPlace, jobOrder } from '../../lib/job/order.ts';
import { type Found, readRefusal, readWrite, type Written } from '../../lib/store/write-rules.ts';
import { ALL_RULES, type Rules } from './rules.ts';

type Reading = ReturnType<typeof readRefusal>;

const { mayWrite } = ALL_RULES;

/** The last rule of reading a refusal, where another one is left out. */
const believed = ({ isCover }: JobPlace, jobId: number): Written => ({
  action: isCover ? 'superseded' : 'skipped',
  jobId,
});
const lifeOf = (found: Found | undefined) => found?.was ?? found;
const idOf = (found: Found | undefined) => lifeOf(found)?.job_id ?? 0;

/** Reads a refusal, and some readings in another way. */
const reading =
  (instead: (place: JobPlace, found: Found | undefined, read: Reading) => Reading | undefined): Rules['readRefusal'] =>
  (place, found) => {
    const read = readRefusal(place, found);
    return instead(place, found, read) ?? read;
  };

/** A number for each job, where its import's is to be. */
const jobNumber = ({ importId, archivePlace, jobPlace }: JobPlace) => importId * 100 + archivePlace * 10 + jobPlace;
/** What is found, as created by our import if by the very job. */
function byJob<T extends Pick<Found, 'created_by'>>(place: JobPlace, found: T): T {
  return { ...found, created_by: found.created_by === jobNumber(place) ? place.importId : 0 };
}

const CONDITION: Record<string, Partial<Rules>> = {
  'a cover is written whatever it meets': {
    mayWrite: (place, item) => place.isCover || mayWrite(place, item),
  },
  'a cover compares its order with those of its own import only': {
    mayWrite: (place, item) => {
      const isOther = item?.order !== undefined && !item.order.startsWith(importOrder(place));
      const isBuried = item?.deleted !== undefined && item.deleted >= place.importId;
      return (place.isCover && isOther && !isBuried) || mayWrite(place, item);
    },
  },
  'a cover compares its number with those of imports without': {
    mayWrite: (place, item) => {
      const isBefore = item?.order === undefined || item.order.slice(2) < jobOrder(place).slice(2);
      return (!place.isCover || isBefore) && mayWrite(place, item);
    },
    readRefusal: reading((place, found, { action }) => {
      return action === 'again' && found?.job_id ? believed(place, found.job_id) : undefined;
    }),
  },
  'the first to write of an import without cover stays': {
    mayWrite: (place, item) => (place.isCover || item?.job_id === undefined) && mayWrite(place, item),
    readRefusal: reading((_, found, { action }) => {
      return action === 'again' && found?.job_id ? { action: 'created', jobId: found.job_id } : undefined;
    }),
  },
  'a tombstone lets every import through': {
    mayWrite: (place, item) => (item !== undefined && item.job_id === undefined) || mayWrite(place, item),
  },
  'a cover of before a deletion is written into the next life': {
    mayWrite: (place, item) => mayWrite(place, item?.job_id === undefined ? item : { ...item, deleted: undefined }),
  },
  'a new life forgets the deletion': { keepDeleted: () => undefined },
  'the creator is the very job, not its import': {
    creatorOf: jobNumber,
    readWrite: (place, newJobId, old) => readWrite(place, newJobId, old && byJob(place, old)),
    readRefusal: (place, found) => {
      const item = found && byJob(place, found);
      return readRefusal(place, item && { ...item, was: item.was && byJob(place, item.was) });
    },
  },
};

const READING: Record<string, Partial<Rules>> = {
  'a refusal that holds no more is believed (reading without rule 1)': {
    readRefusal: reading((place, found, { action }) => (action === 'again' ? believed(place, idOf(found)) : undefined)),
  },
  'a tombstone without a number is believed (reading without rule 1)': {
    readRefusal: reading((place, found, { action }) => {
      return action === 'unnumbered' && found ? readRefusal(place, { ...found, deleted: place.importId }) : undefined;
    }),
  },
  'our own order is read as any other (reading without rule 2)': {
    readRefusal: reading((place, found, { action }) => {
      return action === 'overwritten' ? believed(place, idOf(found)) : undefined;
    }),
  },
  'a job of our import is read as any other (reading without rule 3)': {
    readRefusal: reading((place, found, { action }) => {
      if (action !== 'duplicate') return undefined;
      return lifeOf(found)?.created_by === place.importId
        ? { action: 'created', jobId: idOf(found) }
        : believed(place, idOf(found));
    }),
  },
  'what we created is read as any other (reading without rule 4)': {
    readRefusal: reading((place, found, { action }) => {
      return action === 'created' && lifeOf(found)?.order !== jobOrder(place)
        ? believed(place, idOf(found))
        : undefined;
    }),
  },
  'a tombstone is not read as the job that it was': {
    readRefusal: reading((place, found, { action }) => {
      const isRead = found?.job_id !== undefined || action === 'again' || action === 'unnumbered';
      return isRead ? undefined : believed(place, idOf(found));
    }),
  },
};

const DELETION: Record<string, Partial<Rules>> = {
  'a delete leaves nothing': { tombstoneOf: () => undefined },
  'a delete ends whatever job has the name': { mayDelete: (item) => item.job_id !== undefined },
  'no tombstone is numbered': { mayNumber: () => false },
  'the number is read before the deletion takes effect': { isNumberReadFirst: true },
  'who meets a tombstone numbers it with its own number': { numberMet: (_, importId) => importId },
  'a tombstone is numbered again': { mayNumber: (item, jobId) => item.was?.job_id === jobId },
  'the tombstone of another life is numbered': {
    mayNumber: (item) => item.job_id === undefined && item.deleted === undefined,
  },
};

const OUTCOMES: Record<string, Partial<Rules>> = {
  'a later run stores its outcomes over others': { mayStore: () => true },
  'a later run does again what is settled': { isDoneAgain: () => true },
  'a later run replaces all outcomes': { mayStore: () => true, isDoneAgain: () => true },
};

/** The rules with one left out each, named by what is done instead. */
export const LEFT_OUT = { ...CONDITION, ...READING, ...DELETION, ...OUTCOMES };
