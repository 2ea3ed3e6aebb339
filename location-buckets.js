// What roles may name of the buckets that projects' locations may lie in, for serverless.yml. A template cannot make a
// list of ARNs from a list of names by itself.

/** Source: the naming rules of S3 buckets. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The deployment's own bucket, and those of the parameter `locationBuckets`. */
export const buckets = async (context) => [
  { 'Fn::GetAtt': ['Bucket', 'Arn'] },
  ...(await others(context)).map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${name}` })),
];

/** All objects of these. */
export const objects = async (context) => [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation puts the ARN there.
  { 'Fn::Sub': '${Bucket.Arn}/*' },
  ...(await others(context)).map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:s3:::${name}/*` })),
];

async function others({ resolveVariable }) {
  const names = (await resolveVariable('param:locationBuckets')).split(',').map((name) => name.trim());
  const given = names.filter((name) => name !== '');
  const wrong = given.find((name) => !BUCKET.test(name));
  if (wrong !== undefined) throw new Error(`locationBuckets: ${wrong} is no name of a bucket.`);
  return given;
}
