/** Where the paths lead: a bucket, the folder of it that a project may use, and a folder of another project. */
export type Ground = { bucket: string; own: string; foreign: string };

/**
 * A way to spell a place that is not the project's. The folder itself is meant if `end` is empty, else what lies in it:
 * then `end` is as `/x.zip`.
 */
export type ForeignLocation = { code: 'DLI.0001' | 'DLI.0011'; spell: (ground: Ground, end: string) => string };

/** Not the project's, though well spelt. */
const closed = (spell: ForeignLocation['spell']): ForeignLocation => ({ code: 'DLI.0011', spell });
/** No path at all, wherever it would lead. */
const malformed = (spell: ForeignLocation['spell']): ForeignLocation => ({ code: 'DLI.0001', spell });

const parentOf = (folder: string) => folder.slice(0, folder.lastIndexOf('/'));
const nameOf = (folder: string) => folder.slice(folder.lastIndexOf('/') + 1);
const beside = (name: (own: string) => string) =>
  closed(({ bucket, own }, end) => `${bucket}/${parentOf(own)}/${name(nameOf(own))}${end}`);
const inAnother = (bucketOf: (bucket: string) => string) =>
  closed(({ bucket, own }, end) => `${bucketOf(bucket)}/${own}${end}`);
const character = (text: string) => malformed(({ bucket, foreign }, end) => `${bucket}/${foreign}${text}${end}`);

/** By what is tried. A folder that a project may use has a parent, and a name of lower-case letters with an `a` in it. */
export const FOREIGN_LOCATIONS: Record<string, ForeignLocation[]> = {
  'other places': [
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign}/below${end}`),
    closed(({ bucket, foreign }, end) => `/${bucket}/${foreign}${end}`),
    closed(({ bucket, own }, end) => `${bucket}/${parentOf(own)}${end}`),
    closed(({ bucket }, end) => `${bucket}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/definitions/${parentOf(foreign)}/1${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/imports/${parentOf(foreign)}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/outcomes/${parentOf(foreign)}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/uploads/${parentOf(foreign)}${end}`),
    inAnother((bucket) => `${bucket}2`),
    inAnother((bucket) => `${bucket}-replica`),
    inAnother((bucket) => `${bucket}.example.com`),
    inAnother((bucket) => `www.${bucket}`),
    inAnother((bucket) => bucket.slice(0, -1)),
    inAnother(() => '127.0.0.1'),
  ],
  'names like its own': [
    beside((own) => `${own}2`),
    beside((own) => `${own}-more`),
    beside((own) => `${own}.`),
    beside((own) => `${own} `),
    beside((own) => ` ${own}`),
    beside((own) => `${own}.zip`),
    beside((own) => `${own}~`),
    beside((own) => `${own}${own}`),
    beside((own) => own.slice(0, -1)),
    beside((own) => own.toUpperCase()),
    beside((own) => `${own.charAt(0).toUpperCase()}${own.slice(1)}`),
    beside((own) => own.replace('a', 'а')), // Cyrillic
    beside((own) => own.replace('a', 'ａ')), // full width
    beside((own) => own.replace('a', 'a\u0301')), // a combining accent
    beside((own) => `${own}\u200b`), // no width
    beside((own) => `${own}\u00ad`), // a soft hyphen
    beside((own) => `\u202e${[...own].reverse().join('')}`), // from right to left
    beside((own) => `${own}\ufeff`),
    beside((own) => `${own}\u2028`), // a line's end that is no control character
  ],
  'dots and slashes': [
    malformed(({ bucket, own, foreign }, end) => `${bucket}/${own}/../../${foreign}${end}`),
    malformed(({ bucket, own }, end) => `${bucket}/${own}/..${end}`),
    malformed(({ bucket, own }, end) => `${bucket}/${own}/../${nameOf(own)}2${end}`),
    malformed(({ bucket, foreign }, end) => `${bucket}/./${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `${bucket}/../${bucket}/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `../${bucket}/${foreign}${end}`),
    malformed(({ bucket, own }, end) => `./${bucket}/${own}${end}`),
    malformed((_ground, end) => `..${end}`),
    malformed(({ bucket, foreign }, end) => `${bucket}//${foreign}${end}`),
    malformed(({ bucket, own, foreign }, end) => `${bucket}/${own}//${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `//${bucket}/${foreign}${end}`),
    malformed(({ bucket, own, foreign }, end) => `${bucket}\\${own}\\..\\${foreign}${end}`),
    malformed(({ bucket, own }, end) => `${bucket}./${own}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/.../${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/..\\${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/..;/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/．．/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/\u2024\u2024/${foreign}${end}`), // one dot leaders
    closed(({ bucket, own, foreign }, end) => `${bucket}/${own}／..／${foreign}${end}`),
    closed(({ bucket, own, foreign }, end) => `${bucket}/${own}\u2215..\u2215${foreign}${end}`), // division slashes
  ],
  'percent codes': [
    closed(({ bucket, foreign }, end) => `${bucket}/%2e%2e/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/.%2E/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/%252e%252e/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/%c0%ae%c0%ae/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/..%2f${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/..%5c${foreign}${end}`),
    closed(({ bucket, own, foreign }, end) => `${bucket}/${own}%2f..%2f..%2f${foreign}${end}`),
    closed(({ bucket, own }, end) => `${bucket}/${own.replace('/', '%2F')}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign.replace('/', '%2F')}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign}%00${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign}%0d%0ahost:%20x${end}`),
    beside((own) => own.replace('a', '%61')),
    malformed(({ bucket, foreign }, end) => `${bucket}%2f${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `%2f${bucket}/${foreign}${end}`),
  ],
  'addresses of other kinds': [
    closed(({ bucket, foreign }, end) => `s3://${bucket}/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `obs://${bucket}/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `OBS:///${bucket}/${foreign}${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}.s3.amazonaws.com/${foreign}${end}`),
    closed(({ foreign }, end) => `team-x1y2z3-s3alias/${foreign}${end}`), // an access point
    closed(({ foreign }, end) => `m1x2y3z4.mrap/${foreign}${end}`), // one of several regions
    closed(({ bucket, foreign }, end) => `${bucket}--euw1-az1--x-s3/${foreign}${end}`), // a directory bucket
    malformed(({ bucket, foreign }, end) => `s3://s3://${bucket}/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `s3:/${bucket}/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `s3a://${bucket}/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `https://${bucket}.s3.amazonaws.com/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `https://s3.amazonaws.com/${bucket}/${foreign}${end}`),
    malformed((_ground, end) => `http://169.254.169.254/latest/meta-data${end}`),
    malformed((_ground, end) => `file:///etc${end}`),
    malformed(({ bucket, foreign }, end) => `localhost:9000/${bucket}/${foreign}${end}`),
    malformed(({ bucket, own }, end) => `${bucket}@127.0.0.1/${own}${end}`),
    malformed(({ bucket, foreign }, end) => `obs://user:word@${bucket}/${foreign}${end}`),
    malformed(({ bucket, foreign }, end) => `arn:aws:s3:::${bucket}/${foreign}${end}`),
    malformed(
      ({ foreign }, end) => `arn:aws:s3:eu-west-1:999999999999:accesspoint/${nameOf(foreign)}/object/${foreign}${end}`,
    ),
    malformed(({ bucket, own }, end) => `${bucket.toUpperCase()}/${own}${end}`),
    malformed(({ bucket, own }, end) => `${bucket.replace('o', 'о')}/${own}${end}`), // Cyrillic
    malformed(({ bucket, own }, end) => `\ufeff${bucket}/${own}${end}`),
  ],
  'more than a path': [
    malformed(({ bucket, foreign }, end) => `${bucket}/${foreign}${end}?versionId=null`),
    malformed(({ bucket, foreign }, end) => `${bucket}/${foreign}?list-type=2&x=${end}`),
    malformed(({ bucket, foreign }, end) => `${bucket}/*/../${foreign}${end}`),
    malformed(({ bucket, own }, end) => `${bucket}/${parentOf(own)}/*${end}`),
    closed(({ bucket, foreign }, end) => `${bucket}/${foreign}#${end}`),
    closed(({ bucket, own, foreign }, end) => `${bucket}/${foreign}${end},${bucket}/${own}${end}`),
    closed(({ bucket, own, foreign }, end) => `${bucket}/${foreign}${end};${bucket}/${own}${end}`),
    closed(({ bucket, own, foreign }, end) => `${bucket}/${foreign} ${own}${end}`),
    malformed(({ bucket, foreign }, end) => ` ${bucket}/${foreign}${end}`),
    character('\0'),
    character('\r\nx-amz-expected-bucket-owner: 999999999999'),
    character('\n'),
    character('\t'),
    character('\x7f'),
    character('\u0085'),
    character('\ud800'),
  ],
};
