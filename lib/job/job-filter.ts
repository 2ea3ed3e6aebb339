/** What jobs of a list are to have, each as it is. What is undefined, and no tag, filters nothing. */
export type JobFilter = {
  name: string | undefined;
  job_type: string | undefined;
  status: string | undefined;
  queue_name: string | undefined;
  user_name: string | undefined;
  root_job_id: number | undefined;
  /** All of them. */
  tags: { key: string; value: string }[];
};

type FilteredJob = {
  name: string;
  summary: {
    job_type: string;
    status: string;
    queue_name?: string | undefined;
    tags?: { key: string; value: string }[] | undefined;
  };
};

/** No job that was imported has a parent. */
const NO_ROOT = -1;

/** Whether a job has all that a filter asks for. Jobs belong to their project, and to no user. */
export function isWanted({ name, summary }: FilteredJob, filter: JobFilter): boolean {
  const { job_type, status, queue_name, tags = [] } = summary;
  const isSame = <T>(wanted: T | undefined, found: T | undefined) => wanted === undefined || wanted === found;
  return (
    isSame(filter.name, name) &&
    isSame(filter.job_type, job_type) &&
    isSame(filter.status, status) &&
    isSame(filter.queue_name, queue_name) &&
    filter.user_name === undefined &&
    isSame(filter.root_job_id, NO_ROOT) &&
    filter.tags.every(({ key, value }) => tags.some((tag) => tag.key === key && tag.value === value))
  );
}

/** Whether a filter asks for anything but a name. */
export function isNarrow({ job_type, status, queue_name, user_name, root_job_id, tags }: JobFilter): boolean {
  const wanted = [job_type, status, queue_name, user_name, root_job_id];
  return tags.length > 0 || wanted.some((value) => value !== undefined);
}
