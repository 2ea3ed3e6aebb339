import pMap from 'p-map';
import { EXPORT_REMOVALS } from '../limits.ts';
import type { Blobs } from '../store/blobs.ts';
import { type ObjectPlace, putNewArchive, removeNewArchive } from '../store/objects.ts';

type Options = {
  s3: Blobs['s3'];
  /** Its key ends in `/`, or is empty. */
  folder: ObjectPlace;
  /** Unlike that of any other export. */
  exportId: string;
};

/** `aggregate_<ms>.zip`. */
export const fileName = (time: number): string => `aggregate_${time}.zip`;

/** The files that one export writes. */
export class ExportFiles {
  readonly #options: Options;
  /** The last one may not be there, if its call failed. */
  readonly #places: ObjectPlace[] = [];
  #time = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Paths of what was written, bucket first, in the order of writing. */
  get paths(): string[] {
    return this.#places.map(pathOf);
  }

  /** Writes a file under the time in milliseconds, or the next one that is free. No two have the same. */
  async write(bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const { s3, folder, exportId: madeBy } = this.#options;
    for (;;) {
      this.#time = Math.max(Date.now(), this.#time + 1);
      const place = { ...folder, key: `${folder.key}${fileName(this.#time)}` };
      // Before the call: one that fails may yet take effect.
      this.#places.push(place);
      if (await putNewArchive(s3, place, bytes, { madeBy, abortSignal })) return;
      this.#places.pop();
    }
  }

  /**
   * Removes all that was written.
   * @param onFault hears why something could not be removed.
   * @returns the paths of what may be there still.
   */
  async remove(abortSignal: AbortSignal, onFault: (error: unknown) => void): Promise<string[]> {
    const { s3, exportId: madeBy } = this.#options;
    const left: string[] = [];
    const removeOne = async (place: ObjectPlace) => {
      try {
        await removeNewArchive(s3, place, { madeBy, abortSignal });
      } catch (error) {
        onFault(error);
        left.push(pathOf(place));
      }
    };
    await pMap(this.#places, removeOne, { concurrency: EXPORT_REMOVALS });
    return left.sort();
  }
}

const pathOf = ({ bucket, key }: ObjectPlace) => `${bucket}/${key}`;
