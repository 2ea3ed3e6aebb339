import { describe, expect, test } from 'vitest';
import { importIdOf, jobIdOf, noSuchJob, projectIdOf } from '../../lib/http/paths.ts';
import { apiEvent } from './api-event.ts';

const at = (pathParameters?: Record<string, string>) =>
  apiEvent(pathParameters === undefined ? {} : { pathParameters });
const unknown = (parameter: string, rule: string) =>
  expect.objectContaining({
    code: 'APIGW.0101',
    message: `The API does not exist or has not been published in the environment. The ${parameter} in its path must be ${rule}.`,
  });

describe('the project of a path', () => {
  const notOurs = unknown('project_id', '1 to 64 letters, digits, hyphens or underscores');

  test.each(['p', '0', 'A-z_09', '-', '9f2c8e1b4d6a4f0e8b7c5d3a1e2f4b6c', 'p'.repeat(64)])('may be %s', (id) => {
    expect(projectIdOf(at({ project_id: id }))).toBe(id);
  });

  test.each(['', 'p'.repeat(65), 'a b', 'a.b', 'a/b', 'a#b', 'a%20b', 'é', 'a\n', '..'])('may not be %j', (id) => {
    expect(() => projectIdOf(at({ project_id: id }))).toThrow(notOurs);
  });

  test('is missing in a path without one', () => {
    expect(() => projectIdOf(at())).toThrow(notOurs);
    expect(() => projectIdOf(at({}))).toThrow(notOurs);
  });
});

describe.each([
  ['job', jobIdOf, 'job_id', 'DLI.16001'],
  ['import', importIdOf, 'import_id', 'DLI.0002'],
] as const)('the number of a %s in a path', (_, idOf, parameter, code) => {
  test.each([
    ['1', 1],
    ['0', 0],
    ['007', 7],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is %i', (text, id) => {
    expect(idOf(at({ [parameter]: text }))).toBe(id);
  });

  test.each(['', '-1', '+1', '1.0', '1e2', '0x1', ' 1', '1 ', '1\n', '١', 'imports', 'NaN', 'Infinity'])(
    '%j makes an unknown path',
    (text) => {
      expect(() => idOf(at({ [parameter]: text }))).toThrow(unknown(parameter, 'digits'));
    },
  );

  test.each(['9007199254740992', '9007199254740993', '9223372036854775807', '9'.repeat(400)])(
    '%s is one that nothing can have, and is told as it was asked for',
    (text) => {
      const message = expect.stringContaining(` ${text.slice(0, 40)} in this project.`);
      expect(() => idOf(at({ [parameter]: text }))).toThrow(expect.objectContaining({ code, message }));
    },
  );

  test('is missing in a path without one', () => {
    expect(() => idOf(at())).toThrow(unknown(parameter, 'digits'));
  });
});

test('an unknown job is told by its id', () => {
  expect(noSuchJob('7')).toMatchObject({
    code: 'DLI.16001',
    message: 'There is no Flink job with the id 7 in this project.',
  });
});
