import { describe, expect, inject, test } from 'vitest';
import { DEADLY_RECEIVES, HTTP_MS, IMPORT_ANSWER_MS } from '../../lib/limits.ts';
import { type Fields, fieldsAt, listAt, numberAt, textAt } from '../../local/shapes.ts';
import { ALARM_TOPIC } from './global-setup.ts';
import { type Resource, resolved, Template, targetOf } from './template.ts';

const packages = inject('packages');
const stages = [
  { stage: 'dev', template: new Template(packages.dev), topic: '' },
  { stage: 'prod', template: new Template(packages.prod), topic: ALARM_TOPIC },
];

const names = (reference: string) => reference;

/** What an alarm is about, in words: `AWS/SQS ApproximateAgeOfOldestMessage of PlanQueue`. */
function subjectOf({ Namespace, MetricName, Dimensions }: Fields): string {
  const of = listAt(Dimensions, 'Dimensions').map((one) => {
    const value = resolved(fieldsAt(one, 'Dimensions')['Value'], names);
    return value.replace(/LambdaFunction$|\.QueueName$/, '').replaceAll('Dash', '-');
  });
  return `${Namespace} ${MetricName}${of.length > 0 ? ` of ${of.join(' ')}` : ''}`;
}

/**
 * The properties that CloudFormation knows, of those that this deployment has a use for.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
 */
const KNOWN = new Set([
  'AlarmActions',
  'AlarmDescription',
  'AlarmName',
  'ComparisonOperator',
  'DatapointsToAlarm',
  'Dimensions',
  'EvaluationPeriods',
  'ExtendedStatistic',
  'MetricName',
  'Metrics',
  'Namespace',
  'OKActions',
  'Period',
  'Statistic',
  'Threshold',
  'TreatMissingData',
]);

/** What an alarm is about, and how it judges that: all of it but its name, its text and whom it tells. */
function judgementOf({ id, properties }: Resource) {
  const { AlarmName: _, AlarmDescription: __, AlarmActions: ___, OKActions: ____, ...own } = properties;
  const { Namespace, MetricName, Dimensions, Metrics, ...how } = own;
  if (Metrics === undefined) return { of: [subjectOf({ Namespace, MetricName, Dimensions })], ...how };
  expect([Namespace, MetricName, Dimensions], id).toEqual([undefined, undefined, undefined]);
  const [sum, ...summed] = listAt(Metrics, id).map((one) => fieldsAt(one, id));
  expect(sum, id).toEqual({ Id: 'all', Label: 'all', Expression: 'SUM(FILL(METRICS(), 0))' });
  // Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
  expect(summed.length, id).toBeLessThanOrEqual(10);
  const of = summed.map((one, n) => {
    const { Metric, ...measured } = fieldsAt(one['MetricStat'], id);
    expect({ ...one, MetricStat: measured }, id).toEqual({
      Id: `m${n}`,
      ReturnData: false,
      MetricStat: { Stat: 'Sum', Period: 300 },
    });
    return subjectOf(fieldsAt(Metric, id));
  });
  return { of, ...how };
}

const ALWAYS = { TreatMissingData: 'notBreaching', ComparisonOperator: 'GreaterThanOrEqualToThreshold' };
const ONCE = { ...ALWAYS, EvaluationPeriods: 1 };
/** A quarter of an hour: in each of three periods. */
const LONG = { ...ALWAYS, EvaluationPeriods: 3 };
const highest = { ...ONCE, Statistic: 'Maximum', Period: 300 };
const sum = { ...ONCE, Statistic: 'Sum', Period: 300 };

describe.each(stages)('alarms of $stage', ({ stage, template, topic }) => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm');
  const alarm = (name: string) => {
    const found = alarms.find(({ properties }) => properties['AlarmName'] === `flink-job-import-${stage}-${name}`);
    if (found === undefined) throw new Error(`There is no alarm ${name}.`);
    return found;
  };

  test('tell of what is listed, at what is listed, and of nothing else', () => {
    const prefix = `flink-job-import-${stage}-`;
    const found = alarms.map((one) => [
      textAt(one.properties['AlarmName'], one.id).replace(prefix, ''),
      judgementOf(one),
    ]);
    expect(found).toHaveLength(14);
    const lambda = (metric: string, names: string[]) => names.map((name) => `AWS/Lambda ${metric} of ${name}`);
    const beside = ['Import-archive', 'Plan-import', 'Import-queued-archive', 'Archive-uploaded'];
    const dead = 'AWS/SQS ApproximateNumberOfMessagesVisible of';
    const old = 'AWS/SQS ApproximateAgeOfOldestMessage of';
    expect(Object.fromEntries(found)).toEqual({
      'dead-uploads': { of: [`${dead} UploadDeadLetters`], ...highest, Threshold: 1 },
      'dead-plans': { of: [`${dead} PlanDeadLetters`], ...highest, Threshold: 1 },
      'dead-archives': { of: [`${dead} ArchiveDeadLetters`], ...highest, Threshold: 1 },
      'old-uploads': { of: [`${old} UploadQueue`], ...highest, Threshold: 1_800 },
      'old-plans': { of: [`${old} PlanQueue`], ...highest, Threshold: 2_700 },
      'old-archives': { of: [`${old} ArchiveQueue`], ...highest, Threshold: 7_200 },
      'given-up': { of: [`FlinkJobImport/${stage} GivenUp`], ...sum, Threshold: 1 },
      faults: { of: [`FlinkJobImport/${stage} Faults`], ...sum, Threshold: 5 },
      // Not of manage-project: it throws what its operator mistyped, and he sees it.
      errors: { of: lambda('Errors', beside), ...ONCE, Threshold: 3 },
      throttles: { of: lambda('Throttles', ['Import-jobs', ...beside]), ...LONG, Threshold: 10 },
      'table-throttles': {
        of: [
          'AWS/DynamoDB ReadThrottleEvents of Table',
          'AWS/DynamoDB ReadThrottleEvents of Table by-id',
          'AWS/DynamoDB WriteThrottleEvents of Table',
          'AWS/DynamoDB WriteThrottleEvents of Table by-id',
        ],
        ...LONG,
        Threshold: 100,
      },
      '5xx': { of: ['AWS/ApiGateway 5xx of HttpApi'], ...sum, Threshold: 5 },
      latency: {
        of: ['AWS/ApiGateway Latency of HttpApi'],
        ...LONG,
        ExtendedStatistic: 'p99',
        Period: 300,
        Threshold: 27_000,
      },
      'slow-reads': {
        of: ['AWS/Lambda Duration of Show-job'],
        ...LONG,
        ExtendedStatistic: 'p95',
        Period: 300,
        Threshold: 3_000,
      },
    });
  });

  test('say what is wrong in words that CloudFormation knows, and are sent where the parameter says, if it does', () => {
    const condition = fieldsAt(fieldsAt(template.fields['Conditions'], 'Conditions')['HasAlarmTopic'], 'HasAlarmTopic');
    expect(condition).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [topic, ''] }] });
    const told = { 'Fn::If': ['HasAlarmTopic', [topic], { Ref: 'AWS::NoValue' }] };
    for (const { id, properties } of alarms) {
      expect(textAt(properties['AlarmDescription'], id), id).toMatch(/^[A-Z].{8,}\.$/);
      expect(properties, id).toMatchObject({ AlarmActions: told, OKActions: told });
      expect(
        Object.keys(properties).filter((name) => !KNOWN.has(name)),
        id,
      ).toEqual([]);
    }
  });

  test('wait as long as some tries of a message take, and as an answer may', () => {
    for (const [name, queue] of [
      ['old-uploads', 'UploadQueue'],
      ['old-plans', 'PlanQueue'],
      ['old-archives', 'ArchiveQueue'],
    ] as const) {
      const tries = DEADLY_RECEIVES * numberAt(template.resource(queue).properties['VisibilityTimeout'], queue);
      expect(alarm(name).properties['Threshold'], name).toBeGreaterThan(tries);
    }
    expect(alarm('latency').properties['Threshold']).toBeGreaterThan(IMPORT_ANSWER_MS);
    expect(alarm('latency').properties['Threshold']).toBeLessThan(HTTP_MS);
  });

  test('count the faults of every function that logs, and what was given up', () => {
    const counted = new Map<string, string[]>();
    for (const { id, properties } of template.ofType('AWS::Logs::MetricFilter')) {
      const group = template.resource(targetOf(properties['LogGroupName'])).properties['LogGroupName'];
      const [metric] = listAt(properties['MetricTransformations'], id).map((one) => fieldsAt(one, id));
      expect(metric, id).toMatchObject({ MetricNamespace: `FlinkJobImport/${stage}`, MetricValue: '1' });
      const key = textAt(group, id).replace(`/aws/lambda/flink-job-import-${stage}-`, '');
      counted.set(key, [...(counted.get(key) ?? []), `${metric?.['MetricName']} ${properties['FilterPattern']}`]);
    }
    const faults = 'Faults { ($.message = "fault") || ($.error_code = "DLI.0999") }';
    // One has no log, and two do nothing that could fail.
    const silent = ['manage-project', 'show-openapi', 'unknown-route'];
    const logging = [...template.functions().keys()].filter((key) => !silent.includes(key));
    expect(Object.fromEntries(counted)).toEqual({
      ...Object.fromEntries(logging.map((key) => [key, [faults]])),
      'import-queued-archive': [faults, 'GivenUp { $.outcome = "given_up" }'],
      'plan-import': [faults, 'GivenUp { $.outcome = "interrupted" }'],
    });
  });
});
