import { describe, expect, inject, test } from 'vitest';
import {
  BATCH_MESSAGES,
  CORE_MEGABYTES,
  HTTP_MS,
  IMPORT_KEPT_DAYS,
  IMPORT_LEASE_MS,
  PLAN_MS,
  QUEUE_RECEIVES,
  WORKER_MS,
} from '../../lib/limits.ts';
import { UPLOADS } from '../../lib/store/blobs.ts';
import { type Fields, fieldsAt, isFields, listAt, numberAt, textAt } from '../../local/shapes.ts';
import { LOCATION_BUCKETS, serverless } from './global-setup.ts';
import { type Resource, referencesOf, resolved, Template, targetOf } from './template.ts';

const packages = inject('packages');
const stages = [
  { stage: 'dev', template: new Template(packages.dev) },
  { stage: 'prod', template: new Template(packages.prod) },
];

/** What a template may refer to without having it. */
const PSEUDO = ['AWS::AccountId', 'AWS::NoValue', 'AWS::Partition', 'AWS::Region', 'AWS::URLSuffix'];

describe.each(stages)('the template of $stage', ({ stage, template }) => {
  const resource = (id: string) => template.resource(id);
  const properties = (id: string) => resource(id).properties;
  const list = (fields: Fields, name: string) => listAt(fields[name], name);

  test('refers to what it has, and lets no variable of the tool through', () => {
    const known = new Set([...PSEUDO, ...template.resources.map(({ id }) => id)]);
    const outputs = fieldsAt(template.fields['Outputs'], 'Outputs');
    const references = [...template.resources.map(({ fields }) => fields), outputs].flatMap(referencesOf);
    const unknown = references.filter((reference) => !known.has(reference.replace(/\..*/, '')));
    expect(references.length).toBeGreaterThan(200);
    expect(unknown).toEqual([]);
    const conditions = Object.keys(fieldsAt(template.fields['Conditions'], 'Conditions'));
    expect(conditionsOf(template.fields['Resources']).filter((name) => !conditions.includes(name))).toEqual([]);
    expect(JSON.stringify(template.fields)).not.toMatch(/\$\{(?:self|opt|param|file|env|sls)[:(]/);
  });

  test('has no circle: each resource can be made after those that it refers to', () => {
    const needed = new Map(template.resources.map(({ id, fields }) => [id, dependenciesOf(fields)]));
    const made = new Set<string>(PSEUDO);
    for (let before = -1; before < made.size; ) {
      before = made.size;
      for (const [id, needs] of needed) if (needs.every((need) => made.has(need))) made.add(id);
    }
    expect([...needed.keys()].filter((id) => !made.has(id))).toEqual([]);
  });

  test('runs every function on nodejs24.x and arm64, with the time and memory that the code counts on', () => {
    const workers = { seconds: WORKER_MS / 1_000, megabytes: CORE_MEGABYTES };
    const core = { seconds: HTTP_MS / 1_000, megabytes: CORE_MEGABYTES };
    const rest = { seconds: HTTP_MS / 1_000, megabytes: 512 };
    const expected = {
      'import-jobs': rest,
      'import-archive': workers,
      'plan-import': { seconds: PLAN_MS / 1_000, megabytes: 512 },
      'import-queued-archive': workers,
      'archive-uploaded': rest,
      'show-job': rest,
      'list-jobs': rest,
      'delete-job': rest,
      'delete-jobs': rest,
      'export-jobs': core,
      'list-imports': core,
      'show-import': core,
      'cancel-import': core,
      'manage-project': rest,
      'show-openapi': rest,
      'unknown-route': rest,
    };
    const functions = [...template.functions()];
    const found = functions.map(([key, { properties }]) => {
      expect(properties, key).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      // A small account has no concurrency to reserve.
      expect(properties, key).not.toHaveProperty('ReservedConcurrentExecutions');
      const seconds = numberAt(properties['Timeout'], key);
      return [key, { seconds, megabytes: numberAt(properties['MemorySize'], key) }];
    });
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test('names functions, queues and the secret after the service and the stage', () => {
    const prefix = `flink-job-import-${stage}-`;
    for (const [key, { properties }] of template.functions()) {
      expect(properties['FunctionName']).toBe(`${prefix}${key}`);
      const variables = fieldsAt(fieldsAt(properties['Environment'], key)['Variables'], key);
      const secret = variables['SECRET_KEYS'];
      if (secret !== undefined) expect(secret).toBe(`{{resolve:secretsmanager:${prefix}secret-keys}}`);
      // That of the alarms.
      const namespace = variables['POWERTOOLS_METRICS_NAMESPACE'] ?? `FlinkJobImport/${stage}`;
      expect(namespace, key).toBe(`FlinkJobImport/${stage}`);
      expect(variables['WORKER_FUNCTION'] ?? `${prefix}import-archive`).toBe(`${prefix}import-archive`);
    }
    for (const { properties } of template.ofType('AWS::SQS::Queue')) {
      expect(textAt(properties['QueueName'], 'QueueName')).toMatch(new RegExp(`^${prefix}[a-z-]+$`));
    }
  });

  test('gives the key of secrets to the functions that know callers, and to no other', () => {
    const holders = [...template.functions()].filter(([, { properties }]) =>
      JSON.stringify(properties).includes('resolve:'),
    );
    expect(holders.map(([key]) => key).sort()).toEqual([
      'cancel-import',
      'delete-job',
      'delete-jobs',
      'export-jobs',
      'import-jobs',
      'list-imports',
      'list-jobs',
      'manage-project',
      'show-import',
      'show-job',
    ]);
  });

  test('keeps the table: restorable, encrypted, and after the deployment is gone', () => {
    expect(resource('Table').fields).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties('Table')).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: stage === 'prod',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
  });

  test('keeps the bucket: private, encrypted, in versions, and after the deployment is gone', () => {
    expect(resource('Bucket').fields).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(properties('Bucket')).toMatchObject({
      PublicAccessBlockConfiguration: allBlocked,
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: encrypted,
      VersioningConfiguration: { Status: 'Enabled' },
    });
    const rules = list(fieldsAt(properties('Bucket')['LifecycleConfiguration'], 'Bucket'), 'Rules');
    const kept = { Status: 'Enabled', ExpirationInDays: IMPORT_KEPT_DAYS + 1 };
    expect(rules).toEqual([
      { Id: 'import-archives', Prefix: 'imports/', ...kept },
      { Id: 'import-outcomes', Prefix: 'outcomes/', ...kept },
      {
        Id: 'old-versions',
        Status: 'Enabled',
        NoncurrentVersionExpiration: { NoncurrentDays: 35 },
        ExpiredObjectDeleteMarker: true,
      },
      { Id: 'broken-uploads', Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    ]);
  });

  test('keeps what the tool uploads private and encrypted', () => {
    const deployment = { PublicAccessBlockConfiguration: allBlocked, BucketEncryption: encrypted };
    expect(properties('ServerlessDeploymentBucket')).toMatchObject(deployment);
  });

  test('sends what is put below the prefix of uploads to their queue, once S3 may send there', () => {
    const filter = { S3Key: { Rules: [{ Name: 'prefix', Value: UPLOADS }] } };
    const queue = { 'Fn::GetAtt': ['UploadQueue', 'Arn'] };
    expect(properties('Bucket')['NotificationConfiguration']).toEqual({
      QueueConfigurations: [{ Event: 's3:ObjectCreated:*', Queue: queue, Filter: filter }],
    });
    expect(dependenciesOf(resource('Bucket').fields)).toContain('UploadQueuePolicy');
    expect(properties('UploadQueuePolicy')['Queues']).toEqual([{ Ref: 'UploadQueue' }]);
  });

  test('lets nobody speak to a bucket or a queue but by TLS, and no policy of one allows anything but an event', () => {
    const policies = [...template.ofType('AWS::S3::BucketPolicy'), ...template.ofType('AWS::SQS::QueuePolicy')];
    const protectedOnes = policies.flatMap(({ id, properties }) => {
      const document = fieldsAt(properties['PolicyDocument'], id);
      const isBucket = properties['Bucket'] !== undefined;
      const targets = isBucket ? [properties['Bucket']] : list(properties, 'Queues');
      expect(targets, id).toHaveLength(1);
      const target = targetOf(targets[0]);
      const [deny, ...others] = list(document, 'Statement').toSorted(deniesFirst);
      const { Resource: resources, ...denied } = fieldsAt(deny, id);
      expect(denied, id).toEqual({
        Effect: 'Deny',
        Principal: '*',
        Action: isBucket ? 's3:*' : 'sqs:*',
        Condition: { Bool: { 'aws:SecureTransport': false } },
      });
      // Of the very resource, and of a bucket its objects as well.
      const names = (reference: string) => (reference === `${target}.Arn` ? `arn:aws:s3:::${target}` : reference);
      const of = (Array.isArray(resources) ? resources : [resources]).map((one) =>
        resolved(one, names).replace('AWS::Partition', 'aws'),
      );
      expect(of.toSorted(), id).toEqual([`arn:aws:s3:::${target}`, ...(isBucket ? [`arn:aws:s3:::${target}/*`] : [])]);
      expect(others, id).toEqual(target === 'UploadQueue' ? [eventsOfThisAccount] : []);
      return target;
    });
    const all = [...template.ofType('AWS::S3::Bucket'), ...template.ofType('AWS::SQS::Queue')].map(({ id }) => id);
    expect(protectedOnes.toSorted()).toEqual(all.toSorted());
  });

  test('encrypts queues, keeps what fails in another one for 14 days, and lets that one take from no other', () => {
    const queues = template.ofType('AWS::SQS::Queue');
    const name = ({ properties }: Resource) => textAt(properties['QueueName'], 'QueueName');
    for (const { id, properties } of queues) {
      expect(properties, id).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 24 * 60 * 60 });
    }
    const sources = queues.filter(({ properties }) => 'RedrivePolicy' in properties);
    expect(sources.map(name)).toHaveLength(3);
    for (const source of sources) {
      const redrive = fieldsAt(source.properties['RedrivePolicy'], source.id);
      expect(redrive['maxReceiveCount'], source.id).toBe(source.id === 'UploadQueue' ? 5 : QUEUE_RECEIVES);
      const dead = resource(targetOf(redrive['deadLetterTargetArn']));
      expect(name(dead)).toBe(`${name(source)}-dead-letters`);
      const allowed = fieldsAt(dead.properties['RedriveAllowPolicy'], dead.id);
      expect(allowed['redrivePermission']).toBe('byQueue');
      const from = list(allowed, 'sourceQueueArns').map((arn) => resolved(arn, (reference) => `<${reference}>`));
      expect(from).toEqual([`arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:${name(source)}`]);
    }
  });

  test('gives a function its messages in part, a few batches at a time, and six times its own time for them', () => {
    const mappings = template.ofType('AWS::Lambda::EventSourceMapping');
    const expected: Record<string, Fields> = {
      PlanQueue: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
      ArchiveQueue: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 50 } },
      UploadQueue: { BatchSize: BATCH_MESSAGES, ScalingConfig: { MaximumConcurrency: 5 } },
    };
    for (const { id, properties } of mappings) {
      const { EventSourceArn: source, FunctionName: name, ...how } = properties;
      const queue = resource(targetOf(source));
      const visible = numberAt(queue.properties['VisibilityTimeout'], queue.id);
      // Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      expect(visible, id).toBeGreaterThanOrEqual(6 * numberAt(resource(targetOf(name)).properties['Timeout'], id));
      const inPart = { Enabled: true, FunctionResponseTypes: ['ReportBatchItemFailures'] };
      expect(how, id).toEqual({ ...inPart, ...expected[queue.id] });
    }
    expect(mappings).toHaveLength(3);
    expect(numberAt(properties('UploadQueue')['VisibilityTimeout'], '') * 1_000).toBeGreaterThan(IMPORT_LEASE_MS);
  });

  test('keeps logs for a while: of every function, and of the API', () => {
    const groups = template.ofType('AWS::Logs::LogGroup');
    const names = groups.map(({ properties }) => properties['LogGroupName']);
    const functions = [...template.functions().values()].map(
      ({ properties }) => `/aws/lambda/${properties['FunctionName']}`,
    );
    expect(names.toSorted()).toEqual([...functions, `/aws/http-api/flink-job-import-${stage}`].toSorted());
    const days = stage === 'prod' ? IMPORT_KEPT_DAYS : 14;
    for (const { id, properties } of groups) expect(properties, id).toMatchObject({ RetentionInDays: days });
  });

  test('serves the API at the root, in bounds, and logs each request as JSON without what a client made up', () => {
    const { AccessLogSettings: logged, ...stageProperties } = properties('HttpApiStage');
    expect(stageProperties).toMatchObject({
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    });
    const format = textAt(fieldsAt(logged, 'AccessLogSettings')['Format'], 'Format');
    const line: unknown = JSON.parse(format);
    expect(line).toMatchObject({
      request_id: '$context.requestId',
      status: '$context.status',
      route: '$context.routeKey',
    });
    // A path, a header and a user agent are as a client sends them: a token, or a quote that breaks the line.
    expect(format).not.toMatch(/header|authorizer|path|userAgent|queryString/i);
    const routes = template.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties['RouteKey']);
    expect(routes).toContain('$default');
  });
});

const allBlocked = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
};
const encrypted = {
  ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
};

/** The statement that lets S3 tell of uploads. */
const eventsOfThisAccount = {
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 'sqs:SendMessage',
  Resource: { 'Fn::GetAtt': ['UploadQueue', 'Arn'] },
  Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
};

function deniesFirst(one: unknown, other: unknown): number {
  const rank = (statement: unknown) => (isFields(statement) && statement['Effect'] === 'Deny' ? 0 : 1);
  return rank(one) - rank(other);
}

test('a bucket of a location that is no name of one is refused when the deployment is packaged', async () => {
  expect(LOCATION_BUCKETS).toHaveLength(2);
  await expect(serverless('print', '--param=locationBuckets=good-bucket,arn:aws:s3:::bad')).rejects.toThrow(
    'locationBuckets: arn:aws:s3:::bad is no name of a bucket.',
  );
});

function dependenciesOf(fields: Fields): string[] {
  const after = fields['DependsOn'];
  const named = typeof after === 'string' ? [after] : listAt(after, 'DependsOn').map((id) => textAt(id, 'DependsOn'));
  return [...named, ...referencesOf(fields).map((reference) => reference.replace(/\..*/, ''))];
}

function conditionsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(conditionsOf);
  if (!isFields(value)) return [];
  const choice = value['Fn::If'];
  return [
    ...(Array.isArray(choice) ? [textAt(choice[0], 'Fn::If')] : []),
    ...Object.values(value).flatMap(conditionsOf),
  ];
}
