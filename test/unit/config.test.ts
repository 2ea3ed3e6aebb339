import { describe, expect, test } from 'vitest';
import {
  bucketVariables,
  metricVariables,
  projectVariables,
  readConfig,
  secretVariables,
  tableVariables,
  workerVariables,
} from '../../lib/config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');
const all = {
  ...tableVariables,
  ...bucketVariables,
  ...workerVariables,
  ...secretVariables,
  ...projectVariables,
  ...metricVariables,
};
const environment = {
  TABLE_NAME: 't',
  BUCKET_NAME: 'b',
  BUCKET_OWNER: '111',
  WORKER_FUNCTION: 'w',
  LOCATION_BUCKETS: 'x,y',
  POWERTOOLS_METRICS_NAMESPACE: 'm',
  SECRET_KEYS: `k1:${KEY}`,
};

function messageOf(given: NodeJS.ProcessEnv, variables = all): string {
  try {
    readConfig(given, variables);
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('Expected a refusal, found a configuration');
}

describe('the configuration', () => {
  test('holds the variables that were asked for and no other', () => {
    expect(readConfig({ ...environment, HOME: '/' }, tableVariables)).toStrictEqual({ TABLE_NAME: 't' });
    expect(Object.keys(readConfig(environment, all)).sort()).toEqual(Object.keys(environment).sort());
  });

  test('names every missing variable at once', () => {
    const message = messageOf({});
    for (const name of Object.keys(environment)) expect(message).toContain(`${name}: expected string, found nothing`);
    expect(message).toMatch(/^environment variables: /);
  });

  test('names an empty one', () => {
    expect(messageOf({ ...environment, TABLE_NAME: '' })).toMatch(/^environment variables: TABLE_NAME: /);
  });

  test('never tells a value', () => {
    const message = messageOf({ ...environment, TABLE_NAME: '', SECRET_KEYS: `hunter2:${KEY},hunter2` });
    expect(message).toContain('TABLE_NAME');
    expect(message).toContain('SECRET_KEYS');
    expect(message).not.toMatch(/hunter2|BwcH/);
  });
});

describe('LOCATION_BUCKETS', () => {
  test.each([
    ['', []],
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [',a,,b,', ['a', 'b']],
  ])('of %j are %j', (text, buckets) => {
    const { LOCATION_BUCKETS } = readConfig({ ...environment, LOCATION_BUCKETS: text }, projectVariables);
    expect(LOCATION_BUCKETS).toEqual(buckets);
  });
});

describe('SECRET_KEYS', () => {
  test('are kept in their order, the first one first', () => {
    const { SECRET_KEYS } = readConfig({ ...environment, SECRET_KEYS: `k2:${OTHER_KEY},k1:${KEY}` }, secretVariables);
    expect([...SECRET_KEYS]).toEqual([
      ['k2', Buffer.alloc(32, 8)],
      ['k1', Buffer.alloc(32, 7)],
    ]);
  });

  test.each([
    '',
    ',',
    'k1',
    'k1:',
    ':',
    `:${KEY}`,
    KEY,
    `k1:${Buffer.alloc(31).toString('base64')}`,
    `k1:${Buffer.alloc(33).toString('base64')}`,
    `k1:${KEY},k2`,
    `k1:${KEY},k1:${OTHER_KEY}`,
  ])('are refused unless each has an id of its own and 32 bytes: %j', (text) => {
    expect(messageOf({ ...environment, SECRET_KEYS: text })).toBe(
      'environment variables: SECRET_KEYS: expected id:base64 of 32 bytes, one or more of different ids, separated by commas',
    );
  });
});
