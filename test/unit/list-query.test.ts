import { describe, expect, test } from 'vitest';
import { parseListQuery, parsePageQuery } from '../../lib/http/list-query.ts';
import { JOB_NAME_CHARACTERS, JOB_TAGS, LIST_JOBS, MAPPING_PAGE, QUEUE_NAME_CHARACTERS } from '../../lib/limits.ts';
import { apiEvent } from './api-event.ts';

const withQuery = (query?: Record<string, string>) => apiEvent(query && { queryStringParameters: query });
const list = (query?: Record<string, string>) => parseListQuery(withQuery(query));
const page = (query?: Record<string, string>) => parsePageQuery(withQuery(query));
/** @param message how it begins; what was found comes after it. */
const refused = (message: string) =>
  expect.objectContaining({
    code: 'DLI.0001',
    message: expect.stringMatching(new RegExp(`^${message}, found a string of \\d+ characters`)),
  });

const DEFAULTS = { limit: 10, offset: 0, order: 'desc', show_detail: false, tags: [] };

/** Texts that are no number of a query, whatever their range. */
const NO_COUNTS = ['', '-1', '+1', '1.0', '1e1', '0x1', ' 1', '1 ', '1,2', 'ten', '٣', '1000000000', '9'.repeat(400)];

describe('the query of a list', () => {
  test.each([undefined, {}])('may be missing: %j', (query) => {
    expect(list(query)).toEqual(DEFAULTS);
  });

  test('may say everything', () => {
    const filter = { name: 'orders', job_type: 'flink_jar_job', status: 'job_init', queue_name: 'q', user_name: 'u' };
    const query = {
      limit: '100',
      offset: '999999999',
      order: 'asc',
      show_detail: 'true',
      root_job_id: '-1',
      ...filter,
    };
    expect(list({ ...query, tags: 'k1=v1,k2=a=b,k3=' })).toEqual({
      limit: 100,
      offset: 999_999_999,
      order: 'asc',
      show_detail: true,
      root_job_id: -1,
      tags: [
        { key: 'k1', value: 'v1' },
        { key: 'k2', value: 'a=b' },
        { key: 'k3', value: '' },
      ],
      ...filter,
    });
  });

  test('takes a limit of 0 to 100', () => {
    expect([
      list({ limit: '0' }).limit,
      list({ limit: '007' }).limit,
      list({ limit: String(LIST_JOBS) }).limit,
    ]).toEqual([0, 7, 100]);
  });

  test.each([...NO_COUNTS, String(LIST_JOBS + 1)])('takes no limit of %j', (limit) => {
    expect(() => list({ limit })).toThrow(refused('limit: expected an integer from 0 to 100'));
  });

  test.each(NO_COUNTS)('takes no offset of %j', (offset) => {
    expect(() => list({ offset })).toThrow(refused('offset: expected an integer from 0 on'));
  });

  test.each(['', 'ASC', 'up', 'asc,desc'])('takes no order of %j', (order) => {
    expect(() => list({ order })).toThrow(refused('order: expected asc or desc'));
  });

  test('takes an empty text of a filter for none', () => {
    const names = ['name', 'job_type', 'status', 'queue_name', 'user_name', 'root_job_id', 'show_detail', 'tags'];
    expect(list(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(DEFAULTS);
  });

  test.each([
    ['job_type', 'sql', 'one of flink_sql_job, flink_opensource_sql_job, flink_sql_edge_job, flink_jar_job'],
    ['status', 'JOB_INIT', 'one of job_init, .+, job_finish'],
    ['show_detail', 'yes', 'one of true, false'],
    ['root_job_id', '1.0', 'an integer'],
    ['tags', 'k1', 'up to 20 tags as in k1=v1,k2=v2'],
    ['tags', '=v', 'up to 20 tags as in k1=v1,k2=v2'],
    ['tags', 'k=v,', 'up to 20 tags as in k1=v1,k2=v2'],
    ['queue_name', 'q'.repeat(QUEUE_NAME_CHARACTERS + 1), 'at most 128 characters'],
  ])('takes no %s of %j', (parameter, value, wanted) => {
    expect(() => list({ [parameter]: value })).toThrow(refused(`${parameter}: expected ${wanted}`));
  });

  test(`takes ${JOB_TAGS} tags, and no more`, () => {
    const tags = (count: number) => Array.from({ length: count }, (_, n) => `k${n}=v`).join(',');
    expect(list({ tags: tags(JOB_TAGS) }).tags).toHaveLength(JOB_TAGS);
    expect(() => list({ tags: tags(JOB_TAGS + 1) })).toThrow(refused('tags: expected up to 20 tags as in k1=v1,k2=v2'));
  });

  test('takes a name as long as a job may have, and no longer', () => {
    const name = 'n'.repeat(JOB_NAME_CHARACTERS);
    expect(list({ name }).name).toBe(name);
    expect(() => list({ name: `${name}n` })).toThrow(refused('name: expected at most 57 characters'));
  });

  test('is refused with all that is wrong, and none of its values', () => {
    expect(() => list({ limit: 'hunter2', order: 'hunter2' })).toThrow(
      refused(
        'limit: expected an integer from 0 to 100, found a string of \\d+ characters; order: expected asc or desc',
      ),
    );
  });
});

describe('the query of a page of a mapping', () => {
  test('begins with the first row', () => {
    expect(page()).toEqual({ first: 0, limit: 100 });
  });

  test('goes on from a marker', () => {
    expect(page({ marker: '100', limit: String(MAPPING_PAGE) })).toEqual({ first: 100, limit: 1_000 });
    expect(page({ limit: '1' })).toEqual({ first: 0, limit: 1 });
  });

  test.each([...NO_COUNTS, '0', String(MAPPING_PAGE + 1)])('takes no limit of %j', (limit) => {
    expect(() => page({ limit })).toThrow(refused('limit: expected an integer from 1 to 1000'));
  });

  test.each(NO_COUNTS)('takes no marker of %j', (marker) => {
    expect(() => page({ marker })).toThrow(refused('marker: expected an integer from 0 on'));
  });
});
