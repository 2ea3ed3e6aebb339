import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fieldsAt } from '../../local/shapes.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const parse = (file: string): unknown => JSON.parse(read(file));
const manifest = fieldsAt(parse('package.json'), 'package.json');
const namesOf = (kind: string) => Object.keys(fieldsAt(manifest[kind], kind));

describe('what functions depend on', () => {
  test('is listed in docs/architecture.md with its reason, and nothing else is', () => {
    const [, section = ''] = /^## Dependencies$(.*?)^## /ms.exec(read('docs/architecture.md')) ?? [];
    const listed = [...section.matchAll(/^\| \[?`([^`]+)`.* \| (.+) \|$/gm)];
    expect(listed.map(([, name]) => name).toSorted()).toEqual(namesOf('dependencies').toSorted());
    for (const [, name, reason = ''] of listed) expect(reason.length, name).toBeGreaterThan(10);
  });

  test('has an exact version, as all else that is installed', () => {
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'])
      for (const [name, version] of Object.entries(fieldsAt(manifest[kind], kind)))
        expect(version, name).toMatch(/^(?:npm:[a-z]+@)?\d+\.\d+\.\d+$/);
  });

  test('is locked by its bytes, from no host', () => {
    const packages = Object.entries(fieldsAt(fieldsAt(parse('package-lock.json'), 'the lock')['packages'], 'packages'));
    // The first one is the project itself.
    const installed = packages.slice(1).map(([name, value]) => [name, fieldsAt(value, name)] as const);
    expect(installed.length).toBeGreaterThan(namesOf('dependencies').length);
    for (const [name, fields] of installed) {
      expect(fields['integrity'], name).toMatch(/^sha512-/);
      expect(fields, name).not.toHaveProperty('resolved');
    }
    expect(read('package-lock.json')).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });
});
