import { readFileSync } from 'node:fs';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { COUNTED, Meter, TIMED } from '../../lib/meter.ts';
import { createLogger } from '../../lib/observe.ts';
import { lambdaContext } from './api-event.ts';

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.stubEnv('AWS_LAMBDA_INITIALIZATION_TYPE', 'on-demand');
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const newMeter = () => new Meter({ POWERTOOLS_METRICS_NAMESPACE: 'Space/stage' }, createLogger());
const parsed = () => lines.map((line) => JSON.parse(line));
/** What was counted, without the lines of a cold start. */
const counted = () => parsed().filter((line) => '_aws' in line && !('ColdStart' in line));

/** A function that does something for each of its invocations. */
function handlerOf(meter: Meter, act: (invocation: number) => unknown) {
  let invocations = 0;
  const handler = middy<unknown, unknown>()
    .use(meter.around('Duration.import'))
    .handler(async () => act(++invocations));
  return () => handler({}, lambdaContext());
}

describe('what a function counts', () => {
  test('is one line, in the namespace of the stage', async () => {
    const meter = newMeter();
    await handlerOf(meter, () => {
      meter.count('Imports');
      meter.countEach('Jobs', { created: 3, failed: 1 });
      meter.countEach('Refusals', { 'archive.crc': 1 });
      meter.onRetries(2);
      meter.onRetries(1);
    })();
    expect(counted()).toHaveLength(1);
    expect(counted()[0]).toMatchObject({
      service: 'flink-job-import',
      Imports: 1,
      'Jobs.created': 3,
      'Jobs.failed': 1,
      'Refusals.archive.crc': 1,
      Retries: 3,
      'Duration.import': expect.any(Number),
    });
    const [{ _aws: emf }] = counted();
    expect(emf.CloudWatchMetrics).toMatchObject([{ Namespace: 'Space/stage', Dimensions: [['service']] }]);
    const units = Object.fromEntries(
      emf.CloudWatchMetrics[0].Metrics.map(({ Name, Unit }: { Name: string; Unit: string }) => [Name, Unit]),
    );
    expect(units).toMatchObject({ Imports: 'Count', Retries: 'Count', 'Duration.import': 'Milliseconds' });
  });

  test('is told of each invocation alone', async () => {
    const meter = newMeter();
    const run = handlerOf(meter, (invocation) => invocation === 1 && meter.onRetries(4));
    await run();
    await run();
    expect(counted()).toMatchObject([{ Retries: 4 }, { Retries: 0 }]);
  });

  test('is told of one that fails, too, which still fails', async () => {
    const meter = newMeter();
    const fail = () => {
      meter.count('Imports');
      throw new Error('what the function failed with');
    };
    await expect(handlerOf(meter, fail)()).rejects.toThrow('what the function failed with');
    expect(counted()).toMatchObject([{ Imports: 1 }]);
  });

  test('tells of a cold start once, with the name of the function', async () => {
    const run = handlerOf(newMeter(), () => undefined);
    await run();
    await run();
    expect(parsed().filter((line) => 'ColdStart' in line)).toMatchObject([{ ColdStart: 1, function_name: 'function' }]);
  });

  test('fails nothing else when it cannot be counted or written', async () => {
    const meter = newMeter();
    const run = handlerOf(meter, () => {
      meter.count(`Jobs.${'x'.repeat(256)}`);
      return 'answer';
    });
    expect(await run()).toBe('answer');
    expect(parsed()).toContainEqual(expect.objectContaining({ level: 'WARN', message: 'metrics' }));
    vi.spyOn(Metrics.prototype, 'publishStoredMetrics').mockImplementation(() => {
      throw new Error('no room');
    });
    await expect(run()).resolves.toBe('answer');
  });
});

test('docs/operations.md tells of every metric with its unit, and of no other', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const filtered = [...read('serverless.yml').matchAll(/\bMetricName: (\w+), MetricValue/g)].map(([, name]) => name);
  const expected = [
    ...[...COUNTED, ...filtered, 'ColdStart'].map((name) => `${name} Count`),
    ...TIMED.map((name) => `${name} Milliseconds`),
  ];
  const [, section = ''] = /^## Metrics$(.*?)^## /ms.exec(read('docs/operations.md')) ?? [];
  const told = [...section.matchAll(/^\| `([^`]+)` \| (\w+) \|/gm)].map(([, name, unit]) => `${name} ${unit}`);
  expect(filtered).toEqual(['Faults', 'GivenUp']);
  expect(told.toSorted()).toEqual(expected.toSorted());
});
