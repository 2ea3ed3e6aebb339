/** How files start that hold others, or a packed one: no document does, nor what desktop systems leave behind. */
const STARTS = [
  ...['PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', 'PK\x07\x08', 'PK00PK'], // ZIP, also of several parts
  ...['\x1f\x8b', '\x1f\x9d', 'BZh', '\xfd7zXZ\0', 'LZIP', '\x5d\0\0', '\x04\x22\x4d\x18', '\x28\xb5\x2f\xfd'], // packed files
  ...['7z\xbc\xaf\x27\x1c', 'Rar!\x1a\x07', 'MSCF\0\0\0\0', '\x60\xea', 'xar!'], // 7-Zip to xar
  ...['!<arch>\n', '070701', '070702', '070707'], // ar, as packages of Debian, and cpio
].map((start) => Buffer.from(start, 'latin1'));
/** A document begins with none of these, and is not compared with all of the above. */
const FIRST_BYTES = new Set(STARTS.map(([first]) => first));

const TAR_HEADER_BYTES = 512;
/** Octal digits in a field of 8 bytes, which count as blanks where their sum is taken. */
const TAR_CHECKSUM = /^ *([0-7]+)[\0 ]/;
const TAR_CHECKSUM_AT = 148;
const TAR_CHECKSUM_END = 156;
const TAR_CHECKSUM_BLANK = 8 * 0x20;
const TAR_MAGIC = /^ustar[\0 ]/;
const TAR_MAGIC_AT = 257;
const TAR_MAGIC_END = 263;

/** Whether content is that of an archive, whatever its name says. */
export function isArchive(content: Buffer): boolean {
  const isAlike = FIRST_BYTES.has(content[0]);
  return (isAlike && STARTS.some((start) => content.subarray(0, start.length).equals(start))) || isTar(content);
}

/**
 * By the checksum of its first header, and either the name of the format or a NUL, which no text has: of the name alone
 * a document may have the letters.
 */
function isTar(content: Buffer): boolean {
  if (content.length < TAR_HEADER_BYTES) return false;
  const field = content.toString('latin1', TAR_CHECKSUM_AT, TAR_CHECKSUM_END);
  const digits = TAR_CHECKSUM.exec(field)?.[1];
  if (digits === undefined) return false;
  const sumOf = (from: number, to: number) => content.subarray(from, to).reduce((sum, byte) => sum + byte, 0);
  const sum = sumOf(0, TAR_CHECKSUM_AT) + TAR_CHECKSUM_BLANK + sumOf(TAR_CHECKSUM_END, TAR_HEADER_BYTES);
  const isNamed = TAR_MAGIC.test(content.toString('latin1', TAR_MAGIC_AT, TAR_MAGIC_END));
  return sum === Number.parseInt(digits, 8) && (isNamed || field.includes('\0'));
}
