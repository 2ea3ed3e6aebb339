import { expect, test } from 'vitest';
import { GREEDY } from '../corpus/greedy.ts';
import { judgeApart } from '../reliability/archives.ts';

// The figures measure all archives of the corpus.
const ALLOWED_MB = 128;
/** Looks at one archive, at most: on a busy machine garbage is collected late, which is not what the archive takes. */
const LOOKS = 3;

test.each(GREEDY)(
  '$name is judged as it must be and takes little memory, in a process of its own',
  async ({ build, verdict }) => {
    const bytes = build();
    const allowed = ALLOWED_MB + (2 * bytes.length) / 1e6;
    let lowest = Number.POSITIVE_INFINITY;
    for (let look = 0; look < LOOKS && lowest >= allowed; look++) {
      for await (const judged of judgeApart([bytes])) {
        expect(judged).toMatchObject({ found: verdict, isLeaking: false });
        lowest = Math.min(lowest, judged?.peakMb ?? lowest);
      }
    }
    expect(lowest).toBeLessThan(allowed);
  },
);
