import { BasicCredentials } from '@huaweicloud/huaweicloud-sdk-core';
import { ClientBuilder } from '@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js';
import type { HcClient } from '@huaweicloud/huaweicloud-sdk-core/HcClient.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectDocumented } from '../documented.ts';
import { newProject, type ProjectClient, stack } from './client.ts';

/** Reads an answer as the client does, if the OpenAPI document tells of it. */
function readDocumented(this: { method?: string; url?: string }, text: string, headers: object, status = 0): unknown {
  const json = JSON.parse(text);
  const { pathname } = new URL(this.url ?? '', stack.endpoint);
  const answer = { status, headers: new Headers(Object.entries(headers)), json };
  expectDocumented((this.method ?? '').toUpperCase(), pathname, answer);
  return json;
}

/** The vendor's own client, as its service packages use it: it signs, sends and reads by itself. */
class Sdk {
  readonly #client: HcClient;

  constructor({ projectId, keys }: ProjectClient, secretKey = keys.secret_key) {
    const credential = new BasicCredentials({ ak: keys.access_key, sk: secretKey, projectId });
    this.#client = new ClientBuilder((client) => client, 'BasicCredentials')
      .withCredential(credential)
      .withEndpoint(stack.endpoint)
      .withOptions({ axiosRequestConfig: { transformResponse: readDocumented } })
      .build();
  }

  // biome-ignore lint/suspicious/noExplicitAny: the client returns what was answered, and the tests assert its shape.
  send(method: string, path: string, { query = {}, data }: { query?: object; data?: object } = {}): Promise<any> {
    return this.#client.sendRequest({
      method,
      url: `/v1.0/{project_id}/streaming/jobs${path}`,
      contentType: 'application/json',
      queryParams: query,
      pathParams: {},
      headers: {},
      ...(data && { data }),
    });
  }
}

describe("the vendor's client", () => {
  let project: ProjectClient;
  let sdk: Sdk;
  beforeAll(async () => {
    project = await newProject([{ bucket: stack.bucket, write: true }]);
    sdk = new Sdk(project);
  });

  test('imports', async () => {
    const path = await project.putJobs('作业 x.zip', [
      { name: 'a', job_id: 7, sql_body: 'SELECT 1' },
      { name: 'b', job_id: '9' },
      { name: 'c' },
    ]);
    const answer = await sdk.send('POST', '/import', { data: { zip_file: path, is_cover: true } });
    expect(answer).toMatchObject({
      httpStatusCode: 200,
      is_success: 'true',
      message: 'The job is imported successfully.',
      job_mapping: [
        { old_job_id: 7, new_job_id: 1, remark: 'Job successfully created' },
        { old_job_id: 9, new_job_id: 2, remark: 'Job successfully created' },
        { new_job_id: 3, remark: 'Job successfully created' },
      ],
    });
  });

  test('lists, by parameters that it signs', async () => {
    const query = { limit: 2, offset: 1, order: 'asc', job_type: 'flink_opensource_sql_job', queue_name: '' };
    const { job_list: list } = await sdk.send('GET', '', { query });
    expect(list).toMatchObject({ total_count: 3, jobs: [{ job_id: 2 }, { job_id: 3 }] });
    expect((await sdk.send('GET', '', { query: { name: 'a', show_detail: true } })).job_list.jobs).toMatchObject([
      { job_id: 1, sql_body: 'SELECT 1', job_config: { checkpoint_mode: 'exactly_once' } },
    ]);
  });

  test('shows', async () => {
    expect(await sdk.send('GET', '/1')).toMatchObject({
      is_success: 'true',
      job_detail: { job_id: 1, name: 'a', sql_body: 'SELECT 1', status: 'job_init' },
    });
  });

  test('exports', async () => {
    const data = { obs_dir: `${stack.bucket}/${project.projectId}/out`, is_selected: true, job_selected: [1, 3] };
    const answer = await sdk.send('POST', '/export', { data });
    expect(answer).toMatchObject({ is_success: 'true', message: 'The job is exported successfully.' });
    expect(Array.from(answer.zip_file)).toEqual([
      expect.stringMatching(new RegExp(`^${stack.bucket}/${project.projectId}/out/aggregate_\\d{13}\\.zip$`)),
    ]);
    const [path] = answer.zip_file;
    expect(await sdk.send('POST', '/import', { data: { zip_file: path } })).toMatchObject({
      job_mapping: [{ old_job_id: 1 }, { old_job_id: 3 }],
    });
  });

  test('deletes one, and several', async () => {
    expect(await sdk.send('DELETE', '/1')).toMatchObject({
      is_success: 'true',
      message: 'The job is successfully deleted.',
    });
    const results = await sdk.send('POST', '/delete', { data: { job_ids: [2, 77, 3] } });
    expect(results).toHaveLength(3);
    expect(Array.from(results, ({ is_success }) => is_success)).toEqual(['true', 'false', 'true']);
    expect((await sdk.send('GET', '')).job_list.total_count).toBe(0);
  });

  test('tells the code and the message of an error', async () => {
    await expect(sdk.send('GET', '/77')).rejects.toMatchObject({
      httpStatusCode: 400,
      errorCode: 'DLI.16001',
      errorMsg: expect.stringContaining('77'),
      requestId: expect.stringMatching(/.+/),
    });
    const wrong = new Sdk(project, 'of-somebody-else-entirely');
    await expect(wrong.send('GET', '')).rejects.toMatchObject({
      httpStatusCode: 401,
      errorCode: 'APIGW.0301',
      errorMsg: expect.stringMatching(/^Incorrect IAM authentication information: /),
    });
    const other = new Sdk(await newProject());
    await expect(
      other.send('POST', '/import', { data: { zip_file: `${stack.bucket}/none.zip` } }),
    ).rejects.toMatchObject({
      errorCode: 'DLI.0002',
    });
  });
});
