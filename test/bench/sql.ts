import type { Random } from '../random.ts';

const SUBJECTS = [
  'order',
  'customer',
  'payment',
  'click',
  'session',
  'device',
  'invoice',
  'shipment',
  'account',
  'event',
];
const FIELDS = [
  'id',
  'amount',
  'price',
  'status',
  'country',
  'created_at',
  'updated_at',
  'currency',
  'channel',
  'score',
];
const TYPES = ['STRING', 'BIGINT', 'DECIMAL(18, 2)', 'TIMESTAMP(3)', 'BOOLEAN', 'DOUBLE'];
const CONNECTORS = ['kafka', 'jdbc', 'upsert-kafka', 'filesystem', 'elasticsearch-7'];

/** Text of a Flink SQL job, of so many bytes: tables with their connectors, and statements between them. */
export function sqlOf(random: Random, bytes: number): string {
  let text = '';
  while (text.length < bytes) text += random.below(2) === 0 ? tableOf(random) : insertOf(random);
  return text.slice(0, bytes);
}

const nameOf = (random: Random) => `${random.pick(SUBJECTS)}_${random.pick(SUBJECTS)}_${random.below(1_000)}`;
const fieldOf = (random: Random) => `${random.pick(SUBJECTS)}_${random.pick(FIELDS)}`;

function tableOf(random: Random): string {
  const fields = Array.from({ length: 3 + random.below(8) }, () => `  ${fieldOf(random)} ${random.pick(TYPES)}`);
  const connector = random.pick(CONNECTORS);
  const address = `10.${random.below(256)}.${random.below(256)}.${random.below(256)}:${9_000 + random.below(1_000)}`;
  return `CREATE TABLE ${nameOf(random)} (\n${fields.join(',\n')}\n) WITH (\n  'connector' = '${connector}',
  'topic' = '${nameOf(random)}',\n  'properties.bootstrap.servers' = '${address}',\n  'format' = 'json'\n);\n`;
}

function insertOf(random: Random): string {
  const fields = Array.from({ length: 2 + random.below(6) }, () => fieldOf(random));
  const where = `${fieldOf(random)} > ${random.below(1e6)} AND ${fieldOf(random)} IS NOT NULL`;
  return `INSERT INTO ${nameOf(random)}\nSELECT ${fields.join(', ')}, COUNT(*) AS total_${random.below(100)}
FROM ${nameOf(random)}\nWHERE ${where}\nGROUP BY TUMBLE(created_at, INTERVAL '${1 + random.below(59)}' MINUTE), ${fieldOf(random)};\n`;
}
