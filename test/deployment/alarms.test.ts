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

function subjectsOf({ id, properties }: Resource): string[] {
  const metrics = listAt(properties['Metrics'], id).map((one) => fieldsAt(one, id));
  if (metrics.length === 0) return [subjectOf(properties)];
  const [sum, ...summed] = metrics;
  expect(sum, id).toMatchObject({ Expression: 'SUM(FILL(METRICS(), 0))' });
  expect(summed.map((one) => one['ReturnData'])).toEqual(summed.map(() => false));
  // Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html
  expect(summed.length, id).toBeLessThanOrEqual(10);
  return summed.map((one) => subjectOf(fieldsAt(fieldsAt(one['MetricStat'], id)['Metric'], id)));
}

describe.each(stages)('alarms of $stage', ({ stage, template, topic }) => {
  const alarms = template.ofType('AWS::CloudWatch::Alarm');
  const alarm = (name: string) => {
    const found = alarms.find(({ properties }) => properties['AlarmName'] === `flink-job-import-${stage}-${name}`);
    if (found === undefined) throw new Error(`There is no alarm ${name}.`);
    return found;
  };

  test('tell of what is listed, and of nothing else', () => {
    const prefix = `flink-job-import-${stage}-`;
    const listed = alarms.map((one) => [
      textAt(one.properties['AlarmName'], one.id).replace(prefix, ''),
      subjectsOf(one),
    ]);
    expect(Object.fromEntries(listed)).toEqual({
      'dead-uploads': ['AWS/SQS ApproximateNumberOfMessagesVisible of UploadDeadLetters'],
      'dead-plans': ['AWS/SQS ApproximateNumberOfMessagesVisible of PlanDeadLetters'],
      'dead-archives': ['AWS/SQS ApproximateNumberOfMessagesVisible of ArchiveDeadLetters'],
      'old-uploads': ['AWS/SQS ApproximateAgeOfOldestMessage of UploadQueue'],
      'old-plans': ['AWS/SQS ApproximateAgeOfOldestMessage of PlanQueue'],
      'old-archives': ['AWS/SQS ApproximateAgeOfOldestMessage of ArchiveQueue'],
      'given-up': [`FlinkJobImport/${stage} GivenUp`],
      faults: [`FlinkJobImport/${stage} Faults`],
      errors: ['Import-archive', 'Plan-import', 'Import-queued-archive', 'Archive-uploaded', 'Manage-project'].map(
        (name) => `AWS/Lambda Errors of ${name}`,
      ),
      throttles: ['Import-jobs', 'Import-archive', 'Plan-import', 'Import-queued-archive', 'Archive-uploaded'].map(
        (name) => `AWS/Lambda Throttles of ${name}`,
      ),
      'table-throttles': [
        'AWS/DynamoDB ReadThrottleEvents of Table',
        'AWS/DynamoDB ReadThrottleEvents of Table by-id',
        'AWS/DynamoDB WriteThrottleEvents of Table',
        'AWS/DynamoDB WriteThrottleEvents of Table by-id',
      ],
      '5xx': ['AWS/ApiGateway 5xx of HttpApi'],
      latency: ['AWS/ApiGateway Latency of HttpApi'],
      'slow-reads': ['AWS/Lambda Duration of Show-job'],
    });
  });

  test('say what is wrong, are silent where nothing happens, and are sent where the parameter says, if it does', () => {
    const condition = fieldsAt(fieldsAt(template.fields['Conditions'], 'Conditions')['HasAlarmTopic'], 'HasAlarmTopic');
    expect(condition).toEqual({ 'Fn::Not': [{ 'Fn::Equals': [topic, ''] }] });
    const told = { 'Fn::If': ['HasAlarmTopic', [topic], { Ref: 'AWS::NoValue' }] };
    for (const { id, properties } of alarms) {
      expect(textAt(properties['AlarmDescription'], id), id).toMatch(/^[A-Z].{8,}\.$/);
      expect(properties, id).toMatchObject({
        TreatMissingData: 'notBreaching',
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        AlarmActions: told,
        OKActions: told,
      });
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
