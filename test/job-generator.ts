import type { Random } from './random.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
const WORDS = [
  'SELECT',
  'INSERT INTO',
  'orders',
  'é',
  '作业',
  '😀',
  '"quoted"',
  'a\\b',
  'tab\t',
  '\n',
  '\u2028',
  '\u0001',
  '/',
];
/** Numbers as documents write them, of which a double would lose or change some. */
const NUMBERS = ['0', '-0', '1', '1.0', '1.10', '1E5', '1e-7', '0.1000', '9007199254740993', '-9223372036854775808'];
const MODES: unknown[] = [1, 2, 'exactly_once', 'at_least_once'];
const TYPES = ['flink_sql_job', 'flink_opensource_sql_job', 'flink_sql_edge_job', 'flink_jar_job'];

/** Jobs as archives may hold them: nested and flat, with fields that the API does not know, in their JSON. */
export function makeJobs(random: Random, count: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    // Some names differ from the one before in case only.
    const name = at % 20 === 1 ? `JOB-${at - 1}` : `job-${at}`;
    return JSON.stringify(shuffle(random, makeJob(random, name)));
  });
}

function makeJob(random: Random, name: string): Record<string, unknown> {
  const config = some(random, {
    cu_number: () => random.below(100),
    parallel_number: () => 1 + random.below(2_000),
    checkpoint_enabled: () => random.below(2) === 0,
    checkpoint_mode: () => random.pick(MODES),
    checkpoint_interval: () => random.below(1_000),
    obs_bucket: () => random.pick([null, 'bucket']),
    idle_state_retention: () => JSON.rawJSON(String(2n ** 62n + BigInt(random.below(1_000)))),
    dependency_jars: () => Array.from({ length: random.below(4) }, () => text(random, 10)),
    runtime_config: () => JSON.stringify({ 'table.exec': text(random, 3) }),
    resource_config: () => ({ max_slot: random.below(9), nested: unknown(random, 3) }),
    // Of a name of its own in each form: the flat one has it at the top.
    root_id: () => -1,
  });
  const isFlat = random.below(3) === 0;
  const { root_id: _, ...flat } = config;
  return {
    name,
    ...some(random, {
      job_id: () => random.pick<unknown>([random.below(1e9), JSON.rawJSON('9223372036854775807'), '77', 'x', null]),
      desc: () => text(random, 20),
      job_type: () => random.pick(TYPES),
      queue_name: () => random.pick([null, text(random, 5)]),
      sql_body: () => (random.below(50) === 0 ? noise(random, 500_000) : text(random, 200)),
      status: () => 'job_running',
      create_time: () => 1_582_677_879_475,
      tags: () => Array.from({ length: random.below(21) }, (_, n) => ({ key: `k${n}`, value: text(random, 4) })),
      x_unknown: () => unknown(random, 4),
      'x unknown: 目录': () => unknown(random, 1),
    }),
    ...(isFlat ? flat : { job_config: { ...config, ...some(random, { y_unknown: () => unknown(random, 3) }) } }),
  };
}

/** About half of some fields. */
function some(random: Random, fields: Record<string, () => unknown>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(() => random.below(2) === 0);
  return Object.fromEntries(kept.map(([field, make]) => [field, make()]));
}

function unknown(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 7 : 5);
  if (kind === 0) return null;
  if (kind === 1) return random.below(2) === 0;
  if (kind === 2) return text(random, 5);
  if (kind <= 4) return JSON.rawJSON(random.pick(NUMBERS));
  const values = Array.from({ length: random.below(5) }, () => unknown(random, depth - 1));
  return kind === 5 ? values : Object.fromEntries(values.map((value) => [text(random, 2), value]));
}

function text(random: Random, words: number): string {
  return Array.from({ length: random.below(words + 1) }, () => random.pick(WORDS)).join(' ');
}

/** Text that deflate cannot bring below what an item takes. */
function noise(random: Random, characters: number): string {
  return Array.from({ length: characters }, () => LETTERS[random.below(LETTERS.length)]).join('');
}

function shuffle(random: Random, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .map((field) => ({ field, place: random.next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ field }) => field),
  );
}
