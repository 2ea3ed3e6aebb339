import { describe, expect, test } from 'vitest';
import { type JobRecord, jobDetail, listedJob } from '../../lib/job/job-response.ts';
import { parseJson } from '../../lib/job/json.ts';
import { parseJob } from '../../lib/job/parse-job.ts';
import { unpack } from '../unpack.ts';

const record: JobRecord = {
  job_id: 7,
  name: 'orders',
  create_time: 1,
  update_time: 2,
  summary: {
    desc: '',
    job_type: 'flink_opensource_sql_job',
    run_mode: 'shared_cluster',
    status: 'job_init',
    status_desc: '',
    start_time: 0,
  },
};

/** The detail of a job, as it leaves, after its way through parsing and storage. */
function roundTrip(text: string): string {
  const job = parseJob(parseJson(text));
  if (!job.ok) throw new Error(job.message);
  const stored = { ...record, name: job.name, summary: { ...record.summary, ...job.summary } };
  return JSON.stringify(jobDetail('p1', stored, unpack(job.definition)));
}

describe('the detail of a job', () => {
  test('has the defaults of the API where the definition is silent', () => {
    expect(JSON.parse(roundTrip('{"name":"orders"}'))).toStrictEqual({
      job_id: 7,
      name: 'orders',
      desc: '',
      job_type: 'flink_opensource_sql_job',
      run_mode: 'shared_cluster',
      sql_body: '',
      status: 'job_init',
      status_desc: '',
      create_time: 1,
      update_time: 2,
      start_time: 0,
      project_id: 'p1',
      duration: 0,
      root_id: -1,
      job_config: {
        cu_number: 2,
        manager_cu_number: 1,
        parallel_number: 1,
        tm_cus: 1,
        checkpoint_enabled: false,
        checkpoint_mode: 'exactly_once',
        checkpoint_interval: 10,
        log_enabled: false,
        restart_when_exception: false,
        resume_checkpoint: false,
        resume_max_num: -1,
        idle_state_retention: 3600,
        dirty_data_strategy: '0',
        root_id: -1,
      },
    });
  });

  test('has what the definition says instead of a default', () => {
    const config = { cu_number: 9, checkpoint_mode: 'at_least_once', log_enabled: true, root_id: 5 };
    const fields = { desc: 'd', job_type: 'flink_jar_job', run_mode: 'edge_node', queue_name: 'q', sql_body: 's' };
    const detail = JSON.parse(roundTrip(JSON.stringify({ name: 'orders', ...fields, job_config: config })));
    expect(detail).toMatchObject({ ...fields, root_id: -1, job_config: { ...config, checkpoint_interval: 10 } });
  });

  test.each([
    '9007199254740993',
    '-9223372036854775808',
    '9223372036854775807',
    '1.0',
    '1e400',
    '0.10000000000000000001',
    '-0',
  ])('gives an unknown field with the number %s back digit for digit', (number) => {
    const detail = roundTrip(`{"name":"orders","novel":[${number}],"job_config":{"novel":{"a":${number}}}}`);
    expect(detail).toContain(`"novel":[${number}]`);
    expect(detail).toContain(`"novel":{"a":${number}}`);
  });

  test('gives a known 64-bit integer back digit for digit', () => {
    expect(roundTrip('{"name":"orders","tm_slot_num":9007199254740993}')).toContain('"tm_slot_num":9007199254740993');
  });

  test.each(['null', 'true', '"x"', '"\\u0000é😀"', '[]', '{}', '{"constructor":{"name":"x"}}'])(
    'gives an unknown field with %s back as it came',
    (value) => {
      const detail = JSON.parse(roundTrip(`{"name":"orders","novel":${value},"job_config":{"novel":${value}}}`));
      expect(JSON.stringify([detail.novel, detail.job_config.novel])).toBe(
        JSON.stringify([JSON.parse(value), JSON.parse(value)]),
      );
    },
  );

  test('tells the record for every field that the service owns, whatever a definition holds', () => {
    const definition =
      '{"create_time":9,"job_id":9,"name":"other","project_id":"x","root_id":9,"status":"job_running"}';
    expect(jobDetail('p1', record, definition)).toMatchObject({
      create_time: 1,
      job_id: 7,
      name: 'orders',
      project_id: 'p1',
      root_id: -1,
      status: 'job_init',
    });
  });

  test('leaves defaults as they are for the next job', () => {
    const first = jobDetail('p1', record, '{"name":"orders","job_config":{"cu_number":3}}');
    first.job_config.cu_number = 7;
    expect(jobDetail('p1', record, '{"name":"orders"}')['job_config']).toMatchObject({ cu_number: 2 });
  });

  test.each(['[]', '"x"', '1.0', 'null'])('does not exist for a stored definition that is %s', (definition) => {
    expect(() => jobDetail('p1', record, definition)).toThrow('a stored definition is no object');
  });
});

describe('a job of a list', () => {
  test('has its summary, and no definition', () => {
    expect(listedJob('p1', record)).toStrictEqual({
      job_id: 7,
      name: 'orders',
      ...record.summary,
      create_time: 1,
      update_time: 2,
      project_id: 'p1',
      duration: 0,
      root_id: -1,
    });
  });

  test('has a queue only if the job names one', () => {
    const withQueue = { ...record, summary: { ...record.summary, queue_name: 'q' } };
    const without = { ...record, summary: { ...record.summary, queue_name: undefined } };
    expect(listedJob('p1', withQueue)).toHaveProperty('queue_name', 'q');
    expect(listedJob('p1', without)).not.toHaveProperty('queue_name');
  });
});
