/** How files start that hold others, or a packed one: ZIP, gzip, 7-Zip, RAR, bzip2, xz, Zstandard. */
const STARTS = [
  '504b0304',
  '504b0506',
  '504b0708',
  '1f8b',
  '377abcaf271c',
  '526172211a07',
  '425a68',
  'fd377a585a00',
  '28b52ffd',
].map((hex) => Buffer.from(hex, 'hex'));
const TAR = Buffer.from('ustar');
const TAR_OFFSET = 257;

/** Whether content is that of an archive, whatever its name says. */
export function isArchive(content: Buffer): boolean {
  const startsWith = (start: Buffer, at = 0) => content.subarray(at, at + start.length).equals(start);
  return STARTS.some((start) => startsWith(start)) || startsWith(TAR, TAR_OFFSET);
}
