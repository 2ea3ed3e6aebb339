import { describe, expect, test } from 'vitest';
import { mappingOf } from '../../local/event-source-mapping.ts';
import { isWanted, notificationsOf, queuesOf } from '../../local/queue-resources.ts';
import { References } from '../../local/references.ts';

const references = new References({}, { 'Q.Arn': 'arn:aws:sqs:r:0:name', 'Dead.Arn': 'arn:aws:sqs:r:0:dead' });
const arn = { 'Fn::GetAtt': 'Q.Arn' };

describe('a queue', () => {
  const read = (Properties: object) => queuesOf({ Q: { Type: 'AWS::SQS::Queue', Properties } }, references);

  test('has a name by its ARN, and attributes as texts', () => {
    const RedrivePolicy = { deadLetterTargetArn: { 'Fn::GetAtt': 'Dead.Arn' }, maxReceiveCount: 5 };
    const names = { QueueName: 'deployed', RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [] } };
    expect(read({ ...names, VisibilityTimeout: 180, SqsManagedSseEnabled: true, RedrivePolicy })).toEqual([
      {
        name: 'name',
        arn: 'arn:aws:sqs:r:0:name',
        attributes: {
          VisibilityTimeout: '180',
          SqsManagedSseEnabled: 'true',
          RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:r:0:dead","maxReceiveCount":5}',
        },
      },
    ]);
  });

  test('that is not as expected is named', () => {
    expect(() => read({ RedrivePolicy: { deadLetterTargetArn: arn } })).toThrow(
      'resources.Resources.Q.Properties.RedrivePolicy.maxReceiveCount: expected a number, found undefined.',
    );
    expect(() => read({ Tags: [] })).toThrow('resources.Resources.Q.Properties.Tags: expected a text or a reference');
    expect(() => queuesOf({ Other: { Type: 'AWS::SQS::Queue' } }, references)).toThrow(
      'resources.Resources.Other: no local value for the reference Other.Arn.',
    );
  });
});

describe('a notification', () => {
  const read = (...QueueConfigurations: object[]) =>
    notificationsOf({ B: { Properties: { NotificationConfiguration: { QueueConfigurations } } } }, 'B', references);
  const rules = (...Rules: object[]) => ({ Event: 's3:ObjectCreated:*', Queue: arn, Filter: { S3Key: { Rules } } });

  test('wants what its event and its filter say', () => {
    const [all, puts, filtered] = read(
      { Event: 's3:ObjectCreated:*', Queue: arn },
      { Event: 's3:ObjectCreated:Put', Queue: arn },
      rules({ Name: 'Prefix', Value: 'in/' }, { Name: 'suffix', Value: '.zip' }),
    );
    const wanted = (event: string, key: string) =>
      [all, puts, filtered].map((one) => one !== undefined && isWanted(one, event, key));
    expect(wanted('ObjectCreated:Put', 'in/a.zip')).toEqual([true, true, true]);
    expect(wanted('ObjectCreated:Post', 'in/a.zip')).toEqual([true, false, true]);
    expect(wanted('ObjectCreated:Put', 'in/a.txt')).toEqual([true, true, false]);
    expect(wanted('ObjectCreated:Put', 'out/in/a.zip')).toEqual([true, true, false]);
    expect(wanted('ObjectRemoved:Delete', 'in/a.zip')).toEqual([false, false, false]);
  });

  test('that is not as expected is named; a bucket may have none', () => {
    expect(() => read(rules({ Name: 'infix', Value: 'a' }))).toThrow('Filter: infix is not supported here.');
    expect(() => read({ Queue: arn })).toThrow('NotificationConfiguration.Event: expected a text, found undefined.');
    expect(notificationsOf({}, 'B', references)).toEqual([]);
  });
});

describe('an event source', () => {
  const read = (value: unknown) => mappingOf(value, 'functions.f.events.sqs', references);

  test('has the defaults of the service', () => {
    const expected = {
      queueArn: 'arn:aws:sqs:r:0:name',
      batchSize: 10,
      maximumConcurrency: 5,
      reportsItemFailures: false,
    };
    expect(read({ arn })).toEqual(expected);
    expect(read(arn)).toEqual(expected);
  });

  test('has what the function says', () => {
    const functionResponseType = 'ReportBatchItemFailures';
    expect(read({ arn, batchSize: 1, maximumConcurrency: 2, functionResponseType })).toMatchObject({
      batchSize: 1,
      maximumConcurrency: 2,
      reportsItemFailures: true,
    });
  });

  test.each([
    [{ batchSize: 0 }, 'batchSize: expected an integer from 1 to 10, found 0.'],
    [{ batchSize: 11 }, 'batchSize: expected an integer from 1 to 10, found 11.'],
    [{ batchSize: '10' }, 'batchSize: expected a number, found string.'],
    [{ maximumConcurrency: 1 }, 'maximumConcurrency: expected an integer from 2 to 1000, found 1.'],
    [{ maximumConcurrency: 1_001 }, 'maximumConcurrency: expected an integer from 2 to 1000, found 1001.'],
    [{ functionResponseType: 'Other' }, 'functionResponseType: expected ReportBatchItemFailures, found Other.'],
    [{ maximumBatchingWindow: 5 }, 'maximumBatchingWindow is not supported here.'],
  ])('that says %j is refused', (fields, message) => {
    expect(() => read({ arn, ...fields })).toThrow(`functions.f.events.sqs.${message}`);
  });
});
