import { describe, expect, test } from 'vitest';
import { ApiError } from '../../lib/errors.ts';
import { OBJECT_KEY_BYTES, OBJECT_PATH_CHARACTERS } from '../../lib/limits.ts';
import { isArchivePath, parseFolderPath, parseObjectPath } from '../../lib/location/object-path.ts';

const BUCKET_63 = 'b'.repeat(63);
const archive = (bucket: string, key: string) => ({ kind: 'archive', bucket, key });
const folder = (bucket: string, key: string) => ({ kind: 'folder', bucket, key });

function messageOf(path: string, parse: (path: string) => unknown = parseObjectPath): string {
  try {
    parse(path);
  } catch (error) {
    if (error instanceof ApiError && error.code === 'DLI.0001') return error.message;
    throw error;
  }
  throw new Error('Expected a refusal, found a path');
}

describe('zip_file', () => {
  test.each([
    ['bucket/x.zip', archive('bucket', 'x.zip')],
    ['bucket/dir/aggregate_1582677879475.zip', archive('bucket', 'dir/aggregate_1582677879475.zip')],
    ['/bucket/x.zip', archive('bucket', 'x.zip')],
    ['obs://bucket/x.zip', archive('bucket', 'x.zip')],
    ['s3://bucket/x.zip', archive('bucket', 'x.zip')],
    ['obs:///bucket/x.zip', archive('bucket', 'x.zip')],
    ['bucket/x.ZIP', archive('bucket', 'x.ZIP')],
    ['bucket/x.Zip', archive('bucket', 'x.Zip')],
    ['bucket/.zip', archive('bucket', '.zip')],
    ['bucket/a b/x.zip', archive('bucket', 'a b/x.zip')],
    ['bucket/ x.zip', archive('bucket', ' x.zip')],
    ['bucket/a%20b+c.zip', archive('bucket', 'a%20b+c.zip')],
    ['bucket/%2e%2e/x.zip', archive('bucket', '%2e%2e/x.zip')],
    ['bucket/目录/作业.zip', archive('bucket', '目录/作业.zip')],
    ['bucket/😀.zip', archive('bucket', '😀.zip')],
    ['bucket/a\\b.zip', archive('bucket', 'a\\b.zip')],
    ['bucket/.../x.zip', archive('bucket', '.../x.zip')],
    ['bucket/x.zip.zip', archive('bucket', 'x.zip.zip')],
    ['bucket/folder.zip/x.zip', archive('bucket', 'folder.zip/x.zip')],
    ['my-bucket.1/x.zip', archive('my-bucket.1', 'x.zip')],
    ['abc/x.zip', archive('abc', 'x.zip')],
    [`${BUCKET_63}/x.zip`, archive(BUCKET_63, 'x.zip')],
    ['bucket/dir', folder('bucket', 'dir/')],
    ['bucket/dir/', folder('bucket', 'dir/')],
    ['bucket/dir1/dir2', folder('bucket', 'dir1/dir2/')],
    ['/bucket/dir/', folder('bucket', 'dir/')],
    ['obs://bucket/dir', folder('bucket', 'dir/')],
    ['s3://bucket/dir/', folder('bucket', 'dir/')],
    ['bucket/x.zip/', folder('bucket', 'x.zip/')],
    ['bucket/xzip', folder('bucket', 'xzip/')],
    ['bucket/x.zip2', folder('bucket', 'x.zip2/')],
    ['bucket/x.zip ', folder('bucket', 'x.zip /')],
    ['bucket', folder('bucket', '')],
    ['bucket/', folder('bucket', '')],
    ['obs://bucket', folder('bucket', '')],
    ['bucket.zip', folder('bucket.zip', '')],
    ['bucket.zip/', folder('bucket.zip', '')],
  ])('%j is read as what it names', (zipFile, source) => {
    expect(parseObjectPath(zipFile)).toEqual(source);
  });

  test.each([
    ['', 'is empty'],
    ['bucket/a*.zip', 'holds a wildcard (* or ?)'],
    ['bucket/?', 'holds a wildcard (* or ?)'],
    ['bucket/a\u0000.zip', 'holds a control character or half a character'],
    ['bucket/a\n.zip', 'holds a control character or half a character'],
    ['bucket/a\u0085.zip', 'holds a control character or half a character'],
    ['bucket/a\u007f.zip', 'holds a control character or half a character'],
    ['bucket/\ud800.zip', 'holds a control character or half a character'],
    ['/', 'does not begin with the name of a bucket'],
    ['//bucket/x.zip', 'does not begin with the name of a bucket'],
    ['obs://', 'does not begin with the name of a bucket'],
    ['https://bucket/x.zip', 'does not begin with the name of a bucket'],
    ['obs://s3://bucket/x.zip', 'does not begin with the name of a bucket'],
    ['ab/x.zip', 'does not begin with the name of a bucket'],
    [`${BUCKET_63}b/x.zip`, 'does not begin with the name of a bucket'],
    ['Bucket/x.zip', 'does not begin with the name of a bucket'],
    ['buc_ket/x.zip', 'does not begin with the name of a bucket'],
    ['-bucket/x.zip', 'does not begin with the name of a bucket'],
    ['bucket./x.zip', 'does not begin with the name of a bucket'],
    [' bucket/x.zip', 'does not begin with the name of a bucket'],
    ['../bucket/x.zip', 'does not begin with the name of a bucket'],
    ['bucket//x.zip', 'holds an empty segment, "." or ".."'],
    ['bucket/a//x.zip', 'holds an empty segment, "." or ".."'],
    ['bucket/dir//', 'holds an empty segment, "." or ".."'],
    ['bucket//', 'holds an empty segment, "." or ".."'],
    ['bucket/./x.zip', 'holds an empty segment, "." or ".."'],
    ['bucket/a/../x.zip', 'holds an empty segment, "." or ".."'],
    ['bucket/..', 'holds an empty segment, "." or ".."'],
  ])('%j is refused, with the rule that it breaks', (zipFile, problem) => {
    expect(messageOf(zipFile)).toBe(
      `zip_file ${problem}. Expected the path of a ZIP or of a folder, as in bucket/dir/jobs.zip or bucket/dir.`,
    );
  });

  test.each([
    ['x', 1],
    ['é', 2],
    ['目', 3],
    ['😀', 4],
  ])('names a key of up to 1,024 bytes, of %s as well', (character, bytes) => {
    const key = (length: number) => `${character.repeat((length - 4) / bytes)}${'x'.repeat((length - 4) % bytes)}.zip`;
    const longest = key(OBJECT_KEY_BYTES);
    expect(Buffer.byteLength(longest)).toBe(OBJECT_KEY_BYTES);
    expect(parseObjectPath(`obs://${BUCKET_63}/${longest}`)).toEqual(archive(BUCKET_63, longest));
    expect(messageOf(`bucket/x${longest}`)).toContain('names a key of more than 1024 bytes');
  });

  test('has up to 1,100 characters', () => {
    expect(messageOf('b'.repeat(OBJECT_PATH_CHARACTERS))).not.toContain('characters;');
    expect(messageOf('b'.repeat(OBJECT_PATH_CHARACTERS + 1))).toContain(
      'has 1101 characters; at most 1100 are allowed',
    );
  });

  test('is never quoted by a refusal', () => {
    const rest = ['*', '\n', '/../x', '//x', `/${'x'.repeat(1_050)}`, `/${'x'.repeat(1_200)}`, ''];
    for (const end of rest) expect(messageOf(`Hunter2${end}`)).not.toMatch(/hunter2/i);
    for (const end of rest.slice(0, -1)) expect(messageOf(`hunter2${end}`)).not.toContain('hunter2');
  });
});

describe('obs_dir', () => {
  const parse = (path: string) => parseFolderPath(path, 'aggregate.zip'.length);

  test.each(['bucket/dir', 'bucket/dir/', '/bucket/dir', 'obs://bucket/dir', 's3://bucket/dir/', 'OBS://bucket/dir'])(
    '%j is read as a folder',
    (path) => {
      expect(parse(path)).toEqual({ bucket: 'bucket', key: 'dir/' });
    },
  );

  test.each(['bucket.zip', 'bucket.zip/', 's3://bucket.zip'])('%j is read as a whole bucket', (path) => {
    expect(parse(path)).toEqual({ bucket: 'bucket.zip', key: '' });
  });

  test.each([
    ['', 'is empty'],
    ['bucket/dir/x.zip', 'names an archive'],
    ['bucket/dir/x.ZIP', 'names an archive'],
    ['bucket/*', 'holds a wildcard (* or ?)'],
    ['bucket/a\u0000', 'holds a control character or half a character'],
    ['arn:aws:s3:::bucket', 'does not begin with the name of a bucket'],
    ['bucket/a/../b', 'holds an empty segment, "." or ".."'],
  ])('%j is refused, with the rule that it breaks', (path, problem) => {
    expect(messageOf(path, parse)).toBe(`obs_dir ${problem}. Expected the path of a folder, as in bucket/dir.`);
  });

  test('leaves room for the names of its files', () => {
    const longest = 'x'.repeat(OBJECT_KEY_BYTES - '/aggregate.zip'.length);
    expect(parse(`bucket/${longest}`).key).toBe(`${longest}/`);
    expect(messageOf(`bucket/${longest}x`, parse)).toContain('names a key of more than 1010 bytes');
  });
});

test.each([
  ['x.zip', true],
  ['x.ZIP', true],
  ['.zip', true],
  ['x.zip/', false],
  ['xzip', false],
  ['x.zip\n', false],
  ['x.zip.txt', false],
])('an object named %j counts as an archive: %s', (key, expected) => {
  expect(isArchivePath(key)).toBe(expected);
});
