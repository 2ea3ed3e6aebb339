import { ApiError, type ErrorCode } from './errors.ts';

/**
 * Every reason for which an archive is refused as a whole, with the code that a client sees. The names are stable:
 * logs and metrics count them. An archive that is produced for each one is in test/corpus.
 */
export const REFUSALS = {
  'archive.not-zip': 'DLI.0018',
  'archive.two-ends': 'DLI.0018',
  'archive.multi-disk': 'DLI.0018',
  'archive.zip64': 'DLI.0018',
  'archive.directory': 'DLI.0018',
  'archive.extra-field': 'DLI.0018',
  'archive.name-empty': 'DLI.0018',
  'archive.name-encoding': 'DLI.0018',
  'archive.unicode-path': 'DLI.0018',
  'archive.name-control': 'DLI.0018',
  'archive.name-backslash': 'DLI.0018',
  'archive.name-absolute': 'DLI.0018',
  'archive.name-drive': 'DLI.0018',
  'archive.name-parent': 'DLI.0018',
  'archive.name-duplicate': 'DLI.0018',
  'archive.name-alike': 'DLI.0018',
  'archive.name-folder': 'DLI.0018',
  'archive.link': 'DLI.0018',
  'archive.file-type': 'DLI.0018',
  'archive.encrypted': 'DLI.0018',
  'archive.patch': 'DLI.0018',
  'archive.version': 'DLI.0018',
  'archive.flags': 'DLI.0018',
  'archive.method': 'DLI.0018',
  'archive.stored-size': 'DLI.0018',
  'archive.folder-data': 'DLI.0018',
  'archive.nested': 'DLI.0018',
  'archive.foreign-file': 'DLI.0018',
  'archive.local-header': 'DLI.0018',
  'archive.local-name': 'DLI.0018',
  'archive.local-flags': 'DLI.0018',
  'archive.local-method': 'DLI.0018',
  'archive.local-sizes': 'DLI.0018',
  'archive.data-range': 'DLI.0018',
  'archive.overlap': 'DLI.0018',
  'archive.gap': 'DLI.0018',
  'archive.descriptor': 'DLI.0018',
  'archive.stored-descriptor': 'DLI.0018',
  'archive.deflate': 'DLI.0018',
  'archive.deflate-end': 'DLI.0018',
  'archive.length': 'DLI.0018',
  'archive.crc': 'DLI.0018',
  'archive.empty': 'DLI.0018',
  'archive.no-jobs': 'DLI.0018',
  'archive.manifest': 'DLI.0018',
  'archive.size': 'DLI.0009',
  'archive.entries': 'DLI.0009',
  'archive.name-length': 'DLI.0009',
  'archive.name-marks': 'DLI.0009',
  'archive.entry-size': 'DLI.0009',
  'archive.inflated-size': 'DLI.0009',
  'archive.jobs': 'DLI.0009',
  'document.encoding': 'DLI.0018',
  'document.syntax': 'DLI.0018',
  'document.duplicate-key': 'DLI.0018',
  'document.proto-key': 'DLI.0018',
  'document.integer': 'DLI.0018',
  'document.surrogate': 'DLI.0018',
  'document.shape': 'DLI.0018',
  'document.depth': 'DLI.0009',
  'document.values': 'DLI.0009',
  'document.keys': 'DLI.0009',
  'document.number': 'DLI.0009',
} as const satisfies Record<string, ErrorCode>;

export type Reason = keyof typeof REFUSALS;

/** A refusal of a whole archive. Its message says what was expected and found, and where, and quotes no document. */
export function refusal(reason: Reason, message: string): ApiError {
  return new ApiError(REFUSALS[reason], message, { reason });
}
