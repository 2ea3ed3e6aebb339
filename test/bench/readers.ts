import { Buffer } from 'node:buffer';
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import { Open } from 'unzipper';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { readArchive } from '../../lib/archive/read-archive.ts';

/** Reads all entries of an archive. @returns how many there are, and their bytes. */
export type Reader = (bytes: Buffer) => Promise<{ entries: number; bytes: number }>;

const DIRECTORY_HEADER = 0x02014b50;
/** Bytes of the end record of an archive without a comment. */
const END_RECORD_BYTES = 22;
const STORED = 0;

const total = (contents: readonly Uint8Array[]) => ({
  entries: contents.length,
  bytes: contents.reduce((sum, { length }) => sum + length, 0),
});

/** The least that can be done, trusting all that the directory says. */
export const readBare: Reader = async (bytes) => {
  const contents: Buffer[] = [];
  let at = bytes.readUInt32LE(bytes.length - 6);
  while (bytes.readUInt32LE(at) === DIRECTORY_HEADER) {
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    // Room for what is declared: by default zlib takes 16 KiB for each.
    const chunkSize = Math.max(constants.Z_MIN_CHUNK, bytes.readUInt32LE(at + 24) + 1);
    const content = bytes.readUInt16LE(at + 10) === STORED ? data : inflateRawSync(data, { chunkSize });
    if (crc32(content) !== bytes.readUInt32LE(at + 16)) throw new Error('another checksum');
    contents.push(content);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return total(contents);
};

export const readOurs: Reader = async (bytes) => {
  const contents: Buffer[] = [];
  for await (const entry of readArchive(bytes)) contents.push(entry.bytes);
  return total(contents);
};

/** Only the directory: no bytes of entries. */
export const readUnzipperDirectory: Reader = async (bytes) => {
  const { files } = await Open.buffer(bytes, { tailSize: END_RECORD_BYTES });
  return { entries: files.length, bytes: 0 };
};

export const readUnzipper: Reader = async (bytes) => {
  const contents: Buffer[] = [];
  const { files } = await Open.buffer(bytes, { tailSize: END_RECORD_BYTES });
  for (const file of files) contents.push(await file.buffer());
  return total(contents);
};

export const readYauzl: Reader = async (bytes) => {
  const contents: Buffer[] = [];
  const file = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject).on('end', resolve);
    file.on('entry', (entry: Entry) => {
      readStream(file, entry).then((content) => {
        contents.push(content);
        file.readEntry();
      }, reject);
    });
    file.readEntry();
  });
  return total(contents);
};

async function readStream(file: ZipFile, entry: Entry): Promise<Buffer> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    file.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** It takes no checksum. */
export const readFflate: Reader = async (bytes) => total(Object.values(unzipSync(bytes)));
