import { zip } from '../zip.ts';
import { A, accept, B, type Case, exceed, join, pair, patch, refuse } from './case.ts';

const good = () => zip([A]);
const END = 22;
const HEADER = 46 + 6;
const comment = (...parts: (string | Buffer)[]) => zip([A], { comment: join(...parts) });

/** A second archive whose offsets count from where it is put. */
const shifted = (prefix: Buffer) => zip([{ ...A, before: prefix }]);

/** The record at the end, and what stands around it. */
export const END_RECORD: Case[] = [
  accept('one deflated entry', good),
  accept('one stored entry', () => zip([B])),
  accept('two entries', () => zip([A, B])),
  accept('a comment of one byte', () => comment('c')),
  accept('a comment of 65,535 bytes', () => comment('c'.repeat(65_535))),
  accept('a comment of zeros', () => comment(Buffer.alloc(300))),
  accept('a comment in UTF-8', () => comment(Buffer.from('jobs für 東京'))),
  accept('a comment with half a signature', () => comment('PK\x05')),
  accept('a comment with the signatures of headers', () => comment('PK\x01\x02PK\x03\x04PK\x07\x08')),
  accept('a comment with the signatures of ZIP64', () => comment('PK\x06\x06PK\x06\x07')),

  refuse('archive.not-zip', 'no bytes', () => Buffer.alloc(0)),
  refuse('archive.not-zip', 'one byte less than an end record', () => good().subarray(-END + 1)),
  refuse('archive.not-zip', 'text', () => Buffer.from('select 1;\n'.repeat(30))),
  refuse('archive.not-zip', 'JSON that is not packed', () => Buffer.from('{"name":"a"}')),
  refuse('archive.not-zip', 'a signature without its record', () => good().subarray(0, -END + 4)),
  refuse('archive.not-zip', 'a signature in text', () => Buffer.from('PK\x05\x06 is how it starts, and then goes on')),
  refuse('archive.not-zip', 'a byte behind the end', () => join(good(), 'x')),
  refuse('archive.not-zip', 'a line break behind the end', () => join(good(), '\r\n')),
  refuse('archive.not-zip', 'zeros up to a block behind the end', () => join(good(), Buffer.alloc(10_240))),
  refuse('archive.not-zip', 'more than a comment can hold behind the end', () => join(good(), Buffer.alloc(70_000))),
  refuse('archive.not-zip', 'a comment longer than declared', () => join(comment('cc'), 'c')),
  refuse('archive.not-zip', 'a comment shorter than declared', () => comment('cc').subarray(0, -1)),
  refuse('archive.not-zip', 'a declared comment that is not there', () => patch(good(), -2, 1)),
  refuse('archive.not-zip', 'a damaged signature', () => patch(good(), -END, 0x51)),
  ...['a local header', 'data', 'the directory', 'the end'].map((what, at) =>
    refuse('archive.not-zip', `a cut in ${what}`, () => good().subarray(0, [20, 60, -40, -9][at])),
  ),

  refuse('archive.two-ends', 'an end in the comment that fits', () => comment(good().subarray(-END))),
  refuse('archive.two-ends', 'an end in the comment that does not fit', () => comment(good().subarray(-END), 'more')),
  refuse('archive.two-ends', 'a whole archive in the comment', () => comment(good())),
  refuse('archive.two-ends', 'a signature that ends the comment', () => comment('the end: PK\x05\x06')),
  refuse('archive.two-ends', 'an end before the end that fits, too', () => {
    const stored = join('[', patch(zip([]), -2, 12 + HEADER + END), '{"name":"x"}');
    return zip([{ name: 'a.json', data: stored, store: true }]);
  }),

  refuse('archive.directory', 'two archives, one behind the other', () => join(good(), zip([B]))),
  refuse('archive.directory', 'a script before an archive', () => join('#!/bin/sh\n', good())),
  refuse('archive.gap', 'a script before an archive whose offsets know it', () => shifted(join('#!/bin/sh\n'))),
  refuse('archive.gap', 'a program before an archive whose offsets know it', () =>
    shifted(join('MZ', Buffer.alloc(62))),
  ),
  refuse('archive.gap', 'an archive before an archive whose offsets know it', () => shifted(zip([B]))),

  ...pair('entries counted', 'archive.directory', (isMutant) => {
    return zip([A, B, { ...B, name: 'c.json' }], { end: { entries: isMutant ? 2 : 3 } });
  }),
  refuse('archive.directory', 'one entry too many counted', () => zip([A], { end: { entries: 2 } })),
  refuse('archive.directory', 'no entry counted', () => zip([A], { end: { entries: 0 } })),
  exceed('archive.entries', '65,535 entries counted, without ZIP64', () => zip([A], { end: { entries: 0xffff } })),
  ...[-1, 1, 46, 2 ** 31].map((by) => {
    return refuse('archive.directory', `a directory at ${by} from where it is`, () => {
      const bytes = good();
      return zip([A], { end: { offset: bytes.readUInt32LE(bytes.length - 6) + by } });
    });
  }),
  ...[-1, 1, -HEADER, 2 ** 31].map((by) => {
    return refuse('archive.directory', `a directory with ${by} bytes more than it has`, () => {
      return zip([A], { end: { size: HEADER + by } });
    });
  }),
  refuse('archive.directory', 'a directory moved and resized alike', () => {
    const { length } = good();
    return zip([A], { end: { offset: length - END - HEADER - 1, size: HEADER + 1 } });
  }),
  refuse('archive.directory', 'a directory at all ones, without ZIP64', () =>
    zip([A], { end: { offset: 0xffffffff } }),
  ),
  refuse('archive.directory', 'a directory of all ones, without ZIP64', () => zip([A], { end: { size: 0xffffffff } })),
  refuse('archive.directory', 'bytes between directory and end', () => zip([A], { behindDirectory: join('x') })),
  refuse('archive.directory', 'a digital signature behind the directory', () => {
    return zip([A], { behindDirectory: join('PK\x05\x05\x04\x00sign') });
  }),
  refuse('archive.empty', 'no entry', () => zip([])),
  refuse('archive.gap', 'no entry, and a local one', () => zip([A], { order: [] })),

  ...pair('the number of its disk', 'archive.multi-disk', (isMutant) => {
    return zip([A, B], { comment: join('on one disk'), end: { disk: Number(isMutant) } });
  }),
  refuse('archive.multi-disk', 'a directory on another disk', () => zip([A], { end: { directoryDisk: 1 } })),
  refuse('archive.multi-disk', 'fewer entries on this disk', () => zip([A, B], { end: { entriesHere: 1 } })),
  refuse('archive.multi-disk', 'more entries on this disk', () => zip([A, B], { end: { entriesHere: 3 } })),
  refuse('archive.multi-disk', 'disks of all ones, without ZIP64', () => {
    return zip([A], { end: { disk: 0xffff, directoryDisk: 0xffff } });
  }),
];
