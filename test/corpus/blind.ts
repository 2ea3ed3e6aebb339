import { constants, crc32, deflateRawSync } from 'node:zlib';
import { uint, uint64, type ZipFile, zip } from '../zip.ts';

/**
 * Archives written from the rules alone, by somebody who had not seen the reader: what honest but unusual tools write, and
 * what an attacker would try. `@real:` marks bytes that the named tool wrote.
 */
export const BLIND: { name: string; verdict: 'accept' | 'refuse'; why: string; build: () => Buffer }[] = [
  // Honest tools.
  {
    name: 'go-archive-zip-stream',
    verdict: 'accept',
    why: 'Go streams with signed data descriptors, zeros in the local header, a DOS date of 0 and a plain folder entry',
    build: () =>
      assemble([
        { name: 'jobs/', data: '', store: true, date: 0, madeBy: 20, attributes: 0 },
        { name: 'jobs/a.json', data: job('go-a'), date: 0, madeBy: 20, attributes: 0, descriptor: 'signed' },
        { name: 'jobs/b.json', data: job('go-b'), date: 0, madeBy: 20, attributes: 0, descriptor: 'signed' },
      ]),
  },
  {
    name: 'descriptor-without-signature',
    verdict: 'accept',
    why: 'the signature of a data descriptor is optional in the format; 12 bytes, in the middle and at the end',
    build: () =>
      assemble([
        { name: 'a.json', data: job('unsigned-a'), descriptor: 'bare' },
        { name: 'b.json', data: job('unsigned-b'), descriptor: 'bare' },
      ]),
  },
  {
    name: 'descriptor-crc-equals-signature',
    verdict: 'accept',
    why: 'a bare descriptor whose CRC happens to be 0x08074b50: only its 12 bytes lie before the next header, so it is one story',
    build: () => {
      const data = signatureCrcDocument();
      return assemble([
        { name: 'a.json', data, descriptor: 'bare' },
        { name: 'b.json', data: job('after-it') },
      ]);
    },
  },
  {
    name: 'java-jar-without-manifest',
    verdict: 'accept',
    why: '@real: jar cfM: an empty 0xCAFE extra on the first entry, UTF-8 flags, signed descriptors, a stored folder',
    build: () =>
      real(
        'UEsDBAoAAAgAAIMYIlgAAAAAAAAAAAAAAAAFAAQAam9icy/+ygAAUEsDBBQACAgIAIMYIlgAAAAAAAAAAAAAAAAOAAAAam9icy9yZWFsLmpzb26rVspLzE1VslIqSk3M0S3Jz89R0lEqLsyJT8pPqQQKB7v6uDqHKBgCRbPyk+KT8/PSMtOVrKqVChKLEnNyUnPi80pzk1KLlKyMamu5AFBLBwjBDriaTQAAAE4AAABQSwECCgAKAAAIAACDGCJYAAAAAAAAAAAAAAAABQAEAAAAAAAAAAAAAAAAAAAAam9icy/+ygAAUEsBAhQAFAAICAgAgxgiWMEOuJpNAAAATgAAAA4AAAAAAAAAAAAAAAAAJwAAAGpvYnMvcmVhbC5qc29uUEsFBgAAAAACAAIAcwAAALAAAAAAAA==',
      ),
  },
  {
    name: 'java-stream-deflated-folder',
    verdict: 'accept',
    why: '@real: ZipOutputStream deflates even a folder entry: two bytes that inflate to none, with a descriptor',
    build: () =>
      real(
        'UEsDBBQACAgIAIMYIlgAAAAAAAAAAAAAAAAFAAAAam9icy8DAFBLBwgAAAAAAgAAAAAAAABQSwMEFAAICAgAgxgiWAAAAAAAAAAAAAAAAA4ACQBqb2JzL3JlYWwuanNvblVUBQABJn2TZatWykvMTVWyUspKLEvULS4pSk3MVaoFAFBLBwjWfbgFGAAAABYAAABQSwECFAAUAAgICACDGCJYAAAAAAIAAAAAAAAABQAAAAAAAAAAAAAAAAAAAAAAam9icy9QSwECFAAUAAgICACDGCJY1n24BRgAAAAWAAAADgAJAAAAAAAAAAAAAAA1AAAAam9icy9yZWFsLmpzb25VVAUAASZ9k2VQSwUGAAAAAAIAAgB4AAAAkgAAAAAA',
      ),
  },
  {
    name: 'macos-archive-utility',
    verdict: 'accept',
    why: 'AppleDouble files below __MACOSX/ (one named *.json, not JSON), .DS_Store in a folder, UX extras of 12 bytes locally and 8 in the directory',
    build: () => {
      const file = { madeBy: MAC, attributes: 0x81a44000, ...MAC_EXTRAS, descriptor: 'signed' as const };
      const folder = { madeBy: MAC, attributes: 0x41ed4000, ...MAC_EXTRAS, needed: 10, store: true, data: '' };
      const appleDouble = Buffer.from(`0005160700020000${'4d6163204f532058'.repeat(2)}0000`, 'hex');
      return assemble([
        { name: 'jobs/', ...folder },
        { name: 'jobs/.DS_Store', data: Buffer.from('0000000142756431', 'hex'), ...file },
        { name: '__MACOSX/', ...folder },
        { name: '__MACOSX/jobs/', ...folder },
        { name: '__MACOSX/jobs/._.DS_Store', data: appleDouble, ...file },
        { name: 'jobs/a.json', data: job('mac-a'), ...file },
        { name: '__MACOSX/jobs/._a.json', data: appleDouble, ...file },
      ]);
    },
  },
  {
    name: 'seven-zip-ntfs-times',
    verdict: 'accept',
    why: '7-Zip writes NTFS times into the directory only: local and central extras may differ, the named fields do not',
    build: () => {
      const centralExtra = extra(0x000a, Buffer.concat([uint(4, 0), uint(2, 1), uint(2, 24), Buffer.alloc(24, 0x01)]));
      return assemble([
        { name: 'jobs/', data: '', store: true, madeBy: 63, attributes: 0x10, centralExtra },
        { name: 'jobs/a.json', data: job('seven-zip'), madeBy: 63, attributes: 0x20, centralExtra },
      ]);
    },
  },
  {
    name: 'python-force-zip64',
    verdict: 'accept',
    why: '@real: zipfile with force_zip64: local sizes 0xFFFFFFFF with the true ones in the ZIP64 extra, plain sizes in the directory',
    build: () =>
      real(
        'UEsDBC0AAAAIAAAAIQAm1yjH//////////8GABQAYS5qc29uAQAQABMAAAAAAAAAFQAAAAAAAACrVspLzE1VslIqqCzJyM/TTVSqBQBQSwMELQAAAAAAAAAhAH9pbsX//////////wYAFABiLmpzb24BABAAEwAAAAAAAAATAAAAAAAAAHsibmFtZSI6InB5dGhvbi1iIn1QSwECLQMtAAAACAAAACEAJtcoxxUAAAATAAAABgAAAAAAAAAAAAAAgAEAAAAAYS5qc29uUEsBAi0DLQAAAAAAAAAhAH9pbsUTAAAAEwAAAAYAAAAAAAAAAAAAAIABTQAAAGIuanNvblBLBQYAAAAAAgACAGgAAACYAAAAAAA=',
      ),
  },
  {
    name: 'python-unseekable-zip64-descriptor',
    verdict: 'accept',
    why: '@real: zipfile with force_zip64 on a pipe: zeros in the local ZIP64 extra, then a descriptor of 24 bytes with 8-byte sizes',
    build: () =>
      real(
        'UEsDBC0ACAAIAAAAIQAAAAAA//////////8GABQAYS5qc29uAQAQAAAAAAAAAAAAAAAAAAAAAACrVspLzE1VslIqqCzJyM/TTVSqBQBQSwcIJtcoxxUAAAAAAAAAEwAAAAAAAABQSwMELQAIAAgAAAAhAAAAAAD//////////wYAFABiLmpzb24BABAAAAAAAAAAAAAAAAAAAAAAAKtWykvMTVWyUiqoLMnIz9NNUqoFAFBLBwh/aW7FFQAAAAAAAAATAAAAAAAAAFBLAQItAy0ACAAIAAAAIQAm1yjHFQAAABMAAAAGAAAAAAAAAAAAAACAAQAAAABhLmpzb25QSwECLQMtAAgACAAAACEAf2luxRUAAAATAAAABgAAAAAAAAAAAAAAgAFlAAAAYi5qc29uUEsFBgAAAAACAAIAaAAAAMoAAAAAAA==',
      ),
  },
  {
    name: 'zip64-end-and-longest-comment',
    verdict: 'accept',
    why: 'a ZIP64 end record that agrees, 65,535 bytes of comment: the locator lies further from the end than any plain record can',
    build: () => zip([{ name: 'a.json', data: job('zip64-end') }], { zip64: true, comment: Buffer.alloc(0xffff, 'c') }),
  },
  {
    name: 'windows-explorer',
    verdict: 'accept',
    why: 'FAT attributes, no UTF-8 flag, with the Thumbs.db and desktop.ini that Windows leaves in any folder',
    build: () => {
      const file = { madeBy: 20, attributes: 0x20, flags: 0 };
      return assemble([
        { name: 'jobs/a.json', data: job('explorer'), ...file },
        { name: 'jobs/Thumbs.db', data: Buffer.from('d0cf11e0a1b11ae1', 'hex'), ...file },
        { name: 'jobs/desktop.ini', data: '[.ShellClassInfo]\r\n', ...file, attributes: 0x26 },
        { name: 'desktop.ini', data: '[.ShellClassInfo]\r\n', ...file, attributes: 0x26 },
      ]);
    },
  },
  {
    name: 'info-zip-best-with-comment',
    verdict: 'accept',
    why: '@real: zip -9 -z -r: deflate option bits, UT and ux extras whose local and central forms differ, a comment',
    build: () =>
      real(
        'UEsDBAoAAAAAAIMYIlgAAAAAAAAAAAAAAAAFABwAam9icy9VVAkAAyZ9k2WtjQVrdXgLAAEEAAAAAAQAAAAAUEsDBBQAAgAIAIMYIljBDriaTQAAAE4AAAAOABwAam9icy9yZWFsLmpzb25VVAkAAyZ9k2WtjQVrdXgLAAEEAAAAAAQAAAAAq1bKS8xNVbJSKkpNzNEtyc/PUdJRKi7MiU/KT6kECge7+rg6hygYAkWz8pPik/Pz0jLTlayqlQoSixJzclJz4vNKc5NSi5SsjGpruQBQSwECHgMKAAAAAACDGCJYAAAAAAAAAAAAAAAABQAYAAAAAAAAABAA7UEAAAAAam9icy9VVAUAAyZ9k2V1eAsAAQQAAAAABAAAAABQSwECHgMUAAIACACDGCJYwQ64mk0AAABOAAAADgAYAAAAAAABAAAApIE/AAAAam9icy9yZWFsLmpzb25VVAUAAyZ9k2V1eAsAAQQAAAAABAAAAABQSwUGAAAAAAIAAgCfAAAA1AAAABAAZXhwb3J0ZWQgYnkgaGFuZA==',
      ),
  },
  {
    name: 'long-utf8-name-of-1024-bytes',
    verdict: 'accept',
    why: 'a name of exactly 1,024 bytes in some 350 characters, flagged as UTF-8; beside it names that are alike but not equal',
    build: () => {
      const folders = `${'日'.repeat(66)}/`.repeat(5); // 5 * 199 bytes
      const last = `${'語'.repeat(8)}.json`; // 29 bytes
      return zip([
        { name: folders + last, data: job('long-name') },
        { name: 'ä.json', data: job('umlaut') },
        { name: 'a.json', data: job('plain-a') },
        { name: 'ae.json', data: job('plain-ae') },
      ]);
    },
  },
  {
    name: 'unicode-path-that-agrees',
    verdict: 'accept',
    why: 'an Info-ZIP Unicode path (0x7075) with the right CRC and the very name of the header',
    build: () => {
      const path = unicodePath('jobs.json', 'jobs.json');
      return assemble([{ name: 'jobs.json', data: job('same-path'), flags: 0, localExtra: path, centralExtra: path }]);
    },
  },
  {
    name: 'three-document-forms',
    verdict: 'accept',
    why: 'one job, an array, {"jobs"}; stored and deflated; one document begins with a BOM',
    build: () =>
      zip([
        { name: 'one.json', data: `\ufeff${job('with-bom')}`, store: true },
        { name: 'array.json', data: `[${job('array-1')},\r\n\t${job('array-2')}]` },
        { name: 'jobs.json', data: `{"jobs":[${job('listed')}]}` },
      ]),
  },
  {
    name: 'deflate-of-many-flushes',
    verdict: 'accept',
    why: 'a writer that flushes often: stored and Huffman blocks, empty stored ones between, an empty last block',
    build: () => {
      const chunks = ['{"name":', ' "flushed"', '', ', "sql_body":"', 'SELECT 1;'.repeat(50), '"}'];
      const flushed = chunks.map((chunk) =>
        deflateRawSync(chunk, { finishFlush: constants.Z_SYNC_FLUSH, level: chunk.length > 20 ? 9 : 0 }),
      );
      const compressed = Buffer.concat([...flushed, deflateRawSync('')]);
      return zip([{ name: 'a.json', data: chunks.join(''), compressed }]);
    },
  },
  {
    name: 'exactly-64-mib-inflated',
    verdict: 'accept',
    why: 'eight entries of exactly 8 MiB, together exactly 64 MiB; both limits are met, none is passed; a ratio has no limit',
    build: () => zip(Array.from({ length: 8 }, (_, n) => padded(n, ENTRY_BYTES))),
  },
  {
    name: 'ten-thousand-entries',
    verdict: 'accept',
    why: '10,000 entries of one job each: both limits of 10,000 are met',
    build: () =>
      zip(Array.from({ length: 10_000 }, (_, n) => ({ name: `jobs/${n}.json`, data: job(`job-${n}`), store: true }))),
  },
  {
    name: 'jobs-that-break-the-contract',
    verdict: 'accept',
    why: 'a name of 58, a parallel_number of 0, a desc of 2,049 fail their jobs only; the archive as such is accepted',
    build: () =>
      zip([
        {
          name: 'jobs.json',
          data: JSON.stringify([
            { name: 'fine' },
            { name: 'n'.repeat(58) },
            { name: 'parallel', job_config: { parallel_number: 0 } },
            { name: 'desc', desc: 'd'.repeat(2049) },
          ]),
        },
      ]),
  },
  {
    name: 'odd-but-legal-json',
    verdict: 'accept',
    why: 'int64 bounds, paired surrogate escapes, keys of Object.prototype other than __proto__, fields of other owners; manifest.json below a folder is not the reserved one',
    build: () =>
      zip([
        {
          name: 'exports/manifest.json',
          data:
            ' {"name" : "odd", "job_id": 9223372036854775807, "x_low": -9223372036854775808, "x_num": [1.10, 1e5, -2.5E-3, 0],' +
            '"desc": "\\ud83d\\ude00 \\/ \\u00e4", "constructor": 1, "toString": {"prototype": null}, "hasOwnProperty": false,' +
            '"project_id": "other", "pk": "job#other#odd", "status": "job_running", "user_name": "eve"}\n\n',
        },
      ]),
  },

  // Two stories: the records at the end.
  {
    name: 'second-archive-in-the-comment',
    verdict: 'refuse',
    why: 'a whole archive as the comment of another, its offsets right for the file: two end records, each of which fits',
    build: () => {
      const inner = { name: 'b.json', data: job('inner') };
      const outer: Spec[] = [{ name: 'a.json', data: job('outer') }];
      const start = assemble(outer).length;
      return assemble(outer, { comment: assemble([inner], { start }) });
    },
  },
  {
    name: 'end-record-counts-one-less',
    verdict: 'refuse',
    why: 'the directory holds two records over its whole size, the end record counts one',
    build: () => zip(twoJobs(), { end: { entries: 1 } }),
  },
  {
    name: 'directory-size-short-by-a-record',
    verdict: 'refuse',
    why: 'count and size leave out the last record, which then lies between directory and end and belongs to nobody',
    build: () => {
      const size = assembled(twoJobs().slice(0, 1)).directory.length;
      return zip(twoJobs(), { end: { entries: 1, size } });
    },
  },
  {
    name: 'stub-with-adjusted-offsets',
    verdict: 'refuse',
    why: 'self-extracting: a shell script before the first entry, every offset right: bytes that belong to nobody',
    build: () => {
      const stub = Buffer.from('#!/bin/sh\nexec unzip "$0"\n');
      return Buffer.concat([stub, assemble(twoJobs(), { start: stub.length })]);
    },
  },
  {
    name: 'stub-with-offsets-of-the-archive',
    verdict: 'refuse',
    why: 'bytes before the archive, offsets not adjusted: readers that forgive guess a base, but the offsets are not exact',
    build: () => Buffer.concat([Buffer.from('MZ stub'), zip(twoJobs())]),
  },
  {
    name: 'newline-after-the-end',
    verdict: 'refuse',
    why: 'one byte after an end record that declares no comment',
    build: () => Buffer.concat([zip(twoJobs()), Buffer.from('\n')]),
  },
  {
    name: 'zip64-names-another-directory',
    verdict: 'refuse',
    why: 'two directories: the plain end record points to that of a.json, the ZIP64 one to that of b.json',
    build: () => {
      const { locals, records } = assembled([
        { name: 'a.json', data: job('plain-reader') },
        { name: 'b.json', data: job('zip64-reader') },
      ]);
      const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = records;
      const offset = locals.length;
      const start = offset + first.length + second.length;
      return Buffer.concat([
        locals,
        first,
        second,
        zip64End({ entries: 1, size: second.length, offset: offset + first.length, start }),
        endRecord({ entries: 1, size: first.length, offset, comment: Buffer.alloc(0) }),
      ]);
    },
  },
  {
    name: 'zip64-end-without-its-locator',
    verdict: 'refuse',
    why: 'a ZIP64 end record that no locator names: 56 bytes between directory and end that belong to nobody',
    build: () => {
      const { locals, directory } = assembled(twoJobs());
      const place = { entries: 2, size: directory.length, offset: locals.length };
      const start = locals.length + directory.length;
      return Buffer.concat([
        locals,
        directory,
        zip64End({ ...place, start }).subarray(0, 56),
        endRecord({ ...place, comment: Buffer.alloc(0) }),
      ]);
    },
  },
  {
    name: 'zip64-extra-contradicts-plain-sizes',
    verdict: 'refuse',
    why: 'plain sizes are right, none is 0xFFFFFFFF, yet the central ZIP64 extra states others',
    build: () =>
      assemble([
        { name: 'a.json', data: job('two-sizes'), centralExtra: extra(1, Buffer.concat([uint64(5n), uint64(7n)])) },
      ]),
  },
  {
    name: 'local-zip64-extra-lies',
    verdict: 'refuse',
    why: 'as Python writes it, but the sizes in the local ZIP64 extra are not those of the directory',
    build: () =>
      assemble([
        {
          name: 'a.json',
          data: job('zip64-lie'),
          needed: 45,
          local: { compressedSize: 0xffffffff, size: 0xffffffff },
          localExtra: extra(1, Buffer.concat([uint64(2n), uint64(2n)])),
        },
      ]),
  },

  // Bytes of nobody, bytes of two.
  {
    name: 'hidden-entry-before-the-directory',
    verdict: 'refuse',
    why: 'a whole local entry after the last listed one: a streaming reader sees it, the directory does not',
    build: () => zip(twoJobs(), { gap: assembled([{ name: 'c.json', data: job('hidden') }]).locals }),
  },
  {
    name: 'padding-between-entries',
    verdict: 'refuse',
    why: 'four zero bytes between two entries, offsets right, as an aligner might leave',
    build: () => assemble([{ name: 'a.json', data: job('pad-a'), after: Buffer.alloc(4) }, ...twoJobs().slice(1)]),
  },
  {
    name: 'descriptor-that-no-flag-announces',
    verdict: 'refuse',
    why: 'a right descriptor after an entry whose headers state the sizes and no bit 3: 16 bytes that belong to nobody',
    build: () => {
      const data = job('orphan');
      const after = descriptorOf('signed', crc32(data), deflateRawSync(data).length, data.length);
      return assemble([{ name: 'a.json', data, after }, ...twoJobs().slice(1)]);
    },
  },
  {
    name: 'entry-inside-an-extra-field',
    verdict: 'refuse',
    why: 'the local header of b.json lies in the extra field of a.json; both are whole and share their data: an overlap that passes every check of one entry',
    build: overlapped,
  },
  {
    name: 'two-records-of-one-local-entry',
    verdict: 'refuse',
    why: 'the directory names one local entry twice: an overlap, and an exact duplicate of a name',
    build: () => {
      const { locals, records } = assembled([{ name: 'a.json', data: job('twice') }]);
      const directory = Buffer.concat([...records, ...records]);
      const end = { entries: 2, size: directory.length, offset: locals.length, comment: Buffer.alloc(0) };
      return Buffer.concat([locals, directory, endRecord(end)]);
    },
  },

  // A local header that tells another story.
  {
    name: 'local-name-differs',
    verdict: 'refuse',
    why: 'the directory says a.json, the local header b.json',
    build: () => zip([{ name: 'a.json', data: job('two-names'), local: { name: Buffer.from('b.json') } }]),
  },
  {
    name: 'local-method-differs',
    verdict: 'refuse',
    why: 'stored by the directory and by its bytes, deflated by the local header',
    build: () => zip([{ name: 'a.json', data: job('two-methods'), store: true, local: { method: 8 } }]),
  },
  {
    name: 'local-utf8-flag-differs',
    verdict: 'refuse',
    why: 'bit 11 in the local header only, on an ASCII name: flags are to be equal',
    build: () => zip([{ name: 'a.json', data: job('two-flags'), central: { flags: 0 } }]),
  },
  {
    name: 'descriptor-lies-about-crc',
    verdict: 'refuse',
    why: 'the directory is right, the signed descriptor has another CRC',
    build: () => {
      const data = job('descriptor-lie');
      const after = descriptorOf('signed', crc32(data) ^ 1, deflateRawSync(data).length, data.length);
      const local = { crc: 0, compressedSize: 0, size: 0 };
      return assemble([{ name: 'a.json', data, flags: 0x0808, local, after }]);
    },
  },

  // The data is not what the headers say.
  {
    name: 'data-after-the-deflate-stream',
    verdict: 'refuse',
    why: 'the stream ends 20 bytes before the compressed size that every header states; size and CRC are right',
    build: () => {
      const data = job('early-end');
      const compressed = Buffer.concat([deflateRawSync(data), Buffer.alloc(20, 'x')]);
      return zip([{ name: 'a.json', data, compressed }]);
    },
  },
  {
    name: 'bomb-that-states-its-prefix',
    verdict: 'refuse',
    why: 'size and CRC are those of a valid document, but the stream goes on for 100 MiB of spaces',
    build: () => {
      const data = job('prefix');
      const compressed = deflateRawSync(data + ' '.repeat(100 * 1024 * 1024));
      return zip([{ name: 'a.json', data, compressed }]);
    },
  },
  {
    name: 'stored-bit-flipped',
    verdict: 'refuse',
    why: 'one bit of a stored document differs from its CRC: still JSON, another name',
    build: () => zip([{ name: 'a.json', data: job('name-a'), store: true, compressed: Buffer.from(job('name-c')) }]),
  },

  // What no reader here should decode.
  {
    name: 'zipcrypto',
    verdict: 'refuse',
    why: '@real: zip -P: the traditional encryption, with a descriptor',
    build: () =>
      real(
        'UEsDBBQACQAIAIMYIljBDriaWQAAAE4AAAAOABwAam9icy9yZWFsLmpzb25VVAkAAyZ9k2WtjQVrdXgLAAEEAAAAAAQAAAAAf7w4G0w9RL+VxoIq9poa4eik10xDgVlwsuB3D/OI4eyxIPjPkeZ2CNQT+pQFxkYhFbUCShvDrZP4a3f/+nYFV/dHG8EtoMH/QD87eC9JzwiGCN0xooO0okdQSwcIwQ64mlkAAABOAAAAUEsBAh4DFAAJAAgAgxgiWMEOuJpZAAAATgAAAA4AGAAAAAAAAQAAAKSBAAAAAGpvYnMvcmVhbC5qc29uVVQFAAMmfZNldXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEAVAAAALEAAAAAAA==',
      ),
  },
  {
    name: 'deflate64',
    verdict: 'refuse',
    why: 'method 9, which Windows Explorer writes for large files; this very stream would inflate as deflate',
    build: () => zip([{ name: 'a.json', data: job('deflate64'), both: { method: 9 } }]),
  },
  {
    name: 'last-volume-of-a-split-archive',
    verdict: 'refuse',
    why: 'entries, directory and end record agree that this is disk 1',
    build: () =>
      zip([{ name: 'a.json', data: job('volume'), central: { disk: 1 } }], { end: { disk: 1, directoryDisk: 1 } }),
  },
  {
    name: 'compressed-patch-data',
    verdict: 'refuse',
    why: 'bit 5 in both headers: the data is a patch, even if it inflates to JSON',
    build: () => zip([{ name: 'a.json', data: job('patch'), both: { flags: 0x0820 } }]),
  },

  // Names.
  {
    name: 'names-equal-after-normalisation',
    verdict: 'refuse',
    why: 'the same folder name composed (NFC) and decomposed (NFD, as a Mac writes it)',
    build: () =>
      zip([
        { name: 'caf\u00e9/a.json', data: job('nfc') },
        { name: 'cafe\u0301/a.json', data: job('nfd') },
      ]),
  },
  {
    name: 'kelvin-sign-and-k',
    verdict: 'refuse',
    why: 'U+212A is k without case (and K after normalisation): one file on a disk that ignores case',
    build: () =>
      zip([
        { name: '\u212a8s.json', data: job('kelvin') },
        { name: 'k8s.json', data: job('letter') },
      ]),
  },
  {
    name: 'escape-through-macosx',
    verdict: 'refuse',
    why: '.. in a name that starts with __MACOSX/: being passed over must not come before the rules of names',
    build: () => zip([...twoJobs(), { name: '__MACOSX/../../evil.json', data: job('evil') }]),
  },
  {
    name: 'drive-letter',
    verdict: 'refuse',
    why: 'a drive and a slash, beside a good entry',
    build: () => zip([...twoJobs(), { name: 'C:/flink/evil.json', data: job('evil') }]),
  },
  {
    name: 'nul-in-the-name',
    verdict: 'refuse',
    why: 'run.sh before a NUL, .json after it: C readers and others see two names',
    build: () => zip([...twoJobs(), { name: 'run.sh\0.json', data: job('nul') }]),
  },
  {
    name: 'overlong-utf8-slash',
    verdict: 'refuse',
    why: 'flagged as UTF-8 with C0 AF, an overlong slash: not UTF-8 where it claims to be',
    build: () => {
      const name = Buffer.from('jobs\xc0\xafa.json', 'latin1');
      return zip([...twoJobs(), { name: 'c.json', data: job('overlong'), both: { name } }]);
    },
  },
  {
    name: 'unicode-path-that-differs',
    verdict: 'refuse',
    why: 'both headers say jobs.json, the Unicode path with a valid CRC says other.json',
    build: () => {
      const path = unicodePath('jobs.json', 'other.json');
      return assemble([{ name: 'jobs.json', data: job('two-paths'), flags: 0, localExtra: path, centralExtra: path }]);
    },
  },
  {
    name: 'symlink-whose-target-is-json',
    verdict: 'refuse',
    why: 'a symbolic link by its Unix mode; its target reads as a good document',
    build: () =>
      zip([...twoJobs(), { name: 'link.json', data: job('link'), store: true, central: { mode: 0o120777 } }]),
  },

  // What has no place in an export.
  {
    name: 'java-jar-with-manifest',
    verdict: 'refuse',
    why: '@real: jar cf: META-INF/MANIFEST.MF is no .json and none of the passed over',
    build: () =>
      real(
        'UEsDBBQACAgIAMtpeF0AAAAAAAAAAAAAAAAJAAQATUVUQS1JTkYv/soAAAMAUEsHCAAAAAACAAAAAAAAAFBLAwQUAAgICADLaXhdAAAAAAAAAAAAAAAAFAAAAE1FVEEtSU5GL01BTklGRVNULk1G803My0xLLS7RDUstKs7Mz7NSMNQz4OVyLkpNLElN0XWqBAqY6xnoGZoqaLikJmUm5mnycvFyAQBQSwcIHbOzmTgAAAA3AAAAUEsDBAoAAAgAAIMYIlgAAAAAAAAAAAAAAAAFAAAAam9icy9QSwMEFAAICAgAgxgiWAAAAAAAAAAAAAAAAA4AAABqb2JzL3JlYWwuanNvbqtWykvMTVWyUipKTczRLcnPz1HSUSouzIlPyk+pBAoHu/q4OocoGAJFs/KT4pPz89Iy05WsqpUKEosSc3JSc+LzSnOTUouUrIxqa7kAUEsHCMEOuJpNAAAATgAAAFBLAQIUABQACAgIAMtpeF0AAAAAAgAAAAAAAAAJAAQAAAAAAAAAAAAAAAAAAABNRVRBLUlORi/+ygAAUEsBAhQAFAAICAgAy2l4XR2zs5k4AAAANwAAABQAAAAAAAAAAAAAAAAAPQAAAE1FVEEtSU5GL01BTklGRVNULk1GUEsBAgoACgAACAAAgxgiWAAAAAAAAAAAAAAAAAUAAAAAAAAAAAAAAAAAtwAAAGpvYnMvUEsBAhQAFAAICAgAgxgiWMEOuJpNAAAATgAAAA4AAAAAAAAAAAAAAAAA2gAAAGpvYnMvcmVhbC5qc29uUEsFBgAAAAAEAAQA7AAAAGMBAAAAAA==',
      ),
  },
  {
    name: 'no-job-at-all',
    verdict: 'refuse',
    why: 'a folder, an empty array, an empty list of jobs and passed-over files: sound, but no job',
    build: () =>
      zip([
        { name: 'jobs/', data: '', store: true, central: { mode: 0o040755 } },
        { name: 'jobs/a.json', data: '[]' },
        { name: 'jobs/b.json', data: '{"jobs":[]}' },
        { name: '__MACOSX/c.json', data: job('not-a-job') },
      ]),
  },

  // Limits.
  {
    name: 'one-byte-over-64-mib',
    verdict: 'refuse',
    why: 'nine truthful entries, none over 8 MiB, together 64 MiB and one byte',
    build: () =>
      zip([...Array.from({ length: 8 }, (_, n) => padded(n, n < 7 ? ENTRY_BYTES : ENTRY_BYTES - 99)), padded(8, 100)]),
  },
  {
    name: 'one-entry-over-ten-thousand',
    verdict: 'refuse',
    why: '10,001 entries for 10,000 jobs: the last one holds an empty array',
    build: () => {
      const full = Array.from({ length: 10_000 }, (_, n) => ({
        name: `jobs/${n}.json`,
        data: job(`job-${n}`),
        store: true,
      }));
      return zip([...full, { name: 'jobs/none.json', data: '[]' }]);
    },
  },

  // Documents.
  {
    name: 'duplicate-key-by-escape',
    verdict: 'refuse',
    why: '"name" and "n\\u0061me" are one key',
    build: () => zip([{ name: 'a.json', data: '{"name":"one","n\\u0061me":"two"}' }]),
  },
  {
    name: 'proto-key-by-escape',
    verdict: 'refuse',
    why: '"\\u005f_proto__" is the key __proto__, deep in a field that nobody knows',
    build: () => zip([{ name: 'a.json', data: '{"name":"one","x":[{"\\u005f_proto__":{"name":"two"}}]}' }]),
  },
];

const ENTRY_BYTES = 8 * 1024 * 1024;
const UNIX = 0x0314;
const MAC = 0x0315;
const MAC_EXTRAS = {
  localExtra: extra(0x5855, Buffer.from('267d9365267d9365f5011400', 'hex')),
  centralExtra: extra(0x5855, Buffer.from('267d9365267d9365', 'hex')),
};

type Numbers = { crc: number; compressedSize: number; size: number };

/** An entry as a tool wrote it; where a field is left out it is what a plain Unix tool writes. */
type Spec = {
  name: string;
  data: string | Buffer;
  store?: boolean;
  madeBy?: number;
  needed?: number;
  flags?: number;
  date?: number;
  attributes?: number;
  localExtra?: Buffer;
  centralExtra?: Buffer;
  /** What the local header alone states. */
  local?: Partial<Numbers>;
  /** Written after the data, and announced by bit 3 and zeros in the local header. */
  descriptor?: 'signed' | 'bare';
  /** Bytes after all that belongs to the entry. */
  after?: Buffer;
};

type Place = { entries: number; size: number; offset: number };

function job(name: string): string {
  return JSON.stringify({ name, sql_body: 'SELECT 1' });
}

function twoJobs(): { name: string; data: string }[] {
  return [
    { name: 'a.json', data: job('first') },
    { name: 'b.json', data: job('second') },
  ];
}

/** A job whose document has exactly that many bytes. */
function padded(n: number, bytes: number): ZipFile {
  return { name: `jobs/${n}.json`, data: job(`job-${n}`).padEnd(bytes, ' ') };
}

function real(base64: string): Buffer {
  return Buffer.from(base64, 'base64');
}

/** White space picked such that the CRC-32 is the signature of a data descriptor. */
function signatureCrcDocument(): string {
  const space = [...'1100000011001111100111000001001100000000'].map((bit) => (bit === '1' ? '\t' : ' '));
  const document = `{"name":"crc-is-signature"}${space.join('')}`;
  if (crc32(document) !== 0x08074b50) throw new Error('the CRC is not the signature');
  return document;
}

function assemble(specs: readonly Spec[], options: { start?: number; comment?: Buffer } = {}): Buffer {
  const { start = 0, comment = Buffer.alloc(0) } = options;
  const { locals, directory } = assembled(specs, start);
  const place = { entries: specs.length, size: directory.length, offset: start + locals.length };
  return Buffer.concat([locals, directory, endRecord({ ...place, comment })]);
}

/** The entries and their directory for a file in which they begin at `start`. */
function assembled(specs: readonly Spec[], start = 0): { locals: Buffer; records: Buffer[]; directory: Buffer } {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let offset = start;
  for (const spec of specs) {
    const { local, central } = entry(spec, offset);
    locals.push(local);
    records.push(central);
    offset += local.length;
  }
  return { locals: Buffer.concat(locals), records, directory: Buffer.concat(records) };
}

function entry(spec: Spec, offset: number): { local: Buffer; central: Buffer } {
  const { madeBy = UNIX, needed = 20, date = 0x5822, attributes = 0o100644 * 0x10000, descriptor } = spec;
  const { localExtra = Buffer.alloc(0), centralExtra = Buffer.alloc(0), after = Buffer.alloc(0) } = spec;
  const name = Buffer.from(spec.name);
  const data = Buffer.from(spec.data);
  const packed = spec.store ? data : deflateRawSync(data);
  const numbers = { crc: crc32(data), compressedSize: packed.length, size: data.length };
  const flags = spec.flags ?? (/[^ -~]/.test(spec.name) ? 0x0800 : 0) | (descriptor ? 8 : 0);
  const common = (stated: Numbers, extraLength: number): Buffer =>
    Buffer.concat([
      ...[needed, flags, spec.store ? 0 : 8, 0, date].map((value) => uint(2, value)),
      ...[stated.crc, stated.compressedSize, stated.size].map((value) => uint(4, value)),
      ...[name.length, extraLength].map((value) => uint(2, value)),
    ]);
  const locally = { ...(descriptor ? { crc: 0, compressedSize: 0, size: 0 } : numbers), ...spec.local };
  const tail = descriptor
    ? descriptorOf(descriptor, numbers.crc, numbers.compressedSize, numbers.size)
    : Buffer.alloc(0);
  return {
    local: Buffer.concat([
      uint(4, 0x04034b50),
      common(locally, localExtra.length),
      ...[name, localExtra, packed, tail, after],
    ]),
    central: Buffer.concat([
      ...[uint(4, 0x02014b50), uint(2, madeBy), common(numbers, centralExtra.length)],
      ...[uint(2, 0), uint(2, 0), uint(2, 0), uint(4, attributes), uint(4, offset)],
      ...[name, centralExtra],
    ]),
  };
}

function descriptorOf(kind: 'signed' | 'bare', crc: number, compressedSize: number, size: number): Buffer {
  const numbers = [crc >>> 0, compressedSize, size].map((value) => uint(4, value));
  return Buffer.concat(kind === 'signed' ? [uint(4, 0x08074b50), ...numbers] : numbers);
}

function endRecord({ entries, size, offset, comment }: Place & { comment: Buffer }): Buffer {
  return Buffer.concat([
    ...[uint(4, 0x06054b50), uint(4, 0), uint(2, entries), uint(2, entries)],
    ...[uint(4, size), uint(4, offset), uint(2, comment.length), comment],
  ]);
}

function zip64End({ entries, size, offset, start }: Place & { start: number }): Buffer {
  return Buffer.concat([
    ...[uint(4, 0x06064b50), uint64(44n), uint(2, 0x032d), uint(2, 45), uint(4, 0), uint(4, 0)],
    ...[entries, entries, size, offset].map((value) => uint64(BigInt(value))),
    ...[uint(4, 0x07064b50), uint(4, 0), uint64(BigInt(start)), uint(4, 1)],
  ]);
}

function extra(id: number, data: Buffer): Buffer {
  return Buffer.concat([uint(2, id), uint(2, data.length), data]);
}

function unicodePath(header: string, path: string): Buffer {
  return extra(0x7075, Buffer.concat([Buffer.from([1]), uint(4, crc32(header)), Buffer.from(path)]));
}

/** a.json, in whose extra field the local header of b.json lies; the data of both is the same bytes. */
function overlapped(): Buffer {
  const data = job('shared');
  const packed = deflateRawSync(data);
  const inner = assembled([{ name: 'b.json', data }]);
  const header = inner.locals.subarray(0, inner.locals.length - packed.length);
  const outer = assembled([{ name: 'a.json', data, localExtra: extra(0x4242, header) }]);
  const innerOffset = outer.locals.length - packed.length - header.length;
  const directory = Buffer.concat([outer.directory, assembled([{ name: 'b.json', data }], innerOffset).directory]);
  const end = { entries: 2, size: directory.length, offset: outer.locals.length, comment: Buffer.alloc(0) };
  return Buffer.concat([outer.locals, directory, endRecord(end)]);
}
