// Starts the stack, has one container idle and one at work, prints their processes, and stays.
import { readDeployment } from '../../../local/deployment.ts';
import { LambdaPool } from '../../../local/lambda.ts';

const path = new URL('serverless.yml', import.meta.url);
const values = { Table: 't', 'AWS::AccountId': '0', 'AWS::Region': 'r' };
const { functions } = await readDeployment({ path, values, overrides: { KEPT_ELSEWHERE: '' } });
const pool = new LambdaPool({ functions });
await pool.invoke('echo', '{}');
const onStart = () => console.log(JSON.stringify(pool.pids()));
await pool.invoke('slow', '{"action":"hang"}', { onStart });
