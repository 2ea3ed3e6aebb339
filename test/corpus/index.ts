import { BOMBS } from './bombs.ts';
import type { Case } from './case.ts';
import { DATA } from './data.ts';
import { DOCUMENT_TEXT, DOCUMENT_VALUES } from './documents.ts';
import { END_RECORD } from './end-record.ts';
import { DIRECTORY, EXTRA_FIELDS, LOCAL_HEADER, METHODS_AND_FLAGS } from './headers.ts';
import { FILE_TYPES, NESTED, OTHER_FILES } from './kinds.ts';
import { DESCRIPTORS, GAPS, OVERLAPS } from './layout.ts';
import { LIMITS } from './limits.ts';
import { MANIFESTS } from './manifests.ts';
import { DUPLICATES, NAMES, UNICODE_PATHS } from './names.ts';
import { TOOLS } from './tools.ts';
import { ZIP64_END, ZIP64_FIELDS } from './zip64.ts';

/** All archives whose verdict is known, by their class. Each is built when it is asked for: some have 50 MB. */
export const CORPUS: Readonly<Record<string, readonly Case[]>> = {
  'end record': END_RECORD,
  'ZIP64 end': ZIP64_END,
  'ZIP64 fields': ZIP64_FIELDS,
  directory: DIRECTORY,
  'local headers': LOCAL_HEADER,
  'extra fields': EXTRA_FIELDS,
  'data descriptors': DESCRIPTORS,
  'methods and flags': METHODS_AND_FLAGS,
  'bytes of nobody': GAPS,
  overlaps: OVERLAPS,
  data: DATA,
  names: NAMES,
  'Unicode paths': UNICODE_PATHS,
  'names that are one': DUPLICATES,
  'file types': FILE_TYPES,
  'archives in archives': NESTED,
  'other files': OTHER_FILES,
  manifests: MANIFESTS,
  'documents as text': DOCUMENT_TEXT,
  'documents as values': DOCUMENT_VALUES,
  limits: LIMITS,
  bombs: BOMBS,
  'what tools write': TOOLS,
};
