import type { Random } from '../random.ts';
import { zip } from '../zip.ts';
import { sqlOf } from './sql.ts';

/** A job as an export of the service holds it, with a SQL of so many bytes. */
export function jobOf(random: Random, name: string, sqlBytes: number) {
  return {
    name,
    job_id: 1_000 + random.below(1e6),
    desc: 'Counts what came in, by the minute',
    job_type: 'flink_opensource_sql_job',
    run_mode: 'exclusive_cluster',
    queue_name: 'streaming',
    sql_body: sqlOf(random, sqlBytes),
    tags: [{ key: 'team', value: 'payments' }],
    status: 'job_running',
    create_time: 1_582_677_879_475,
    job_config: {
      cu_number: 4,
      manager_cu_number: 1,
      parallel_number: 1 + random.below(8),
      tm_cus: 1,
      tm_slot_num: 2,
      checkpoint_enabled: true,
      checkpoint_mode: 'exactly_once',
      checkpoint_interval: 60,
      obs_bucket: 'flink-checkpoints',
      log_enabled: true,
      restart_when_exception: true,
      resume_checkpoint: true,
      resume_max_num: -1,
      idle_state_retention: 3_600,
      flink_version: '1.15',
      runtime_config: '{"table.exec.source.idle-timeout":"10s"}',
    },
  };
}

/** An archive of jobs, each an entry, as an export writes it. */
export function archiveOfJobs(random: Random, { jobs, sqlBytes }: { jobs: number; sqlBytes: number }): Buffer {
  return zip(
    Array.from({ length: jobs }, (_, at) => {
      const name = `job_${random.below(1e6)}_${at}`;
      return { name: `jobs/${name}.json`, data: JSON.stringify(jobOf(random, name, sqlBytes)) };
    }),
  );
}
