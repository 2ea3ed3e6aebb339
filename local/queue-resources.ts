import type { References } from './references.ts';
import { type Fields, fieldsAt, isFields, listAt, numberAt, textAt } from './shapes.ts';

/** A queue of the deployment: its attributes as CreateQueue takes them. */
export type QueueDefinition = {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** What a bucket sends to a queue: events that begin with `event`, of keys that begin and end so. */
export type Notification = {
  readonly queueArn: string;
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
};

/** Names are those of the ARNs; and who may send what failed to a queue is said by the names of the deployment. */
const LEFT_OUT = ['QueueName', 'RedriveAllowPolicy'];

/** The queues among the resources. Throws, naming the place, where one is not as expected. */
export function queuesOf(resources: Fields, references: References): QueueDefinition[] {
  return Object.entries(resources).flatMap(([id, resource]) => {
    const place = `resources.Resources.${id}`;
    const { Type, Properties } = fieldsAt(resource, place);
    if (Type !== 'AWS::SQS::Queue') return [];
    const arn = references.text({ 'Fn::GetAtt': `${id}.Arn` }, place);
    const properties = Object.entries(fieldsAt(Properties, `${place}.Properties`));
    const own = properties.filter(([name]) => !LEFT_OUT.includes(name));
    const attributes = own.map(([name, value]) => {
      const at = `${place}.Properties.${name}`;
      return [name, name === 'RedrivePolicy' ? redrivePolicy(value, at, references) : references.text(value, at)];
    });
    return [{ name: nameOf(arn), arn, attributes: Object.fromEntries(attributes) }];
  });
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}

function redrivePolicy(value: unknown, place: string, references: References): string {
  const policy = fieldsAt(value, place);
  const deadLetterTargetArn = references.text(policy['deadLetterTargetArn'], `${place}.deadLetterTargetArn`);
  const maxReceiveCount = numberAt(policy['maxReceiveCount'], `${place}.maxReceiveCount`);
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
}

/** What a bucket of the resources sends to queues. Throws, naming the place, where it is not as expected. */
export function notificationsOf(resources: Fields, id: string, references: References): Notification[] {
  const place = `resources.Resources.${id}.Properties.NotificationConfiguration`;
  const properties = fieldsAt(fieldsAt(resources[id], `resources.Resources.${id}`)['Properties'], place);
  const configuration = fieldsAt(properties['NotificationConfiguration'], place);
  return listAt(configuration['QueueConfigurations'], `${place}.QueueConfigurations`).map((one) => {
    const fields = fieldsAt(one, `${place}.QueueConfigurations`);
    return {
      queueArn: references.text(fields['Queue'], `${place}.Queue`),
      event: textAt(fields['Event'], `${place}.Event`).replace(/^s3:/, '').replace(/\*$/, ''),
      prefix: '',
      suffix: '',
      ...filterOf(fields['Filter'], `${place}.Filter`),
    };
  });
}

function filterOf(filter: unknown, place: string): Record<string, string> {
  const { Rules } = fieldsAt(fieldsAt(filter, place)['S3Key'], `${place}.S3Key`);
  const rules = listAt(Rules, `${place}.S3Key.Rules`).map((rule) => {
    const { Name, Value } = isFields(rule) ? rule : {};
    const name = textAt(Name, `${place}.Name`).toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') throw new Error(`${place}: ${name} is not supported here.`);
    return [name, textAt(Value, `${place}.Value`)];
  });
  return Object.fromEntries(rules);
}

/** Whether a bucket sends an event, as in `ObjectCreated:Put`, of a key. */
export function isWanted(notification: Notification, event: string, key: string): boolean {
  const { prefix, suffix } = notification;
  return event.startsWith(notification.event) && key.startsWith(prefix) && key.endsWith(suffix);
}
