import { manageProjects } from '../lib/auth/manage-projects.ts';
import { bucketVariables, projectVariables, readConfig, secretVariables, tableVariables } from '../lib/config.ts';
import { createTable } from '../lib/services.ts';

const config = readConfig(process.env, {
  ...tableVariables,
  ...secretVariables,
  ...bucketVariables,
  ...projectVariables,
});
const services = {
  table: createTable(config),
  secretKeys: config.SECRET_KEYS,
  buckets: [config.BUCKET_NAME, ...config.LOCATION_BUCKETS],
  owner: config.BUCKET_OWNER,
};

/** For the operator, by direct invocation; not reachable over HTTP. Its answer may hold keys, so nothing is logged. */
export const handler = (event: unknown) => manageProjects(services, event);
