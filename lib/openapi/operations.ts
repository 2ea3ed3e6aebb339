import type * as z from 'zod/mini';
import type { ErrorCode } from '../errors.ts';
import { exportRequest } from '../export/export-request.ts';
import * as http from '../http/answers.ts';
import { deleteRequest } from '../http/deletions.ts';
import { importsQuery, listQuery, pageQuery } from '../http/list-query.ts';
import * as imports from '../import/import-answers.ts';
import { importRequest } from '../import/import-request.ts';

/** An operation as the document tells of it: what it takes, and all that it may answer. */
export type Operation = {
  /** As in `serverless.yml`. */
  route: string;
  id: string;
  summary: string;
  description?: string;
  query?: z.ZodMiniObject;
  body?: z.ZodMiniType;
  /** Whether it may be sent again under a key. */
  takesKey?: true;
  /** Whether it may be answered before it is done. */
  mayRespondAsync?: true;
  /** Open to everybody. */
  isOpen?: true;
  /** By status; each schema has a name. */
  answers: Record<number, Answer>;
  errors: ErrorCode[];
};

type Answer = { about: string; schema: z.ZodMiniType; hasLocation?: true };

/** What may be answered to any request that goes through the door. */
const DOOR: ErrorCode[] = ['DLI.0019', 'DLI.0999', 'APIGW.0101', 'APIGW.0301', 'APIGW.0302'];
/** What may be wrong with what an import is asked to do. */
const IMPORT: ErrorCode[] = ['DLI.0001', 'DLI.0002', 'DLI.0007', 'DLI.0009', 'DLI.0011', 'DLI.0018'];
const JOBS = '/v1.0/{project_id}/streaming/jobs';

/** Every operation of the API: one that is added is added here. */
export const OPERATIONS: Operation[] = [
  {
    route: `POST ${JOBS}/import`,
    id: 'importJobs',
    summary: 'Imports the jobs of an archive, or of all archives of a folder',
    description:
      'zip_file: the path of one ZIP, or of a folder of ZIPs, bucket first. is_cover: whether a job whose name exists is replaced; false by default.',
    body: importRequest,
    takesKey: true,
    mayRespondAsync: true,
    answers: {
      200: { about: 'What became of each job.', schema: imports.finishedImportSchema },
      202: {
        about: 'Not finished, or too large for one answer: Location tells of it.',
        schema: imports.acceptedImportSchema,
        hasLocation: true,
      },
    },
    errors: [...DOOR, ...IMPORT, 'APIGW.0201', 'APIGW.0308'],
  },
  {
    route: `GET ${JOBS}/imports`,
    id: 'listImports',
    summary: 'Lists imports, newest first',
    query: importsQuery,
    answers: { 200: { about: 'A page of imports.', schema: imports.importListSchema } },
    errors: [...DOOR, 'DLI.0001'],
  },
  {
    route: `GET ${JOBS}/imports/{import_id}`,
    id: 'showImport',
    summary: 'Tells what became of an import',
    query: pageQuery,
    answers: { 200: { about: 'What is known now, with a page of its mapping.', schema: imports.shownImportSchema } },
    errors: [...DOOR, 'DLI.0001', 'DLI.0002'],
  },
  {
    route: `DELETE ${JOBS}/imports/{import_id}`,
    id: 'cancelImport',
    summary: 'Stops an import between its archives',
    answers: {
      200: {
        about: 'What is known of it then, with the first rows of its mapping.',
        schema: imports.shownImportSchema,
      },
    },
    errors: [...DOOR, 'DLI.0002'],
  },
  {
    route: `GET ${JOBS}`,
    id: 'listJobs',
    summary: 'Lists jobs, in the order of their creation',
    query: listQuery,
    answers: { 200: { about: 'A page of jobs.', schema: http.jobListAnswerSchema } },
    errors: [...DOOR, 'DLI.0001', 'DLI.0009'],
  },
  {
    route: `GET ${JOBS}/{job_id}`,
    id: 'showJob',
    summary: 'Shows a job',
    answers: { 200: { about: 'The job in full.', schema: http.jobAnswerSchema } },
    errors: [...DOOR, 'DLI.16001'],
  },
  {
    route: `DELETE ${JOBS}/{job_id}`,
    id: 'deleteJob',
    summary: 'Deletes a job',
    answers: { 200: { about: 'The job is deleted.', schema: http.deletionAnswerSchema } },
    errors: [...DOOR, 'DLI.16001'],
  },
  {
    route: `POST ${JOBS}/delete`,
    id: 'deleteJobs',
    summary: 'Deletes several jobs',
    body: deleteRequest,
    answers: { 200: { about: 'One result an id, in the order of the request.', schema: http.deletionsAnswerSchema } },
    errors: [...DOOR, 'DLI.0001', 'APIGW.0201'],
  },
  {
    route: `POST ${JOBS}/export`,
    id: 'exportJobs',
    summary: 'Exports jobs, all or those selected, as archives that an import takes again',
    description: 'obs_dir: the path of a folder, bucket first.',
    body: exportRequest,
    answers: { 200: { about: 'The paths of the archives.', schema: http.exportAnswerSchema } },
    errors: [...DOOR, 'DLI.0001', 'DLI.0002', 'DLI.0009', 'DLI.0011', 'DLI.16001', 'APIGW.0201'],
  },
  {
    route: 'GET /openapi.json',
    id: 'showOpenApi',
    summary: 'Shows this document',
    isOpen: true,
    answers: { 200: { about: 'This document.', schema: http.openApiAnswerSchema } },
    errors: ['DLI.0999'],
  },
];
