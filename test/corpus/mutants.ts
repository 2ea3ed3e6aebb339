import { readArchive } from '../../lib/archive/read-archive.ts';
import { ApiError } from '../../lib/errors.ts';
import { Random } from '../random.ts';
import { CORPUS } from './index.ts';

/** What came of damaging good archives. */
export type MutantTally = { mutants: number; refused: number; accepted: number; wrong: string[] };

/** Larger ones hold little but data, where all damage is alike. */
const BASE_BYTES = 2_000;

type Damage = (bytes: Buffer, random: Random) => Buffer;

const DAMAGES: Damage[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[random.below(bytes.length)] = random.pick([0x00, 0x01, 0x7f, 0x80, 0xff, random.below(256)]);
    return bytes;
  },
  function cutOut(bytes, random) {
    const start = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.below(60))]);
  },
  function cutShort(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length));
  },
  function repeat(bytes, random) {
    const start = random.below(bytes.length);
    const end = start + 1 + random.below(60);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  function swapBytes(bytes, random) {
    const [one, other] = [random.below(bytes.length), random.below(bytes.length)];
    [bytes[one], bytes[other]] = [bytes[other] ?? 0, bytes[one] ?? 0];
    return bytes;
  },
  function swapParts(bytes, random) {
    const length = 1 + random.below(60);
    const [one, other] = [random.below(bytes.length - length), random.below(bytes.length - length)];
    const copy = Buffer.from(bytes);
    copy.copy(bytes, one, other, other + length);
    copy.copy(bytes, other, one, one + length);
    return bytes;
  },
];

/**
 * Damages good archives of the corpus by chance, the same for a seed. One that is accepted all the same must hold what the
 * whole one holds, byte for byte under the same names; and nothing but a refusal may be thrown.
 */
export async function tryMutants(seed: number, count: number): Promise<MutantTally> {
  const random = new Random(seed);
  const { limits: _limits, bombs: _bombs, ...small } = CORPUS;
  const bases = Object.values(small)
    .flat()
    .filter(({ verdict, build }) => verdict === 'accept' && build().length <= BASE_BYTES);
  const tally: MutantTally = { mutants: 0, refused: 0, accepted: 0, wrong: [] };
  for (; tally.mutants < count; tally.mutants++) {
    const base = random.pick(bases);
    const damage = random.pick(DAMAGES);
    const mutant = damage(base.build(), random);
    const found = await contentOf(mutant);
    if (found === 'refused') tally.refused++;
    else if (found instanceof Map && isSame(found, await contentOf(base.build()))) tally.accepted++;
    else tally.wrong.push(`${base.name}, ${damage.name}, mutant ${tally.mutants} of seed ${seed}: ${String(found)}`);
  }
  return tally;
}

/** The files of an archive by their names, or what became of it. */
async function contentOf(bytes: Buffer): Promise<Map<string, Buffer> | 'refused' | Error> {
  const content = new Map<string, Buffer>();
  try {
    for await (const entry of readArchive(bytes)) content.set(entry.name, Buffer.from(entry.bytes));
    return content;
  } catch (error) {
    if (error instanceof ApiError) return 'refused';
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isSame(found: Map<string, Buffer>, whole: Awaited<ReturnType<typeof contentOf>>): boolean {
  if (!(whole instanceof Map) || whole.size !== found.size) return false;
  return [...found].every(([name, bytes]) => whole.get(name)?.equals(bytes));
}
