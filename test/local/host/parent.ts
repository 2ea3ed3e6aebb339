// Starts the stack, has one container idle and one at work, prints their processes, and stays.
import { LambdaPool } from '../../../local/lambda.ts';
import { readFixture } from './support.ts';

const { functions } = await readFixture();
const pool = new LambdaPool({ functions });
await pool.invoke('echo', '{}');
const onStart = () => console.log(JSON.stringify(pool.pids()));
await pool.invoke('slow', '{"action":"hang"}', { onStart });
