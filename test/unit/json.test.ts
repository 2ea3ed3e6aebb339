import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { type JsonObject, parseJson } from '../../lib/job/json.ts';
import { JSON_DEPTH, JSON_NUMBER_CHARACTERS, JSON_OBJECT_KEYS, JSON_VALUES } from '../../lib/limits.ts';

function refusalOf(text: string): ApiError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`Expected a refusal, found a value for ${text.slice(0, 80)}`);
}

function nested(depth: number): string {
  return `${'[{"a":'.repeat(depth / 2)}0${'}]'.repeat(depth / 2)}`;
}

function objectOf(keys: number): string {
  return `{${Array.from({ length: keys }, (_, at) => `"k${at}":0`).join(',')}}`;
}

describe('numbers', () => {
  test.each(['9007199254740993', '1.0', '1e5', '-0', '0.1000', '1E400', '0.30000000000000004000'])(
    'keeps the source text of %s',
    (text) => {
      const value = parseJson(text);
      expect(JSON.isRawJSON(value)).toBe(true);
      expect(value).toHaveProperty('rawJSON', text);
      expect(JSON.stringify({ value })).toBe(`{"value":${text}}`);
    },
  );

  test.each(['0', '-1', '1.5', '9007199254740991', '1e+21', '0.1', '5e-324'])('gives %s as a plain number', (text) => {
    expect(parseJson(text)).toBe(Number(text));
  });

  test('takes no object of the document for a number', () => {
    expect(JSON.isRawJSON(parseJson('{"rawJSON":"1.0"}'))).toBe(false);
  });

  test.each(['9223372036854775807', '-9223372036854775808'])('accepts %s, an end of the int64 range', (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });

  test.each(['9223372036854775808', '-9223372036854775809', '9223372036854776000', '100000000000000000000'])(
    'refuses %s, beyond the int64 range',
    (text) => {
      expect(refusalOf(`[${text}]`)).toMatchObject({ code: 'DLI.0018', reason: 'document.integer' });
    },
  );

  test('accepts large numbers that are written with a fraction or an exponent', () => {
    const text = '[9223372036854775808.0,9223372036854775808e0,1000000000000000000000E1]';
    expect(JSON.stringify(parseJson(text))).toBe(text);
  });

  test('bounds the characters of a number', () => {
    const number = `0.${'1'.repeat(JSON_NUMBER_CHARACTERS - 2)}`;
    expect(JSON.stringify(parseJson(number))).toBe(number);
    expect(refusalOf(`${number}1`)).toMatchObject({ code: 'DLI.0009', reason: 'document.number' });
  });
});

describe('objects', () => {
  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty'])('inherit nothing, as %s', (key) => {
    const object = parseJson('{"a":1}');
    expect(key in Object(object)).toBe(false);
    expect(() => Object.assign(Object.getPrototypeOf(object), { [key]: 1 })).toThrow(TypeError);
  });

  test('keep the order of their keys', () => {
    expect(Object.keys(parseJson('{"b":1,"a":2,"é":3}') as JsonObject)).toEqual(['b', 'a', 'é']);
  });

  test.each([
    ['{"name":1,"name":1}', 'name'],
    ['{"jobs":[{},{},{"job_config":1,"x":{},"job_config":2}]}', 'jobs[2].job_config'],
    ['[[{"tags":[{"key":1,"key":{}}]}]]', '[0][0].tags[0].key'],
    ['{"name":1,"\\u006eame":2}', 'name'],
    ['{"zip_file":1,"zip_file":1}', 'zip_file'],
    ['{"job_config":{"cu_number":1,"cu_number":2}}', 'job_config.cu_number'],
    ['{"a b":{"name":1,"name":2}}', '[key of 3 characters].name'],
    ['{"":{"pk":1,"pk":2}}', '[key of 0 characters].pk'],
    ['{"hunter2-secret":1,"hunter2-secret":2}', '[key of 14 characters]'],
    ['{"toString":1,"toString":2}', '[key of 8 characters]'],
    [`{"${'k'.repeat(65)}":{"a":null,"a":null}}`, '[key of 65 characters][key of 1 characters]'],
  ])('refuses a key that comes twice: %s', (text, path) => {
    const refusal = refusalOf(text);
    expect(refusal).toMatchObject({ code: 'DLI.0018', reason: 'document.duplicate-key' });
    expect(refusal.message).toContain(` ${path} twice`);
  });

  test.each(['{"__proto__":{}}', '[{"a":{"__proto__":1}}]', '{"\\u005f_proto__":1}'])(
    'refuses a prototype: %s',
    (text) => {
      expect(refusalOf(text)).toMatchObject({ code: 'DLI.0018', reason: 'document.proto-key' });
    },
  );

  test('bounds the number of their keys', () => {
    expect(Object.keys(parseJson(objectOf(JSON_OBJECT_KEYS)) as JsonObject)).toHaveLength(JSON_OBJECT_KEYS);
    expect(refusalOf(objectOf(JSON_OBJECT_KEYS + 1))).toMatchObject({ code: 'DLI.0009', reason: 'document.keys' });
  });
});

describe('nesting', () => {
  test('is accepted up to its limit', () => {
    expect(JSON.stringify(parseJson(nested(JSON_DEPTH)))).toBe(nested(JSON_DEPTH));
  });

  test.each(['[', '{"a":'])('is refused one level beyond its limit: %s', (open) => {
    expect(refusalOf('[{"a":'.repeat(JSON_DEPTH / 2) + open)).toMatchObject({
      code: 'DLI.0009',
      reason: 'document.depth',
    });
  });

  test('is refused before it exhausts the stack', () => {
    expect(refusalOf('['.repeat(1_000_000))).toMatchObject({ reason: 'document.depth' });
  });
});

describe('values', () => {
  const list = (values: number) => `[${'0,'.repeat(values - 2)}0]`;

  test('are accepted up to their limit, the list itself counted', () => {
    expect(parseJson(list(JSON_VALUES))).toHaveLength(JSON_VALUES - 1);
    expect(refusalOf(list(JSON_VALUES + 1))).toMatchObject({ code: 'DLI.0009', reason: 'document.values' });
  });

  test('are counted over all documents that share a budget, an object twice', () => {
    const budget = { values: 7 };
    parseJson('[1,2]', budget);
    expect(() => parseJson('[{"a":1}]', { ...budget })).not.toThrow();
    expect(() => parseJson('[{"a":{}}]', budget)).toThrow(expect.objectContaining({ reason: 'document.values' }));
  });
});

describe('surrogates', () => {
  test.each([
    '"\\ud83d"',
    '"\\ude00"',
    '"\\ud83dx"',
    '"\\ude00\\ud83d"',
    '{"\\ud800":1}',
    '"\\ud83d\\u0041"',
    '"a\ud800"',
  ])('refuses half of a pair: %j', (text) => {
    expect(refusalOf(text)).toMatchObject({ code: 'DLI.0018', reason: 'document.surrogate' });
  });
});

describe('messages', () => {
  test.each([
    ['', 'Expected a value, found the end of the document at line 1, column 1'],
    ['{"a":1,\n  "b" 2}', 'Expected a colon after the key, found a number at line 2, column 7'],
    ['[1,\r\n\r\n  {]', 'Expected a key in double quotes, found a closing bracket at line 3, column 4'],
    ['[1 x', 'Expected a comma or a closing bracket, found a bare word at line 1, column 4'],
    ['{"a":1 [', 'Expected a comma or a closing brace, found an opening bracket at line 1, column 8'],
    ['1,', 'Expected the end of the document, found a comma at line 1, column 2'],
    ['["é😀" ?', 'Expected a comma or a closing bracket, found an unexpected character at line 1, column 8'],
    [
      '"ab\u0001"',
      'Expected a character of a string or its closing quote, found a control character at line 1, column 4',
    ],
    ['"\u0001', 'Expected a character of a string or its closing quote, found a control character at line 1, column 2'],
    [
      '"a b\u0001"',
      'Expected a character of a string or its closing quote, found a control character at line 1, column 5',
    ],
    ['\n1 x', 'Expected the end of the document, found a bare word at line 2, column 3'],
    ['"ab\n"', 'Expected a character of a string or its closing quote, found a control character at line 1, column 4'],
    ['"ab\\t\\q"', 'Expected an escape sequence of JSON, found another at line 1, column 6'],
    [
      `"${'x'.repeat(50)}`,
      'Expected a character of a string or its closing quote, found the end of the document at line 1, column 52',
    ],
  ])('say what was expected, found and where: %j', (text, message) => {
    expect(refusalOf(text).message).toBe(message);
  });

  test.each([
    ['syntax', (secret: string) => `{"a":"${secret}" "b":1}`],
    ['syntax', (secret: string) => `[${secret}]`],
    ['syntax', (secret: string) => `"${secret}\\q"`],
    ['syntax', (secret: string) => `"${secret}`],
    ['duplicate-key', (secret: string) => `{"${secret} !":{"a":"${secret}","a":"${secret}"}}`],
    ['duplicate-key', (secret: string) => `{"${secret} !":1,"${secret} !":2}`],
    ['duplicate-key', (secret: string) => `{"${secret}":1,"${secret}":2}`],
    ['duplicate-key', (secret: string) => `{"${secret}":{"name":1,"name":2}}`],
    ['proto-key', (secret: string) => `{"${secret}":{"__proto__":"${secret}"}}`],
    ['integer', () => '[98765432109876543210]'],
    ['number', () => `[${'98765432109876543210'.repeat(6)}]`],
    ['surrogate', (secret: string) => `{"a":"${secret}\\ud800"}`],
    ['surrogate', (secret: string) => `{"a":"${secret}\ud800"}`],
    ['depth', (secret: string) => `${'['.repeat(JSON_DEPTH)}["${secret}"`],
    ['keys', (secret: string) => objectOf(JSON_OBJECT_KEYS + 1).replaceAll('k', secret)],
  ])('never quote the document: %s, %s', (reason, write) => {
    const refusal = refusalOf(write('hunter2secret'));
    expect(refusal.reason).toBe(`document.${reason}`);
    expect(refusal.message).not.toContain('hunter2secret');
    expect(refusal.message).not.toContain('98765432109876543210');
    expect(refusal.cause).toBeUndefined();
  });
});
