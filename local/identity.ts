/** Who and where the stack says it is. The real DynamoDB Local keeps the tables of each access key and region apart. */
export const REGION = 'eu-west-1';
export const ACCOUNT = '000000000000';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

export function queueArn(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}
