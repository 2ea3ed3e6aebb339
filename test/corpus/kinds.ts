import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { uint, type ZipFile, zip } from '../zip.ts';
import { A, accept, B, type Case, JOB, join, pair, refuse } from './case.ts';

const DOS_HOST = 20;
const NTFS_HOST = (10 << 8) | 20;
const MAC_HOST = (19 << 8) | 30;
const FOLDER: ZipFile = { name: 'd/', data: '', store: true };

const withAttributes =
  (central: NonNullable<ZipFile['central']>, file: ZipFile = B) =>
  () =>
    zip([A, { ...file, central }]);

const field = (id: number, content: Buffer) => join(uint(2, id), uint(2, content.length), content);
/** Attributes of the directory once more, as libarchive writes them into local headers and reads them from a stream. */
function attributesField(mode: number, { bitmap = '\x07', attributes = 0, host = 3 } = {}): Buffer {
  const parts = ['', uint(2, (host << 8) | 20), uint(2, 0), uint(4, mode * 0x10000 + attributes)];
  const present = parts.filter((_, at) => at === 0 || (bitmap.charCodeAt(0) & (1 << (at - 1))) !== 0);
  return field(0x6c78, join(bitmap, ...present));
}
/** A mode and the target of a link, as ASi and, from it, Ant write them. */
function asiField(mode: number, target = ''): Buffer {
  const content = join(uint(2, mode), uint(4, target.length), uint(2, 0), uint(2, 0), target);
  return field(0x756e, join(uint(4, crc32(content)), content));
}
/** Times and ids, and the target of a link, as PKWARE writes them on Unix. */
const unixField = (target: string) => field(0x000d, join(uint(4, 0), uint(4, 0), uint(2, 0), uint(2, 0), target));

const TYPE_FIELDS: Record<string, { file: Buffer; other: Buffer }> = {
  'attributes of libarchive': { file: attributesField(0o100644), other: attributesField(0o120777) },
  'attributes of libarchive alone': {
    file: attributesField(0o100644, { bitmap: '\x04' }),
    other: attributesField(0o120777, { bitmap: '\x04' }),
  },
  'attributes of libarchive behind a long bitmap': {
    file: attributesField(0o100644, { bitmap: '\x87\x80\x01' }),
    other: attributesField(0o020644, { bitmap: '\x87\x80\x01' }),
  },
  'attributes of libarchive, of DOS': {
    file: attributesField(0, { host: 0, attributes: 0x20 }),
    other: attributesField(0, { host: 0, attributes: 0x420 }),
  },
  'a mode of ASi': { file: asiField(0o100644), other: asiField(0o120777, '/etc/passwd') },
  'a target of ASi': { file: asiField(0), other: asiField(0o100644, '/etc/passwd') },
  'a field of PKWARE': { file: unixField(''), other: unixField('/etc/passwd') },
};

/** What an entry is by its attributes, in the directory and in extra fields. */
export const FILE_TYPES: Case[] = [
  ...Object.entries({
    'no mode': 0,
    'a mode without a type': 0o644,
    'a file of its owner': 0o100600,
    'a program': 0o100755,
    'a program that runs as its owner': 0o104755,
    'a file that nobody may read': 0o100000,
  }).map(([what, mode]) => accept(what, withAttributes({ mode }))),
  ...Object.entries({
    'read only': 0x01,
    hidden: 0x02,
    system: 0x06,
    archived: 0x20,
    'a normal file of NTFS': 0x80,
  }).map(([what, attributes]) =>
    accept(`a file of DOS: ${what}`, withAttributes({ versionMadeBy: DOS_HOST, mode: 0, attributes })),
  ),
  accept('a file of NTFS', withAttributes({ versionMadeBy: NTFS_HOST, mode: 0, attributes: 0x20 })),
  accept('a file of macOS', withAttributes({ versionMadeBy: MAC_HOST, mode: 0o100644 })),
  accept('a folder of Unix', withAttributes({ mode: 0o040755, attributes: 0x10 }, FOLDER)),
  accept('a folder of DOS', withAttributes({ versionMadeBy: DOS_HOST, mode: 0, attributes: 0x10 }, FOLDER)),
  accept('a folder without attributes', withAttributes({ mode: 0 }, FOLDER)),
  accept('a folder deflated, as jar writes it', () => zip([A, { name: 'd/', data: '' }])),

  ...Object.entries({
    'a symbolic link': 0o120777,
    'a pipe': 0o010644,
    'a device of characters': 0o020644,
    'a device of blocks': 0o060644,
    'a socket': 0o140644,
    'a door': 0o150644,
    'a type that is none': 0o030644,
    'all types at once': 0o170644,
  }).map(([what, mode]) => refuse('archive.link', what, withAttributes({ mode }))),
  refuse('archive.link', 'a symbolic link of macOS', withAttributes({ versionMadeBy: MAC_HOST, mode: 0o120755 })),
  refuse(
    'archive.link',
    'a symbolic link that says it is of DOS',
    withAttributes({ versionMadeBy: DOS_HOST, mode: 0o120777 }),
  ),
  refuse('archive.link', 'a symbolic link out of the archive', () => {
    return zip([{ name: 'l.json', data: '../../etc/passwd', store: true, central: { mode: 0o120777 } }, A]);
  }),
  refuse(
    'archive.link',
    'a symbolic link that is passed over',
    withAttributes({ mode: 0o120777 }, { ...B, name: '.DS_Store' }),
  ),
  refuse('archive.link', 'a symbolic link in the place of a folder', withAttributes({ mode: 0o120777 }, FOLDER)),
  refuse('archive.link', 'the label of a disk', withAttributes({ versionMadeBy: DOS_HOST, mode: 0, attributes: 0x08 })),
  ...Object.entries({
    'a reparse point': 0x400,
    'a reparse point that is archived': 0x420,
    'a device': 0x40,
  }).flatMap(([what, attributes]) =>
    Object.entries({ DOS: DOS_HOST, NTFS: NTFS_HOST }).map(([host, versionMadeBy]) =>
      refuse('archive.link', `${what} of ${host}`, withAttributes({ versionMadeBy, mode: 0, attributes })),
    ),
  ),
  ...Object.entries(TYPE_FIELDS).flatMap(([what, { file, other }]) => [
    ...pair(`${what}, in the local header`, 'archive.link', (isMutant) =>
      zip([B, { ...A, local: { extra: isMutant ? other : file } }]),
    ),
    ...pair(`${what}, in the directory`, 'archive.link', (isMutant) =>
      zip([B, { ...A, central: { extra: isMutant ? other : file } }]),
    ),
  ]),
  accept('a folder by the attributes of libarchive', () =>
    zip([A, { ...FOLDER, both: { extra: attributesField(0o040755) } }]),
  ),
  accept('a field of libarchive without attributes', () =>
    zip([{ ...A, local: { extra: attributesField(0o120777, { bitmap: '\x03' }) } }]),
  ),
  accept('a field of ASi that is cut', () => zip([{ ...A, local: { extra: field(0x756e, Buffer.alloc(5)) } }])),
  refuse('archive.file-type', 'a folder without a slash by the attributes of libarchive', () =>
    zip([A, { ...B, local: { extra: attributesField(0o040755) } }]),
  ),
  refuse('archive.file-type', 'a folder without a slash by ASi', () =>
    zip([A, { ...B, local: { extra: asiField(0o040755) } }]),
  ),
  refuse('archive.link', 'noise that is a link by the attributes of libarchive', () =>
    zip([A, { ...B, name: '.DS_Store', local: { extra: attributesField(0o120777) } }]),
  ),
  refuse('archive.extra-field', 'two fields of attributes', () =>
    zip([{ ...A, local: { extra: join(attributesField(0o100644), attributesField(0o120777)) } }]),
  ),
  ...pair('an ordinary file', 'archive.link', (isMutant) =>
    zip([{ ...A, name: 'l.json', central: { mode: isMutant ? 0o120644 : 0o100644 } }]),
  ),
  ...pair('a file of DOS', 'archive.file-type', (isMutant) => {
    return zip([{ ...A, central: { versionMadeBy: DOS_HOST, mode: 0, attributes: isMutant ? 0x30 : 0x20 } }]);
  }),
  refuse('archive.file-type', 'a folder of Unix without a slash', withAttributes({ mode: 0o040755 })),
  refuse(
    'archive.file-type',
    'a folder of noise without a slash',
    withAttributes({ mode: 0o040755 }, { ...FOLDER, name: '__MACOSX/d' }),
  ),
];

const inner = () => zip([A]);

/** The header of a tar: a name, what names the format, and the checksum, which is taken with blanks in its place. */
function tar(magic: string, size = 512): Buffer {
  const header = Buffer.alloc(512);
  header.write('a.json', 'latin1');
  header.write(magic, 257, 'latin1');
  header.write(' '.repeat(8), 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header.subarray(0, size);
}

/** A job whose text holds a word at a place where a tar has its own. */
function jobWith(words: Record<number, string>, length = 600): string {
  const document = Buffer.alloc(length, 'x');
  document.write('{"name":"a","sql_body":"', 'latin1');
  for (const [at, word] of Object.entries(words)) document.write(word, Number(at), 'latin1');
  document.write('"}', length - 2, 'latin1');
  return document.toString('latin1');
}

/** A job that is a tar of the tools which take a header of blanks and digits for one. */
function jobAndTar(): string {
  const blank = Buffer.from(jobWith({ 148: ' '.repeat(8), 257: 'ustar  ' })).subarray(0, 512);
  const sum = blank.reduce((total, byte) => total + byte, 0);
  return jobWith({ 148: `${sum.toString(8).padStart(6, '0')}  `, 257: 'ustar  ' });
}

/** Archives in archives. */
export const NESTED: Case[] = [
  ...[
    'x.zip',
    'x.ZIP',
    'd/x.zip',
    'x.jar',
    'x.war',
    'x.tar',
    'x.tar.gz',
    'x.tgz',
    'x.gz',
    'x.bz2',
    'x.xz',
    'x.zst',
    'x.7z',
    'x.rar',
    '.zip',
    '__MACOSX/x.zip',
  ].map((name) =>
    refuse('archive.nested', `an archive by its name: ${name}`, () => zip([A, { name, data: inner(), store: true }])),
  ),
  refuse('archive.nested', 'an empty file with the name of an archive', () =>
    zip([A, { name: 'x.zip', data: '', store: true }]),
  ),
  ...Object.entries({
    'a ZIP': inner,
    'a ZIP without entries': () => zip([]),
    'a ZIP of several parts': () => join('PK\x07\x08', inner()),
    'a ZIP of parts that came to one': () => join('PK00', inner()),
    'a cabinet': () => join('MSCF\0\0\0\0', Buffer.alloc(28)),
    'a package of Debian': () => join('!<arch>\n', 'debian-binary   '),
    'cpio, as it is now': () => join('070701', '0'.repeat(104)),
    'cpio with checksums': () => join('070702', '0'.repeat(104)),
    'cpio, as it was': () => join('070707', '0'.repeat(70)),
    lzip: () => join('LZIP\x01', Buffer.alloc(20)),
    compress: () => join('\x1f\x9d\x90', Buffer.alloc(20)),
    LZ4: () => join('\x04\x22\x4d\x18', Buffer.alloc(20)),
    LZMA: () => join('\x5d\0\0\x80\0', Buffer.alloc(20, 0xff)),
    xar: () => join('xar!\0\x1c', Buffer.alloc(20)),
    ARJ: () => join('\x60\xea\x2a\0', Buffer.alloc(20)),
    gzip: () => gzipSync(JOB),
    '7-Zip': () => join('7z\xbc\xaf\x27\x1c', Buffer.alloc(26)),
    RAR: () => join('Rar!\x1a\x07\x01\x00', Buffer.alloc(20)),
    bzip2: () => join('BZh91AY&SY', Buffer.alloc(20)),
    xz: () => join('\xfd7zXZ\0', Buffer.alloc(20)),
    Zstandard: () => join('\x28\xb5\x2f\xfd', Buffer.alloc(20)),
    tar: () => tar('ustar\x0000'),
    'tar of GNU': () => tar('ustar  \0'),
    'tar from before it had a name': () => tar(''),
    'a job and a tar at once': jobAndTar,
  }).flatMap(([what, data]) => [
    refuse('archive.nested', `a document that is ${what}`, () => zip([A, { name: 'x.json', data: data() }])),
    refuse('archive.nested', `noise that is ${what}`, () => zip([A, { name: 'd/.DS_Store', data: data() }])),
  ]),
  ...['.DS_Store', 'manifest.json'].flatMap((name) => [
    refuse('archive.nested', `${name} with a program before a ZIP`, () =>
      zip([A, { name, data: join('MZ', Buffer.alloc(100), inner()) }]),
    ),
    refuse('archive.nested', `${name} with a blank before a ZIP with a comment`, () =>
      zip([A, { name, data: join(' ', zip([A], { comment: Buffer.alloc(500, 'c') })), store: true }]),
    ),
  ]),
  accept('noise with the signature of an end that ends nothing', () =>
    zip([A, { name: '.DS_Store', data: join('Bud1PK\x05\x06', Buffer.alloc(40, 1)) }]),
  ),
  ...['["-lh5-"]', '["!<arch>"]', '["xar!","LZIP","MSCF","070701"]'].map((data) =>
    accept(`a document with the words of archives: ${data}`, () => zip([A, { name: 'x.json', data }])),
  ),
  refuse('archive.nested', 'a stored document that is a ZIP', () =>
    zip([A, { name: 'x.json', data: inner(), store: true }]),
  ),
  refuse('archive.nested', 'stored noise that is a ZIP', () =>
    zip([A, { name: '.DS_Store', data: inner(), store: true }]),
  ),
  refuse('archive.nested', 'a manifest that is a ZIP', () => zip([A, { name: 'manifest.json', data: inner() }])),
  refuse('archive.nested', 'archives in archives, ten deep', () => {
    let bytes = inner();
    for (let depth = 0; depth < 10; depth++) bytes = zip([{ name: 'x.json', data: bytes }]);
    return bytes;
  }),
  accept('a name with that of an archive in it', () => zip([{ ...A, name: 'x.zip.json' }])),
  accept('a folder with the name of an archive', () =>
    zip([
      { name: 'x.zip/', data: '', store: true },
      { ...A, name: 'x.zip/a.json' },
    ]),
  ),
  ...Object.entries({
    'a column named mustard where a tar has its name': jobWith({ 256: 'mustard' }),
    'the name of a tar and a blank at its place': jobWith({ 257: 'ustar ' }),
    'the name of a tar and digits that are no checksum': jobWith({ 148: '045671  ', 257: 'ustar  ' }),
    'the name of a tar at the end of a document': jobWith({ 257: 'ustar ' }, 270),
  }).map(([what, data]) => accept(what, () => zip([{ name: 'x.json', data }]))),
  accept('noise with half the header of a tar', () => zip([A, { name: '.DS_Store', data: tar('ustar\x0000', 511) }])),
  accept('noise with zeros and the name of a tar', () =>
    zip([A, { name: '.DS_Store', data: join(Buffer.alloc(257), 'ustar\0', Buffer.alloc(250)) }]),
  ),
  accept('text that looks like an archive', () =>
    zip([{ name: 'x.json', data: '{"name":"x","desc":"PK\\u0003\\u0004 BZh 7z Rar!"}' }]),
  ),
];

const NOISE = [
  '__MACOSX/._a.json',
  'd/__MACOSX/x/y',
  '.DS_Store',
  'd/.DS_Store',
  'Thumbs.db',
  'd/thumbs.DB',
  'desktop.ini',
  'd/Desktop.INI',
];

/** Files that are no jobs. */
export const OTHER_FILES: Case[] = [
  ...NOISE.map((name) => accept(`noise: ${name}`, () => zip([{ name, data: 'noise\0', store: true }, A]))),
  accept('the manifest of an export', () => zip([{ name: 'manifest.json', data: '{"version":1,"jobs":[{}]}' }, A])),
  accept('a manifest that says nothing', () => zip([A, { name: './manifest.json', data: 'null' }])),
  accept('a manifest in capitals, which is a job', () => zip([{ ...A, name: 'Manifest.json' }])),
  ...Object.entries({
    'document.syntax': 'not JSON',
    'document.encoding': join('"\xff"'),
    'document.duplicate-key': '{"a":1,"a":2}',
    'document.proto-key': '{"__proto__":1}',
    'document.integer': '9223372036854775808',
    'document.surrogate': '"\\ud800"',
  }).map(([reason, data]) =>
    refuse(reason, `a manifest that is refused for ${reason}`, () => zip([A, { name: 'manifest.json', data }])),
  ),
  refuse('document.syntax', 'an empty manifest', () => zip([{ name: 'manifest.json', data: '', store: true }, A])),
  accept('a manifest in a folder, which is a job', () => zip([{ ...A, name: 'd/manifest.json' }])),
  accept('folders only besides a job', () =>
    zip([FOLDER, { ...FOLDER, name: 'd/e/' }, A, { ...FOLDER, name: '__MACOSX/' }]),
  ),
  ...[
    'readme.txt',
    'README',
    'run.sh',
    'a.json.bak',
    'a.json ',
    'json',
    'd/json',
    'a.jsonl',
    'a.yaml',
    '.DS_Store.txt',
    'd/Thumbs.db.x',
    '.gitignore',
    '-',
    'a.json.',
  ].map((name) =>
    refuse('archive.foreign-file', `another file: ${JSON.stringify(name)}`, () =>
      zip([A, { name, data: 'x', store: true }]),
    ),
  ),
  refuse('archive.empty', 'a folder only', () => zip([FOLDER])),
  refuse('archive.empty', 'noise only', () => zip([{ name: '.DS_Store', data: 'noise' }])),
  refuse('archive.empty', 'a manifest only', () => zip([{ name: 'manifest.json', data: '{}' }])),
  ...NOISE.slice(0, 3).map((name) => {
    return refuse('archive.crc', `noise that is damaged: ${name}`, () =>
      zip([A, { name, data: 'noise', both: { crc: 1 } }]),
    );
  }),
  refuse('archive.deflate', 'noise whose data is cut', () => {
    return zip([{ name: '.DS_Store', data: 'noise', compressed: deflateRawSync('noise').subarray(0, -1) }, A]);
  }),
  refuse('archive.length', 'a manifest that is longer than it says', () =>
    zip([{ name: 'manifest.json', data: '{}', both: { size: 1 } }, A]),
  ),
];
