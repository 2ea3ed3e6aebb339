import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE_BYTES,
  ARCHIVE_ENTRIES,
  ARCHIVE_INFLATED_BYTES,
  ENTRY_BYTES,
  ENTRY_NAME_BYTES,
} from '../../lib/limits.ts';
import { readWhole } from '../read-whole.ts';
import { type ZipFile, zip } from '../zip.ts';

const FULL = Buffer.alloc(ENTRY_BYTES);
const FULL_COMPRESSED = deflateRawSync(FULL);

/** Files of the largest size that one may have. */
function fullFiles(count: number): ZipFile[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${at}.json`, data: FULL, compressed: FULL_COMPRESSED }));
}

function emptyFiles(count: number): ZipFile[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${at}.json`, data: '', store: true }));
}

/** An archive of so many bytes, its data stored. */
function archiveOf(bytes: number): Buffer {
  const files = emptyFiles(Math.ceil(bytes / ENTRY_BYTES));
  let left = bytes - zip(files).length;
  const filled = files.map((file) => {
    const data = FULL.subarray(0, left);
    left -= data.length;
    return { ...file, data };
  });
  return zip(filled);
}

const excess = (reason: string) => ({ code: 'DLI.0009', reason: `archive.${reason}` });

describe('the limit of', () => {
  test('the bytes of an archive', async () => {
    const archive = archiveOf(ARCHIVE_BYTES);
    expect(archive.length).toBe(ARCHIVE_BYTES);
    expect(await readWhole(archive)).toHaveLength(6);
    await expect(readWhole(archiveOf(ARCHIVE_BYTES + 1))).rejects.toMatchObject(excess('size'));
  });

  test('the number of entries', async () => {
    expect(await readWhole(zip(emptyFiles(ARCHIVE_ENTRIES)))).toHaveLength(ARCHIVE_ENTRIES);
    await expect(readWhole(zip(emptyFiles(ARCHIVE_ENTRIES + 1)))).rejects.toMatchObject(excess('entries'));
  });

  test('the number of entries, announced by ZIP64', async () => {
    const archive = zip(emptyFiles(1), {
      zip64: true,
      end: { entries: 0xffff, entriesHere: 0xffff },
      end64: { entries: 2n ** 62n },
    });
    await expect(readWhole(archive)).rejects.toMatchObject(excess('entries'));
  });

  test("the bytes of an entry's name", async () => {
    const name = `${'é'.repeat((ENTRY_NAME_BYTES - 6) / 2)}a.json`;
    expect(Buffer.byteLength(name)).toBe(ENTRY_NAME_BYTES);
    const [entry] = await readWhole(zip([{ name, data: '{}' }]));
    expect(entry?.name).toBe(name);
    await expect(readWhole(zip([{ name: `a${name}`, data: '{}' }]))).rejects.toMatchObject(excess('name-length'));
  });

  test.each([true, false])('the bytes of an entry, stored: %s', async (store) => {
    const [entry] = await readWhole(zip([{ name: 'a.json', data: FULL, store }]));
    expect(entry?.bytes.equals(FULL)).toBe(true);
    const larger = zip([{ name: 'a.json', data: Buffer.alloc(ENTRY_BYTES + 1), store }]);
    await expect(readWhole(larger)).rejects.toMatchObject(excess('entry-size'));
  });

  test('the bytes of all entries', async () => {
    const files = fullFiles(ARCHIVE_INFLATED_BYTES / ENTRY_BYTES);
    expect(await readWhole(zip(files))).toHaveLength(files.length);
    const larger = zip([...files, { name: 'x.json', data: ' ' }]);
    await expect(readWhole(larger)).rejects.toMatchObject(excess('inflated-size'));
  });

  test('the bytes of all entries holds for what is announced, before anything is inflated', async () => {
    const broken = { compressed: Buffer.from([0xff]), data: FULL };
    const files = Array.from({ length: 9 }, (_, at) => ({ name: `${at}.json`, ...broken }));
    await expect(readWhole(zip(files))).rejects.toMatchObject(excess('inflated-size'));
  });

  test('the bytes of an entry holds for what is inflated, whatever is announced', async () => {
    const bomb = { name: 'a.json', data: '{}', compressed: FULL_COMPRESSED };
    await expect(readWhole(zip([bomb]))).rejects.toMatchObject({ code: 'DLI.0018', reason: 'archive.length' });
  });
});
