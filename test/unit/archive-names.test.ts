import { describe, expect, test } from 'vitest';
import { escapeName, quoteName } from '../../lib/quote-name.ts';
import { readWhole } from '../read-whole.ts';
import { type ZipFile, zip } from '../zip.ts';

const named = (name: string): ZipFile => ({ name, data: '{}' });

describe('a name', () => {
  test.each([
    ['absolute', '/a.json'],
    ['absolute', '//host/a.json'],
    ['parent', '../a.json'],
    ['parent', 'a/../b.json'],
    ['parent', '..'],
    ['parent', '__MACOSX/../../a.json'],
    ['drive', 'C:a.json'],
    ['drive', 'c:/a.json'],
    ['backslash', 'a\\b.json'],
    ['backslash', '..\\a.json'],
    ['control', 'a\0.json'],
    ['control', 'a\n.json'],
    ['control', 'a\u007f.json'],
    ['control', 'a\u009b.json'],
    ['empty', ''],
  ])('is refused as name-%s: %j', async (reason, name) => {
    await expect(readWhole(zip([named('ok.json'), named(name)]))).rejects.toMatchObject({
      code: 'DLI.0018',
      reason: `archive.name-${reason}`,
    });
  });

  test('is refused unless it is UTF-8', async () => {
    const archive = zip([{ name: '', data: '{}', both: { name: Buffer.from('é.json', 'latin1') } }]);
    await expect(readWhole(archive)).rejects.toMatchObject({
      code: 'DLI.0018',
      reason: 'archive.name-encoding',
      message: 'Entry 1 of the directory: expected a name in UTF-8, found 6 bytes that are not',
    });
  });

  test.each([
    ['a.json', 'a.json'],
    ['a.json', './a.json'],
    ['b/a.json', 'b//a.json'],
    ['a.json', 'a.json/'],
    ['.DS_Store', '.DS_Store'],
  ])('is refused beside another of the same place: %s, %s', async (one, other) => {
    const archive = zip([named('ok.json'), named(one), { name: other, data: '', store: true }]);
    await expect(readWhole(archive)).rejects.toMatchObject({ code: 'DLI.0018', reason: 'archive.name-duplicate' });
  });

  test.each(['..a.json', 'a..json', '.../a.json', 'a b/ü 😀.json', '.json', './a.json', 'ab:c.json', 'a"b.json'])(
    'is accepted: %j',
    async (name) => {
      const entries = await readWhole(zip([named(name)]));
      expect(entries.map((entry) => entry.name)).toEqual([name]);
    },
  );

  test.each(['readme.txt', 'a.json.bak', 'b/a', 'json', 'a.zip.txt', '.DS_Store.txt', 'b/Thumbs.db.x', 'a.json ', '-'])(
    'of another file refuses the archive: %s',
    async (name) => {
      await expect(readWhole(zip([named('ok.json'), named(name)]))).rejects.toMatchObject({
        code: 'DLI.0018',
        reason: 'archive.foreign-file',
        message: expect.stringContaining(JSON.stringify(name)),
      });
    },
  );
});

describe('escapeName', () => {
  test.each(['uploads/p/a.zip', 'a"b\n\u202e.zip', 'x'.repeat(1_024), ''])(
    'gives what quoteName quotes: %j',
    (name) => {
      expect(`"${escapeName(name)}"`).toBe(quoteName(name));
    },
  );
});

describe('quoteName', () => {
  test.each([
    ['a b/é😀.json', '"a b/é😀.json"'],
    ['', '""'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['a\nb\u0000\u001b[31m', '"a\\nb\\u0000\\u001b[31m"'],
    ['a\u007f\u0085b', '"a\\u007f\\u0085b"'],
    ['a\u202enosj.exe\u2028', '"a\\u202enosj.exe\\u2028"'],
    ['\u{e0041}', '"\\udb40\\udc41"'],
    ['\ud800', '"\\ud800"'],
  ])('escapes what cannot be seen in %j', (name, quoted) => {
    expect(quoteName(name)).toBe(quoted);
  });

  test('shows 200 characters whole and cuts longer names', () => {
    expect(quoteName('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
    expect(quoteName('x'.repeat(201))).toBe(`"${'x'.repeat(200)}…"`);
  });

  test('cuts no character and no escape in two', () => {
    expect(quoteName(`${'x'.repeat(199)}😀`)).toBe(`"${'x'.repeat(199)}…"`);
    expect(quoteName(`${'x'.repeat(198)}\n`)).toBe(`"${'x'.repeat(198)}\\n"`);
    expect(quoteName(`${'x'.repeat(199)}\n`)).toBe(`"${'x'.repeat(199)}…"`);
  });
});
