import { crc32 } from 'node:zlib';
import { NAME_MARKS } from '../../lib/limits.ts';
import { uint, type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, exceed, join, pair, refuse, SECRET } from './case.ts';

const NO_FLAGS = 0;
const UTF8 = 0x0800;

/** A file whose name is these bytes in both headers. */
function named(name: string | Buffer, flags = UTF8): ZipFile {
  return { ...A, name: '', both: { name: typeof name === 'string' ? Buffer.from(name) : name, flags } };
}

const bad: [string, string, string[]][] = [
  ['archive.name-absolute', 'absolute', ['/a.json', '//host/share/a.json', '/../a.json', '/']],
  [
    'archive.name-parent',
    'with ..',
    [
      '../a.json',
      'd/../a.json',
      'd/..',
      '..',
      '../',
      './../a.json',
      '__MACOSX/../../a.json',
      '.. /a.json',
      'd/..  ',
      'd/..\u3000/a.json',
      '.. . /a.json',
    ],
  ],
  ['archive.name-drive', 'with a drive', ['C:a.json', 'c:/a.json', 'Z:/../a.json', 'c:', 'd/C:/a.json', 'd/c:']],
  [
    'archive.name-backslash',
    'with a backslash',
    ['d\\a.json', '..\\a.json', '\\a.json', '\\\\host\\a.json', 'C:\\a.json'],
  ],
  [
    'archive.name-control',
    'with a control character',
    [
      'a.json\0.txt',
      'a\0.json',
      'a\n.json',
      'a\r.json',
      'a\x1b[2J.json',
      'a\x7f.json',
      'a\u0085.json',
      'a\u009b.json',
      'a\t.json',
    ],
  ],
  [
    'archive.name-control',
    'with a separator of lines or a change of direction',
    ['\u202enosj.json', 'a\u202a.json', 'a\u2066b\u2069.json', 'a\u2028.json', 'a\u2029.json'],
  ],
];

/** The name with the secret in it, if it is one of a document. */
function withSecret(name: string): string {
  return name.replace('.json', `${SECRET}.json`);
}

/** Names that lead out of the archive, or deceive. */
export const NAMES: Case[] = [
  ...bad.flatMap(([reason, what, names]) =>
    names.map((name) =>
      refuse(reason, `a name ${what}: ${JSON.stringify(name)}`, () => zip([B, named(withSecret(name))])),
    ),
  ),
  ...pair('a name within the archive', 'archive.name-parent', (isMutant) =>
    zip([named(isMutant ? 'd/../c.json' : 'd/.../c.json')]),
  ),
  ...Object.entries({
    'half a character': Buffer.from('é.json').subarray(1),
    'Latin-1': join('\xe9.json'),
    'an overlong form of a dot': join('\xc0\xae\xc0\xae/a.json'),
    'an overlong form of a slash': join('..\xc0\xafa.json'),
    'a surrogate': join('\xed\xa0\x80.json'),
    'a character beyond Unicode': join('\xf4\x90\x80\x80.json'),
    'a byte that never occurs': join('\xff.json'),
  }).map(([what, name]) =>
    refuse('archive.name-encoding', `a name that is called UTF-8 and holds ${what}`, () =>
      zip([named(join(name, SECRET))]),
    ),
  ),
  refuse('archive.name-encoding', 'a name of noise that is called UTF-8 and is not', () =>
    zip([A, named(join('__MACOSX/\xe9'))]),
  ),
  ...[
    '..a.json',
    'a..json',
    '.../a.json',
    'd./a.json',
    '~/a.json',
    ' .json',
    '-rf.json',
    '$(id).json',
    'a;b&c|d.json',
    '%2e%2e/a.json',
    'CON.json',
    'a"b\'c.json',
    '.json',
    'd/.json',
    './a.json',
    'd//a.json',
    'd/./a.json',
    'ab:c.json',
    'a.JSON',
    '*.json',
  ].map((name) => accept(`a name that is odd: ${JSON.stringify(name)}`, () => zip([named(name)]))),
  ...[
    'é.json',
    'e\u0301.json',
    '東京.json',
    'имя.json',
    '😀.json',
    '\ufeffa.json',
    '\u200eא.json',
    '👩\u200d💻.json',
    'می\u200cخواهم.json',
    'd/a:b.json',
    '.. a/c.json',
  ].flatMap((name) => [
    accept(`a name beyond ASCII: ${JSON.stringify(name)}`, () => zip([named(name)])),
    accept(`a name beyond ASCII without the flag: ${JSON.stringify(name)}`, () => zip([named(name, NO_FLAGS)])),
  ]),
  accept('a name in code page 437', () => zip([named(join('\x82t\x82.json'), NO_FLAGS)])),
  accept('a name in code page 936', () => zip([named(join('\xce\xc4\xbc\xfe.json'), NO_FLAGS)])),
  accept('a name in code page 866', () => zip([named(join('\xa8\xac\xef.json'), NO_FLAGS)])),
  ...Object.entries({
    'of a vowel': (count: number) => `e${'\u0301'.repeat(count)}.json`,
    'at the start': (count: number) => `${'\u0301'.repeat(count)}.json`,
    'at the end of a folder': (count: number) =>
      `d${'\u0345\u0327'.repeat(count / 2)}${'\u0301'.repeat(count % 2)}/c.json`,
    'beyond 16 bits': (count: number) => `x${'\u{1d165}'.repeat(count)}.json`,
  }).flatMap(([what, name]) => [
    accept(`${NAME_MARKS} combining marks ${what}`, () => zip([named(name(NAME_MARKS)), B])),
    exceed('archive.name-marks', `${NAME_MARKS + 1} combining marks ${what}`, () =>
      zip([named(name(NAME_MARKS + 1)), B]),
    ),
  ]),
  accept(`twice ${NAME_MARKS} combining marks, apart`, () =>
    zip([named(`e${'\u0301'.repeat(NAME_MARKS)}e${'\u0301'.repeat(NAME_MARKS)}.json`), B]),
  ),
  exceed('archive.name-length', 'a name of 65,535 bytes', () => zip([B, named('x'.repeat(65_530).concat('.json'))])),
];

function unicodePath(header: Buffer, path: string | Buffer, { version = 1, crc = crc32(header) } = {}): Buffer {
  const name = Buffer.from(path);
  return join(uint(2, 0x7075), uint(2, 5 + name.length), Buffer.from([version]), uint(4, crc), name);
}

/** A file with a name in a header, and the same or another in a field that is in both headers. */
function withPath(header: string | Buffer, field: (raw: Buffer) => Buffer, flags = NO_FLAGS): () => Buffer {
  const raw = Buffer.from(header);
  return () => zip([{ ...A, name: '', both: { name: raw, flags, extra: field(raw) } }, B]);
}

/** Names as tools write them on a Windows of that language, or of that system. */
const CODE_PAGE_NAMES: Record<string, [raw: string, path: string]> = {
  'code page 720': ['\x9f\xa0', 'اب'],
  'code page 737': ['\x98\x99', 'αβ'],
  'code page 775': ['\xd0\xd1', 'ąč'],
  'code page 850': ['\x9d\xb7', 'ØÀ'],
  'code page 852': ['\xa5\x86', 'ąć'],
  'code page 855': ['\xa0\xa2', 'аб'],
  'code page 857': ['\x8d\xa7', 'ığ'],
  'code page 862': ['\x80\x81', 'אב'],
  'code page 874': ['\xa1\xa2', 'กข'],
  'code page 949': ['\xb0\xa1', '가'],
  'code page 950': ['\xa4\xe5', '文'],
  'code page 1250': ['\xb9\xe6', 'ąć'],
  'code page 1251': ['\xe8\xec\xff', 'имя'],
  'code page 1252': ['\xe9\x80', 'é€'],
  'code page 1253': ['\xe1\xe2', 'αβ'],
  'code page 1254': ['\xfd\xf0', 'ığ'],
  'code page 1255': ['\xe0\xe1', 'אב'],
  'code page 1256': ['\xc8\xca', 'بت'],
  'code page 1257': ['\xe0\xe8', 'ąč'],
  'code page 1258': ['\xf5\xfd', 'ơư'],
  'KOI8-R': ['\xc9\xcd\xd1', 'имя'],
  'KOI8-U': ['\xa6\xa7', 'ії'],
  'ISO 8859-2': ['\xb1\xe6', 'ąć'],
  'ISO 8859-5': ['\xd8\xdc', 'им'],
  'ISO 8859-7': ['\xa4\xe1', '€α'],
  'ISO 8859-15': ['\xa4', '€'],
  'EUC-JP': ['\xc6\xfc\xcb\xdc', '日本'],
  'Mac Roman': ['\x8e', 'é'],
};

const E_437 = join('\x82.json');

/** Names that are written twice, in the header and in UTF-8. */
export const UNICODE_PATHS: Case[] = [
  accept(
    'a Unicode path in ASCII',
    withPath('c.json', (raw) => unicodePath(raw, 'c.json')),
  ),
  accept(
    'a Unicode path of a name in UTF-8',
    withPath('é.json', (raw) => unicodePath(raw, 'é.json')),
  ),
  accept(
    'a Unicode path of a name that is called UTF-8',
    withPath('é.json', (raw) => unicodePath(raw, 'é.json'), UTF8),
  ),
  accept(
    'a Unicode path of a name in code page 437',
    withPath(E_437, (raw) => unicodePath(raw, 'é.json')),
  ),
  accept(
    'a Unicode path of a name in code page 936',
    withPath(join('\xce\xc4\xbc\xfe.json'), (raw) => unicodePath(raw, '文件.json')),
  ),
  accept(
    'a Unicode path of a name in code page 932',
    withPath(join('\x95\x5c.json'), (raw) => unicodePath(raw, '表.json')),
  ),
  accept(
    'a Unicode path of a name in code page 866',
    withPath(join('\xa8\xac\xef.json'), (raw) => unicodePath(raw, 'имя.json')),
  ),
  ...Object.entries(CODE_PAGE_NAMES).map(([page, [raw, path]]) =>
    accept(
      `a Unicode path of a name in ${page}`,
      withPath(join(raw, '.json'), (header) => unicodePath(header, `${path}.json`)),
    ),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path of a code page that no tool of Windows writes',
    withPath(join('\xc1\xc2.json'), (raw) => unicodePath(raw, 'AB.json')),
  ),
  ...['\xff.json', '\x81\xff.json', '\xa0\xff.json'].map((raw) =>
    refuse(
      'archive.unicode-path',
      `a Unicode path of what stands for bytes that are no character: ${JSON.stringify(raw)}`,
      withPath(join(raw), (header) => unicodePath(header, raw.replace(/[^.json]+/, '\ufffd'))),
    ),
  ),
  refuse('archive.local-name', 'a Unicode path in the directory that the local header does not know', () => {
    const gbk = join('\xce\xc4.json');
    return zip([
      { ...A, name: '', both: { name: gbk, flags: NO_FLAGS }, central: { extra: unicodePath(gbk, '文.json') } },
    ]);
  }),
  accept('a Unicode path in the directory only', () => {
    return zip([{ ...A, central: { extra: unicodePath(join('a.json'), 'a.json') } }]);
  }),
  accept('a Unicode path in the local header only', () => {
    return zip([{ ...A, local: { extra: unicodePath(join('a.json'), 'a.json') } }]);
  }),

  ...Object.entries({
    'another name': `${SECRET}.json`,
    'a name that leads out': '../c.json',
    'a name in capitals': 'C.json',
    'a name with more behind it': 'c.json.txt',
    'no name': '',
  }).map(([what, path]) =>
    refuse(
      'archive.unicode-path',
      `a Unicode path of ${what}`,
      withPath('c.json', (raw) => unicodePath(raw, path)),
    ),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path of another letter',
    withPath(E_437, (raw) => unicodePath(raw, 'è.json')),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path of another form',
    withPath('é.json', (raw) => unicodePath(raw, 'e\u0301.json'), UTF8),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path that is not UTF-8',
    withPath('c.json', (raw) => unicodePath(raw, join('\xff.json'))),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path of an unknown version',
    withPath('c.json', (raw) => unicodePath(raw, 'c.json', { version: 2 })),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path for another header',
    withPath('c.json', (raw) => unicodePath(raw, 'c.json', { crc: 1 })),
  ),
  refuse(
    'archive.unicode-path',
    'a Unicode path that is cut',
    withPath('c.json', () => join(uint(2, 0x7075), uint(2, 3), '\x01ab')),
  ),
  refuse(
    'archive.extra-field',
    'two Unicode paths',
    withPath('c.json', (raw) => join(unicodePath(raw, 'c.json'), unicodePath(raw, 'x.json'))),
  ),
  refuse('archive.unicode-path', 'another Unicode path in the local header', () => {
    return zip([{ ...A, local: { extra: unicodePath(join('a.json'), 'x.json') } }]);
  }),
  refuse('archive.local-name', 'a Unicode path in the local header that the directory does not know', () => {
    const gbk = join('\xce\xc4.json');
    return zip([
      { ...A, name: '', both: { name: gbk, flags: NO_FLAGS }, local: { extra: unicodePath(gbk, '文.json') } },
    ]);
  }),
];

const together =
  (...names: string[]) =>
  () =>
    zip([...names.map((name) => (name.endsWith('/') ? { name, data: '', store: true } : { ...A, name })), B]);

/** Names that are one, here or elsewhere. */
export const DUPLICATES: Case[] = [
  ...[
    ['c.json', 'c.json'],
    ['d/c.json', 'd/c.json'],
    ['c.json', './c.json'],
    ['d/c.json', 'd//c.json'],
    ['d/c.json', 'd/./c.json'],
    ['c.json', 'c.json/'],
    ['d/', 'd/'],
    ['d/', './d/'],
    ['.DS_Store', '.DS_Store'],
    ['manifest.json', 'manifest.json'],
  ].map((names) => refuse('archive.name-duplicate', `the same name: ${names.join(', ')}`, together(...names))),
  refuse('archive.name-duplicate', 'the same name with other content', () => zip([A, { ...B, name: 'a.json' }])),
  ...[
    [named('é.json', NO_FLAGS), named('├⌐.json')],
    [named('├⌐.json'), named('é.json', NO_FLAGS)],
    [named('é.json', NO_FLAGS), named('├⌐.JSON')],
  ].map((files, at) =>
    refuse('archive.name-alike', `a name in UTF-8 and what it is in code page 437, ${at}`, () => zip([...files, B])),
  ),
  refuse('archive.name-alike', 'one name in two code pages', () => {
    const raw = join('\xc9.json');
    return zip(
      ['É.json', 'Й.json'].map((path) => ({
        ...A,
        name: '',
        both: { name: raw, flags: NO_FLAGS, extra: unicodePath(raw, path) },
      })),
    );
  }),
  accept('names in UTF-8 without the flag that are two in code page 437', () =>
    zip([named('é.json', NO_FLAGS), named('è.json', NO_FLAGS), named('├.json')]),
  ),
  accept('names in code page 936 whose bytes differ in case only in code page 437', () => {
    return zip(
      ['\x82\x40.json', '\x90\x40.json'].map((bytes) => {
        const name = join(bytes);
        const path = new TextDecoder('gb18030').decode(name);
        return { ...A, name: '', both: { name, flags: NO_FLAGS, extra: unicodePath(name, path) } };
      }),
    );
  }),
  refuse('archive.name-duplicate', 'the same name in two encodings', () => {
    return zip([named('é.json'), named(E_437, NO_FLAGS)]);
  }),
  ...[
    ['é.json', 'e\u0301.json'],
    ['d\u00fc/c.json', 'du\u0308/c.json'],
    ['\u212b.json', '\u00c5.json'],
    ['\u2126.json', '\u03a9.json'],
    ['\uac00.json', '\u1100\u1161.json'],
    ['q\u0307\u0323.json', 'q\u0323\u0307.json'],
  ].map((names) =>
    refuse('archive.name-alike', `names of one normal form: ${JSON.stringify(names)}`, together(...names)),
  ),
  ...[
    ['c.json', 'C.json'],
    ['c.json', 'c.JSON'],
    ['d/c.json', 'D/c.json'],
    ['D/', 'd/c.json/'],
    ['é.json', 'É.json'],
    ['É.json', 'e\u0301.json'],
    ['straße.json', 'STRASSE.json'],
    ['σ.json', 'ς.json'],
    ['k.json', '\u212a.json'],
    ['ж.json', 'Ж.json'],
    ['ǆ.json', 'ǅ.json'],
    ['\u{10400}.json', '\u{10428}.json'],
    ['ẞ.json', 'ß.json'],
    ['ẞ.json', 'ss.json'],
    ['STRAẞE.json', 'STRASSE.json'],
    ['STRAẞE.json', 'straße.json'],
    ['Ω.json', '\u2126.json'],
    ['ﬁ.json', 'FI.json'],
    ['ᾳ\u0301.json', 'α\u0301\u0345.json'],
    ['ᾳ\u0301.json', 'ΆΙ.json'],
    ['c.json', './c.JSON'],
    ['.ds_store', '.DS_Store'],
  ]
    .filter(([one]) => one !== 'D/')
    .map((names) => refuse('archive.name-alike', `names but for case: ${JSON.stringify(names)}`, together(...names))),
  ...[
    ['c.json', 'c.json/d.json'],
    ['c.json/d.json', 'c.json'],
    ['c.json', 'c.json/d/e.json'],
    ['c.json', 'c.json/d/'],
    ['./d//c.json', 'd/c.json/e.json'],
    ['.DS_Store', '.DS_Store/c.json'],
    ['c.json', 'c!.json', 'c.json/d.json'],
    ['c.json', 'C.JSON/d.json'],
    ['e\u0301.json', 'É.json/d.json'],
    ['STRAẞE.json', 'strasse.json/d.json'],
  ].map((names) =>
    refuse('archive.name-folder', `a file and a folder of one name: ${JSON.stringify(names)}`, together(...names)),
  ),
  ...[
    ['c.json', 'c.json.d/e.json'],
    ['c.json', 'd/c.json/e.json'],
    ['c.json/', 'c.json/d.json'],
    ['d/c.json', 'd/c!.json', 'd/c.jsom/e.json'],
    ['a\u200d.json', 'a.json'],
    ['d /c.json', 'd/c.json'],
    ['İ.json', 'i.json'],
    ['①.json', '1.json', '¹.json'],
    ['ａ.json', 'c.json'],
    ['c.json', 'd.json'],
    ['c.json', 'd/c.json'],
    ['e.json', 'é.json'],
    ['o.json', 'ø.json'],
    ['a c.json', 'ac.json'],
    ['c.json', 'c.json.json'],
    ['c.json', 'с.json'],
    ['1.json', '①.json'],
    ['d/', 'd/c.json'],
    ['.DS_Store', 'd/.DS_Store'],
  ].map((names) => accept(`names that are two: ${JSON.stringify(names)}`, together(...names))),
];
