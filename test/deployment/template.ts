import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Fields, fieldsAt, isFields, listAt, textAt } from '../../local/shapes.ts';

export type Resource = {
  readonly id: string;
  readonly type: string;
  readonly properties: Fields;
  /** All of it, as it is in the template. */
  readonly fields: Fields;
};

/** What a reference of a template stands for: `Table`, `Table.Arn`, `AWS::Region`. */
export type Names = (reference: string) => string;

/** A statement of a policy, its references resolved. */
export type Statement = {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
};

/** The template of a package. */
export class Template {
  readonly fields: Fields;
  readonly resources: readonly Resource[];

  constructor(folder: string) {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    this.fields = fieldsAt(parsed, 'the template');
    this.resources = Object.entries(fieldsAt(this.fields['Resources'], 'Resources')).map(([id, value]) => {
      const fields = fieldsAt(value, id);
      return { id, type: textAt(fields['Type'], id), properties: fieldsAt(fields['Properties'], id), fields };
    });
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  resource(id: string): Resource {
    const found = this.resources.find((resource) => resource.id === id);
    if (found === undefined) throw new Error(`The template has no ${id}.`);
    return found;
  }

  /** The functions by their keys in the deployment file. */
  functions(): Map<string, Resource> {
    const named = this.ofType('AWS::Lambda::Function').map((one): [string, Resource] => {
      const handler = textAt(one.properties['Handler'], one.id);
      return [handler.replace(/^functions\/|\.handler$/g, ''), one];
    });
    return new Map(named);
  }

  /** What the role of a function says. */
  statements(functionKey: string, names: Names): Statement[] {
    const deployed = this.functions().get(functionKey);
    if (deployed === undefined) throw new Error(`The template has no function ${functionKey}.`);
    const { id, properties } = this.resource(targetOf(deployed.properties['Role']));
    return listAt(properties['Policies'], id).flatMap((policy) => {
      const document = fieldsAt(fieldsAt(policy, id)['PolicyDocument'], id);
      return listAt(document['Statement'], id).map((one) => toStatement(fieldsAt(one, id), names));
    });
  }
}

export function toStatement({ Effect, Action, Resource }: Fields, names: Names): Statement {
  const all = (value: unknown) => (Array.isArray(value) ? value : [value]);
  return {
    effect: textAt(Effect, 'Effect'),
    actions: all(Action).map((action) => textAt(action, 'Action')),
    resources: all(Resource).map((resource) => resolved(resource, names)),
  };
}

/** The resource that `Ref` or `Fn::GetAtt` names. */
export function targetOf(value: unknown): string {
  const [reference = ''] = referencesOf(value);
  return reference.replace(/\..*/, '');
}

/** The text that a value stands for. */
export function resolved(value: unknown, names: Names): string {
  if (typeof value === 'string') return value;
  const fields = fieldsAt(value, 'a value');
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': pattern, 'Fn::Join': join } = fields;
  if (ref !== undefined) return names(textAt(ref, 'Ref'));
  if (attribute !== undefined) return names(listAt(attribute, 'Fn::GetAtt').join('.'));
  if (pattern !== undefined) return textAt(pattern, 'Fn::Sub').replace(SUBSTITUTE, (_, name: string) => names(name));
  const [separator, parts] = listAt(join, 'Fn::Join');
  return listAt(parts, 'Fn::Join')
    .map((part) => resolved(part, names))
    .join(textAt(separator, 'Fn::Join'));
}

const SUBSTITUTE = /\$\{([^!}][^}]*)\}/g;

/** All that a value refers to, however deep: `Table`, `Table.Arn`, `AWS::Region`. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'Ref') return [textAt(inner, name)];
    if (name === 'Fn::GetAtt') return [listAt(inner, name).join('.')];
    if (name === 'Fn::Sub') return [...textAt(inner, name).matchAll(SUBSTITUTE)].map(([, found = '']) => found);
    return referencesOf(inner);
  });
}
