import { beforeAll, describe, expect, test } from 'vitest';
import { newProject, type ProjectClient } from './client.ts';
import { importAsync } from './queue-stack.ts';

describe('an import whose client does not wait', () => {
  let project: ProjectClient;
  beforeAll(async () => {
    project = await newProject();
  });

  test('is answered at once, as one that goes well, and ends by itself', async () => {
    const path = await project.putJobs('x.zip', [{ name: 'a', job_id: 7 }, { name: 'b' }]);
    const accepted = await importAsync(project, path);
    const { import_id: importId } = accepted.json;
    expect(accepted.status).toBe(202);
    expect(accepted.json).toEqual({
      is_success: 'true',
      message: `accepted; see ${project.jobs}/imports/${importId}`,
      job_mapping: [],
      import_id: importId,
      state: 'queued',
    });
    expect(accepted.headers.get('location')).toBe(`${project.jobs}/imports/${importId}`);
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    const { json } = await project.untilEnded(importId);
    expect(json).toMatchObject({
      is_success: 'true',
      message: 'The job is imported successfully.',
      state: 'finished',
      archives_total: 1,
      archives_done: 1,
      jobs_total: 2,
      jobs_done: 2,
      counts: { created: 2 },
      job_mapping: [
        { old_job_id: 7, new_job_id: 1, action: 'created' },
        { new_job_id: 2, action: 'created' },
      ],
    });
    expect(json.bytes_done).toBe(json.bytes_total);
  });
});
