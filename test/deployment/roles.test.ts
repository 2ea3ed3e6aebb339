import { describe, expect, inject, test } from 'vitest';
import { bucketVariables, projectVariables, readConfig } from '../../lib/config.ts';
import { fieldsAt } from '../../local/shapes.ts';
import { LOCATION_BUCKETS } from './global-setup.ts';
import { resolved, type Statement, Template, targetOf, toStatement } from './template.ts';

const packages = inject('packages');
const stages = [
  { stage: 'dev', template: new Template(packages.dev), others: LOCATION_BUCKETS },
  { stage: 'prod', template: new Template(packages.prod), others: [] },
];

/** Resources as they are read best: `Table`, `Table/index/by-id`, `Bucket/imports/*`, `import-archive`, `first-bucket/*`. */
const names = (reference: string) => `<${reference.replace(/\.Arn$/, '')}>`;
const readable = (resource: string) =>
  resource
    .replace(/^arn:<AWS::Partition>:s3:::/, '')
    .replace(/^arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:flink-job-import-[a-z]+-/, '')
    .replaceAll(/[<>]/g, '');

type Permissions = Record<string, string[]>;

/** The door before every function of a project: who sends the request, and what the project may. */
const door = { 'dynamodb:BatchGetItem': ['Table'] };

/** What each function may do, and to what. `Others` stands for the buckets of `locationBuckets`. */
const PERMISSIONS: Record<string, Permissions> = {
  'import-jobs': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:PutItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    'lambda:InvokeFunction': ['import-archive'],
    's3:GetObject': ['Bucket/*', 'Others/*'],
    's3:ListBucket': ['Bucket', 'Others'],
    's3:PutObject': ['Bucket/imports/*'],
    'sqs:SendMessage': ['PlanQueue'],
  },
  'import-archive': {
    'dynamodb:GetItem': ['Table'],
    'dynamodb:PutItem': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    's3:DeleteObject': ['Bucket/definitions/*', 'Bucket/outcomes/*'],
    's3:GetObject': ['Bucket/*', 'Others/*'],
    's3:GetObjectVersion': ['Bucket/uploads/*'],
    's3:ListBucket': ['Bucket', 'Others'],
    's3:PutObject': ['Bucket/definitions/*', 'Bucket/outcomes/*'],
  },
  'plan-import': {
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    's3:GetObject': ['Bucket/imports/*'],
    's3:ListBucket': ['Bucket'],
    'sqs:DeleteMessage': ['PlanQueue'],
    'sqs:GetQueueAttributes': ['PlanQueue'],
    'sqs:ReceiveMessage': ['PlanQueue'],
    'sqs:SendMessage': ['ArchiveQueue'],
  },
  'import-queued-archive': {
    'dynamodb:GetItem': ['Table'],
    'dynamodb:PutItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    's3:DeleteObject': ['Bucket/definitions/*', 'Bucket/outcomes/*'],
    's3:GetObject': ['Bucket/*', 'Others/*'],
    's3:ListBucket': ['Bucket', 'Others'],
    's3:PutObject': ['Bucket/definitions/*', 'Bucket/outcomes/*'],
    'sqs:DeleteMessage': ['ArchiveQueue'],
    'sqs:GetQueueAttributes': ['ArchiveQueue'],
    'sqs:ReceiveMessage': ['ArchiveQueue'],
  },
  'archive-uploaded': {
    'dynamodb:GetItem': ['Table'],
    'dynamodb:PutItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    'lambda:InvokeFunction': ['import-archive'],
    's3:GetObject': ['Bucket/outcomes/*', 'Bucket/uploads/*'],
    's3:GetObjectVersion': ['Bucket/uploads/*'],
    's3:ListBucket': ['Bucket'],
    'sqs:DeleteMessage': ['UploadQueue'],
    'sqs:GetQueueAttributes': ['UploadQueue'],
    'sqs:ReceiveMessage': ['UploadQueue'],
  },
  'show-job': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table/index/by-id'],
    's3:GetObject': ['Bucket/definitions/*'],
    's3:ListBucket': ['Bucket'],
  },
  'list-jobs': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table/index/by-id'],
    's3:GetObject': ['Bucket/definitions/*'],
    's3:ListBucket': ['Bucket'],
  },
  'delete-job': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table/index/by-id'],
    'dynamodb:UpdateItem': ['Table'],
    's3:DeleteObject': ['Bucket/definitions/*'],
  },
  'delete-jobs': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table/index/by-id'],
    'dynamodb:UpdateItem': ['Table'],
    's3:DeleteObject': ['Bucket/definitions/*'],
  },
  'export-jobs': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table/index/by-id'],
    's3:DeleteObject': ['Bucket/*', 'Others/*'],
    's3:GetObject': ['Bucket/*', 'Others/*'],
    's3:ListBucket': ['Bucket', 'Others'],
    's3:PutObject': ['Bucket/*', 'Others/*'],
  },
  'list-imports': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table'],
    's3:GetObject': ['Bucket/imports/*', 'Bucket/outcomes/*'],
    's3:ListBucket': ['Bucket'],
  },
  'show-import': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table'],
    's3:GetObject': ['Bucket/imports/*', 'Bucket/outcomes/*'],
    's3:ListBucket': ['Bucket'],
  },
  'cancel-import': {
    ...door,
    'dynamodb:GetItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
    's3:GetObject': ['Bucket/imports/*', 'Bucket/outcomes/*'],
    's3:ListBucket': ['Bucket'],
  },
  'manage-project': {
    'dynamodb:GetItem': ['Table'],
    'dynamodb:PutItem': ['Table'],
    'dynamodb:Query': ['Table'],
    'dynamodb:UpdateItem': ['Table'],
  },
  'show-openapi': {},
  'unknown-route': {},
};

/** What is denied although a statement allows it: an export may write to any place but these. */
const WRITES_OF_EXPORT = ['Bucket/definitions/*', 'Bucket/imports/*', 'Bucket/outcomes/*', 'Bucket/uploads/*'];
const DENIALS: Record<string, Permissions> = {
  'export-jobs': { 's3:DeleteObject': WRITES_OF_EXPORT, 's3:PutObject': WRITES_OF_EXPORT },
};

/**
 * Where a resource may hold a wildcard: objects, since their keys are made as they come; and the streams of a function's
 * own log, since Lambda names them.
 */
const WILDCARDS = [/^(?:Bucket|first-bucket|second-bucket)\/(?:[a-z]+\/)?\*$/];

describe.each(stages)('roles of $stage', ({ stage, template, others }) => {
  const statementsBy = (functionKey: string) =>
    template
      .statements(functionKey, names)
      .map(({ resources, ...one }) => ({ ...one, resources: resources.map(readable) }));
  const isOfLog = ({ actions }: Statement) => actions.every((action) => action.startsWith('logs:'));
  const ofEffect = (functionKey: string, effect: string) => {
    const statements = statementsBy(functionKey).filter((one) => one.effect === effect && !isOfLog(one));
    const permissions: Permissions = {};
    for (const { actions, resources } of statements)
      for (const action of actions) permissions[action] = [...(permissions[action] ?? []), ...resources].toSorted();
    return permissions;
  };
  const named = (permissions: Permissions): Permissions =>
    Object.fromEntries(
      Object.entries(permissions).map(([action, resources]) => {
        const all = resources.flatMap((one) =>
          one.startsWith('Others') ? others.map((name) => one.replace('Others', name)) : one,
        );
        return [action, all.toSorted()];
      }),
    );

  test('every function has its own, and there are no others but the one that the tool makes, which nobody has and which may do nothing', () => {
    const held = [...template.functions().values()].map(({ properties }) => targetOf(properties['Role']));
    expect(held).toHaveLength(Object.keys(PERMISSIONS).length);
    expect(new Set(held).size).toBe(held.length);
    const roles = template.ofType('AWS::IAM::Role').map(({ id }) => id);
    expect(roles.filter((id) => !held.includes(id))).toEqual(['IamRoleLambdaExecution']);
    expect(template.resource('IamRoleLambdaExecution').properties['Policies']).toEqual([]);
    for (const { id, properties } of template.ofType('AWS::IAM::Role')) {
      expect(properties['ManagedPolicyArns'] ?? [], id).toEqual([]);
      const trust = fieldsAt(properties['AssumeRolePolicyDocument'], id)['Statement'];
      expect(trust, id).toEqual([
        { Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] },
      ]);
    }
    expect(template.ofType('AWS::IAM::Policy')).toEqual([]);
    expect(template.ofType('AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test.each([...template.functions().keys()])('%s may do what is listed, and nothing else', (functionKey) => {
    expect(ofEffect(functionKey, 'Allow')).toEqual(named(PERMISSIONS[functionKey] ?? {}));
    expect(ofEffect(functionKey, 'Deny')).toEqual(DENIALS[functionKey] ?? {});
    // The plugin gives all three. With logs:CreateLogGroup a late line makes a group again that was removed: it keeps lines
    // for ever, and the next deployment fails since it already exists.
    expect(statementsBy(functionKey).filter(isOfLog)).toEqual([
      {
        effect: 'Allow',
        actions: ['logs:CreateLogStream', 'logs:CreateLogGroup', 'logs:PutLogEvents'],
        resources: [
          `arn:AWS::Partition:logs:AWS::Region:AWS::AccountId:log-group:/aws/lambda/flink-job-import-${stage}-${functionKey}:*:*`,
        ],
      },
    ]);
  });

  test('no action holds a wildcard, and no resource but those listed', () => {
    for (const functionKey of template.functions().keys()) {
      const statements = statementsBy(functionKey).filter((one) => !isOfLog(one));
      expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
      const wild = statements.flatMap(({ resources }) => resources).filter((one) => /[*?]/.test(one));
      expect(wild.filter((one) => !WILDCARDS.some((allowed) => allowed.test(one)))).toEqual([]);
    }
  });

  test('who may call a function is the API, by its routes', () => {
    const callers = template.ofType('AWS::Lambda::Permission').map(({ id, properties }) => {
      expect(properties['Principal'], id).toBe('apigateway.amazonaws.com');
      expect(resolved(properties['SourceArn'], names), id).toMatch(
        /^arn:<AWS::Partition>:execute-api:.*:<HttpApi>\/\*$/,
      );
      return targetOf(properties['FunctionName']);
    });
    const byRoute = template
      .ofType('AWS::ApiGatewayV2::Integration')
      .map(({ properties }) => targetOf(properties['IntegrationUri']));
    expect(callers.toSorted()).toEqual(byRoute.toSorted());
  });

  test('only S3 of this account may send to the queue of uploads', () => {
    const policies = template
      .ofType('AWS::SQS::QueuePolicy')
      .map((policy) => fieldsAt(policy.properties['PolicyDocument'], policy.id));
    const allowed = policies.flatMap(({ Statement: statements }) =>
      Array.isArray(statements) ? statements.filter((one) => one.Effect === 'Allow') : [],
    );
    expect(allowed).toHaveLength(1);
    expect(toStatement(allowed[0], names)).toEqual({
      effect: 'Allow',
      actions: ['sqs:SendMessage'],
      resources: ['<UploadQueue>'],
    });
    expect(allowed[0]).toMatchObject({
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    });
  });

  test('the buckets that a project may lie in are those that roles name', () => {
    const variables = fieldsAt(template.functions().get('manage-project')?.properties['Environment'], 'Environment')[
      'Variables'
    ];
    const list = fieldsAt(variables, 'Variables')['LOCATION_BUCKETS'];
    const config = readConfig(
      { BUCKET_NAME: 'Bucket', BUCKET_OWNER: '0', LOCATION_BUCKETS: String(list) },
      { ...bucketVariables, ...projectVariables },
    );
    const named = ofEffect('import-archive', 'Allow')['s3:ListBucket'];
    expect(named).toEqual([config.BUCKET_NAME, ...config.LOCATION_BUCKETS].toSorted());
  });
});
