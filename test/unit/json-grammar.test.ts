import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { type Json, parseJson } from '../../lib/job/json.ts';

const ACCEPTED = [
  ...['null', 'true', 'false', '0', '-1', '1.5', '[]', '{}', '""', '"a"', ' 1 ', '\t\r\n1', '1\n', '[ ]', '{ }'],
  ...[
    '[1,2]',
    '[ 1 , 2 ]',
    '[[],[[]]]',
    '{"a":1}',
    '{ "a" : 1 , "b" : 2 }',
    '{"":0}',
    '{"a":{"a":{}}}',
    '[{}]',
    '[null]',
  ],
  ...[
    '"\\""',
    '"\\\\"',
    '"\\\\\\""',
    '"\\/"',
    '"\\b\\f\\n\\r\\t"',
    '"\\u0041"',
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    '"é😀"',
  ],
  ...[
    '"\\u0000"',
    '"\\uABCD\\uabcd"',
    '"/"',
    '"\u007f"',
    '"\u2028\u2029"',
    '{"\\n":1}',
    '{"\\u0061":1}',
    '"\\\\u0041"',
  ],
  ...[
    '-0',
    '-0.0',
    '1.0',
    '1e5',
    '1E5',
    '1e+5',
    '1e-5',
    '0.1000',
    '0e0',
    '1e400',
    '-1e-400',
    '100000000000000000000.5',
  ],
  ...['9007199254740993', '9223372036854775807', '-9223372036854775808', '1.7976931348623157e308', '1e21', '5e-324'],
  ...['{"1":1,"0":0}', '{"constructor":1,"toString":2}', `"${'x'.repeat(1000)}"`, `"${'\\n'.repeat(1000)}"`],
  ...[
    `"${'x'.repeat(22)}"`,
    `"${'x'.repeat(23)}"`,
    `"${'x'.repeat(24)}"`,
    `"${'x'.repeat(30)}\\\\"`,
    '"[{\\"a\\":1}]"',
  ],
];

const REJECTED = [
  ...['', ' ', '\n', 'nul', 'nulll', 'Null', 'True', 'tru', 'undefined', 'NaN', 'Infinity', '-Infinity', "'a'", 'a'],
  ...['+1', '01', '-01', '1.', '.5', '-', '-.5', '1e', '1e+', '0x10', '1_000', '1 2', '--1', '1.2.3', '1e5.5', '１'],
  ...['[', ']', '[1', '[1,', '[1,]', '[,1]', '[1 2]', '[1,,2]', '[1}', '[]]', '[1]x', '[:1]'],
  ...[
    '{',
    '}',
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1,}',
    '{,}',
    '{a:1}',
    "{'a':1}",
    '{1:1}',
    '{"a" 1}',
    '{"a":}',
  ],
  ...['{"a":1]', '{"a":1 "b":2}', '{"a":1;"b":2}', '{"a"=1}', '{null:1}', '{"a":1}}', '{"a":1},', '{:1}'],
  ...[
    '"',
    '"a',
    '"\\',
    '"\\"',
    '"\\x"',
    '"\\u"',
    '"\\u12"',
    '"\\u12G4"',
    '"\\U0041"',
    '"\\\'"',
    '"a\nb"',
    '"\t"',
    '"\u0000"',
  ],
  ...[`"${'x'.repeat(40)}`, `"${'x'.repeat(40)}\n"`, `"${'x'.repeat(40)}\\q"`, '"\\\n"', '{"a\nb":1}', '{"\\q":1}'],
  ...['\ufeff1', '\u00a01', '1\u00a0', '\f1', '\v1', '// c\n1', '/* c */1', '1 // c', '#1', '[1,\u20282]', '"a""b"'],
];

/** The value as `JSON.parse` gives it, which has no raw numbers and knows prototypes. */
function plain(value: Json): unknown {
  if (JSON.isRawJSON(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

/** The text with each of some characters put in at a place, in front of what is there and instead of it. */
function changesAt(text: string, at: number): string[] {
  const [before, instead] = [text.slice(at), text.slice(at + 1)];
  return Array.from('{}[]:,"\\ntrue0-1.eE+ \nu\u0001', (character) => [
    text.slice(0, at) + character + before,
    text.slice(0, at) + character + instead,
  ]).flat();
}

/** What reading gives; undefined where it refuses. */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ApiError) return undefined;
    throw error;
  }
}

describe('the grammar', () => {
  test.each(ACCEPTED)('reads %j as JSON.parse does', (text) => {
    expect(plain(parseJson(text))).toStrictEqual(JSON.parse(text));
  });

  test.each(REJECTED)('refuses %j as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parseJson(text)).toThrow(
      expect.objectContaining({ name: 'ApiError', code: 'DLI.0018', reason: 'document.syntax' }),
    );
  });

  test('agrees with JSON.parse on every document that one change makes of a good one', () => {
    const document = JSON.stringify([
      { name: 'a b', nums: [1.5, -2e7, 0], sql: 'x\n"\\é', text: 'y\t'.repeat(20) },
      null,
      true,
    ]);
    const texts = Array.from(document, (_, at) => changesAt(document, at)).flat();
    const expected = texts.map((text) => attempt(() => JSON.parse(text)));
    const found = texts.map((text) => attempt(() => plain(parseJson(text))));
    expect(texts.filter((_, at) => !isDeepStrictEqual(found[at], expected[at]))).toEqual([]);
    const refused = expected.filter((value) => value === undefined).length;
    expect(refused).toBeGreaterThan(1_000);
    expect(expected.length - refused).toBeGreaterThan(1_000);
  });
});
