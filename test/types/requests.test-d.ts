import middy from '@middy/core';
import { describe, expectTypeOf, test } from 'vitest';
import { authenticate, type ProjectContext } from '../../lib/auth/authenticate.ts';
import { type ApiEvent, type ApiResult, jsonResult } from '../../lib/http/api.ts';
import { parseBody } from '../../lib/http/json-body.ts';
import type { ListQuery } from '../../lib/http/list-query.ts';
import { type ImportRequest, importRequest } from '../../lib/import/import-request.ts';
import type { JobFilter } from '../../lib/job/job-filter.ts';
import { findAccess, type Project } from '../../lib/store/projects.ts';
import type { JobTable } from '../../lib/store/table.ts';

describe('a request', () => {
  test('is what its schema says, once it is parsed', () => {
    expectTypeOf(parseBody({}, importRequest)).toEqualTypeOf<{ zip_file: string; is_cover: boolean }>();
    expectTypeOf<ImportRequest>().toEqualTypeOf<{ zip_file: string; is_cover: boolean }>();
  });

  test('for a list is a page of a filter', () => {
    expectTypeOf<ListQuery>().toExtend<
      { limit: number; offset: number; order: 'asc' | 'desc'; show_detail: boolean } & JobFilter
    >();
  });
});

describe('a handler', () => {
  test('finds its project behind the door', () => {
    expectTypeOf<ProjectContext['project']>().toEqualTypeOf<Project>();
    const lookup = (credentialId: string, projectId: string) => findAccess({} as JobTable, credentialId, projectId);
    middy<ApiEvent, ApiResult>()
      .use(authenticate(lookup, new Map()))
      .handler(async (_, context) => {
        expectTypeOf(context.project).toEqualTypeOf<Project>();
        return jsonResult<unknown>({});
      });
  });

  test('has no project without the door', () => {
    middy<ApiEvent, ApiResult>().handler(async (_, context) => {
      expectTypeOf(context).not.toHaveProperty('project');
      return jsonResult<unknown>({});
    });
  });
});
