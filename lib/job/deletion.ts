/** What came of the deletion of a job. `not_known`: the table failed. `no_time`: it was not tried. */
export type Deletion = 'deleted' | 'no_such_job' | 'not_known' | 'no_time';
