import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { commandsOf } from '../commands.ts';
import { zip } from '../zip.ts';
import { familyOf, isAlive, listeningAddresses } from './processes.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const STACK_FILE = join(PROJECT, '.local/stack.json');
const LOOPBACK = '0100007F';
const run = promisify(execFile);

let npm: ChildProcess | undefined;
afterEach(() => {
  if (npm?.pid !== undefined && npm.exitCode === null) process.kill(-npm.pid, 'SIGKILL');
  npm = undefined;
});

/** Starts the stack as its user does, in a process group of its own. */
async function begin(...args: string[]) {
  const child = spawn('npm', ['start', '--', '--port', '0', ...args], { cwd: PROJECT, detached: true });
  npm = child;
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    output += data;
  });
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error('npm did not start');
  const { pid } = child;
  return { child, pid, output: () => output, family: () => familyOf(pid) };
}

/** The same, and waits until it says that it is ready. */
async function start(...args: string[]) {
  const { child, pid, output, family } = await begin(...args);
  const isReady = () => output().includes('Ctrl-C ends it.');
  await until(() => isReady() || child.exitCode !== null);
  if (!isReady()) throw new Error(`npm start ended: ${output()}`);
  return { child, pid, family: family(), output, stack: JSON.parse(readFileSync(STACK_FILE, 'utf8')) };
}

const portOf = (output: string) => /Ready after .* at http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (condition()) return;
    await sleep(100);
  }
  throw new Error('waited for a minute');
}

describe.skipIf(process.platform !== 'linux')('npm start', () => {
  test('imports the samples, prints what became of them, and a curl line that works as it is', async () => {
    const { output } = await start();
    expect(output()).toMatch(/result +old id +new id +job +from/);
    expect(output()).toMatch(/created +9007199254740993 +\d+ +clicks_top_pages/);
    expect(output()).toContain('The job is imported successfully.');
    const curl = /^ *(curl .*import)$/m.exec(output())?.[1] ?? '';
    const { stdout } = await run('sh', ['-c', curl]);
    expect(JSON.parse(stdout)).toMatchObject({
      is_success: 'true',
      job_mapping: Array(6).fill({ action: 'overwritten' }),
    });
  });

  test('shows what README.md says, and answers its request as it says', async () => {
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
    const block = (begin: string) => new RegExp(`^${begin}\n(.*?)^\`\`\`$`, 'ms').exec(readme)?.[1] ?? '';
    const { output, stack } = await start();
    // Which job gets which id, and the port, are others each time.
    const same = (text: string) => text.replace(/(created +\S+ +)\d+/g, '$1ID').replace(/(127\.0\.0\.1):\d+/g, '$1');
    const excerpt = block('[^\\n]*and says:\n\n```').split('\n');
    const shown = excerpt.filter((line) => !/^ *…?$/.test(line)).map(same);
    expect(shown.length).toBeGreaterThan(5);
    expect(same(output()).split('\n')).toEqual(expect.arrayContaining(shown));

    const curls = output()
      .split('\n')
      .filter((line) => line.includes('curl ') && shown.includes(same(line)));
    expect(curls).toHaveLength(1);
    const { stdout } = await run('sh', ['-c', curls[0] ?? '']);
    const { job_list }: { job_list: { jobs: { name: string }[] } } = JSON.parse(stdout);
    const names = job_list.jobs.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['clicks_top_pages', 'clicks_to_lake', 'orders_dedup']));

    const [head = '', body = ''] = block('```http').split('\n\n');
    const [, method = '', path = ''] = /^(\w+) (\S+)$/m.exec(head) ?? [];
    const headers = [...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = '', value = '']): [string, string] => [
      name,
      value,
    ]);
    const answer = await fetch(stack.endpoint + path, { method, headers, body });
    const ids = (_key: string, value: unknown) => (typeof value === 'number' && value < 10 ? 'ID' : value);
    expect(JSON.parse(await answer.text(), ids)).toEqual(JSON.parse(block('```json'), ids));
  });

  test('prints a curl line that uploads a sample as it is, and what came of each upload', async () => {
    const { output, stack } = await start('--no-sample');
    const curl = /^ *(curl .* -T .*)$/m.exec(output())?.[1] ?? '';
    expect(await run('sh', ['-c', curl], { cwd: PROJECT })).toEqual({ stdout: '', stderr: '' });
    const url = `${stack.s3_endpoint}/${stack.bucket}/uploads/demo/orders.zip`;
    const { status, headers } = await fetch(url, { method: 'HEAD' });
    expect([status, headers.get('x-amz-meta-is-cover')]).toEqual([200, 'true']);
    expect(Number(headers.get('content-length'))).toBe(statSync(join(PROJECT, 'samples/orders.zip')).size);
    await until(() => /^uploads\/demo\/orders\.zip: import 1: \d created$/m.test(output()));
    await fetch(url.replace('orders', 'broken'), { method: 'PUT', body: 'no zip' });
    await until(() => /^uploads\/demo\/broken\.zip: import 2 failed: DLI\.0018: .+$/m.test(output()));
  });

  test('listens on loopback only, with all its processes', async () => {
    const { family } = await start();
    const addresses = listeningAddresses(family);
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    expect(new Set(addresses)).toEqual(new Set([LOOPBACK]));
  });

  test('writes where it is and its keys, for its owner only, and removes that at the end', async () => {
    const { child, pid, family, stack } = await start('--no-sample');
    expect(statSync(STACK_FILE).mode & 0o777).toBe(0o600);
    expect(stack).toMatchObject({
      project_id: 'demo',
      bucket: 'flink-jobs',
      table: 'flink-jobs',
      sqs_endpoint: stack.s3_endpoint,
      upload_queue: `${stack.s3_endpoint}/000000000000/flink-jobs-uploads`,
      pid: expect.any(Number),
    });
    const list = await fetch(`${stack.endpoint}/v1.0/demo/streaming/jobs`, {
      headers: { 'x-auth-token': stack.token },
    });
    expect(list.status).toBe(200);
    // As a terminal does on Ctrl-C: to the whole group.
    process.kill(-pid, 'SIGINT');
    await once(child, 'exit');
    await until(() => !family.some(isAlive));
    expect(existsSync(STACK_FILE)).toBe(false);
  });

  test('ends on Ctrl-C in the middle of its imports, without a word of failure', async () => {
    const { child, pid, output, family: familyNow } = await begin();
    await until(() => output().includes('Ready after'));
    const family = familyNow();
    process.kill(-pid, 'SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await until(() => !family.some(isAlive));
    expect(output()).toMatch(/SIGINT: stopping …\s*$/);
  });

  test('ends with all its processes on SIGTERM to npm', async () => {
    const { child, family } = await start();
    expect(family.length).toBeGreaterThan(3);
    child.kill('SIGTERM');
    await until(() => !family.some(isAlive));
    expect(existsSync(STACK_FILE)).toBe(false);
  });

  test('leaves no container behind when it is killed', async () => {
    const { family, stack } = await start();
    process.kill(stack.pid, 'SIGKILL');
    await until(() => !family.some(isAlive));
  });

  test('imports the archives that it is given, relative to where it was typed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archives-'));
    try {
      writeFileSync(join(folder, 'mine.zip'), zip([{ name: 'a.json', data: '{"name":"mine"}' }]));
      writeFileSync(join(folder, 'broken.zip'), 'no zip');
      writeFileSync(join(folder, 'readme.txt'), 'text');
      const { output } = await start(folder);
      expect(output()).toMatch(/created +- +1 +mine +flink-jobs\/archives\/\d+\/mine\.zip a\.json/);
      expect(output()).toMatch(/failed +- +- +- +flink-jobs\/archives\/\d+\/broken\.zip/);
      expect(output()).toMatch(/1 of 2 archives failed: ".*broken\.zip" was not imported: Expected a ZIP/);
      expect(output()).toContain('Passed over, being no ZIP: 1');
      expect(output()).not.toContain('orders_dedup');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('imports archives of one name from several folders, the last one typed winning', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archives-'));
    try {
      for (const [place, name] of [
        ['x', 'a'],
        ['y', 'a'],
        ['z', '0-a'],
      ] as const) {
        mkdirSync(join(folder, place));
        const jobs = [{ name: 'shared', desc: place }, { name: `from-${place}` }];
        writeFileSync(join(folder, place, `${name}.zip`), zip([{ name: 'a.json', data: JSON.stringify(jobs) }]));
      }
      mkdirSync(join(folder, 'z', 'folder.zip'));
      const { output, stack } = await start(join(folder, 'x'), join(folder, 'y'), join(folder, 'z'));
      for (const place of ['x', 'y', 'z']) expect(output()).toMatch(new RegExp(`created +- +\\d+ +from-${place} `));
      const list = await fetch(`${stack.endpoint}/v1.0/demo/streaming/jobs?name=shared`, {
        headers: { 'x-auth-token': stack.token },
      });
      const { job_list }: { job_list: { jobs: unknown[] } } = JSON.parse(await list.text());
      expect(job_list.jobs).toMatchObject([{ desc: 'z' }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('tells of a large folder its first rows, how many there are of each kind, and where the others are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archives-'));
    try {
      for (let n = 100; n < 210; n++) {
        const entries = [{ name: 'a.json', data: `{"name":"job-${n}"}` }];
        writeFileSync(join(folder, `${n}.zip`), n === 205 ? 'no zip' : zip(entries));
      }
      const { output, stack } = await start(folder);
      expect(output()).toMatch(/created +- +\d+ +job-199 /);
      expect(output()).not.toContain('job-200');
      const [, address = ''] = /… and 10 more; in all 109 created, 1 failed\. They are at (\S+)\n/.exec(output()) ?? [];
      expect(output()).toMatch(/1 of 110 archives failed: ".*205\.zip" was not imported: Expected a ZIP/);
      const shown = await fetch(`${address}?marker=100`, { headers: { 'x-auth-token': stack.token } });
      expect(JSON.parse(await shown.text()).job_mapping).toHaveLength(10);
      // Nothing but text: this is no terminal.
      expect(output()).not.toContain('\x1b');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('ends on Ctrl-C in the middle of a large import, without a word of failure', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archives-'));
    try {
      for (let n = 0; n < 300; n++) {
        writeFileSync(join(folder, `${n}.zip`), zip([{ name: 'a.json', data: `{"name":"job-${n}"}` }]));
      }
      const { child, pid, output, family: familyNow } = await begin(folder);
      const log = () => readFileSync(join(PROJECT, '.local', `functions-${portOf(output())}.log`), 'utf8');
      await until(() => /at http/.test(output()) && log().includes('"message":"archive"'));
      const family = familyNow();
      process.kill(-pid, 'SIGINT');
      const [code] = await once(child, 'exit');
      await until(() => !family.some(isAlive));
      expect(output()).toMatch(/SIGINT: stopping …\s*$/);
      expect(output()).not.toContain('… and');
      expect(code).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('uploads an archive over 8 MB by parts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archives-'));
    try {
      const job = (n: number) => ({ name: `large-${n}`, sql_body: randomBytes(700_000).toString('base64') });
      const entries = Array.from({ length: 10 }, (_, n) => ({
        name: `${n}.json`,
        data: JSON.stringify(job(n)),
        store: true,
      }));
      writeFileSync(join(folder, 'large.zip'), zip(entries));
      const { output, stack } = await start(join(folder, 'large.zip'));
      expect(output()).toMatch(/created +- +\d+ +large-9 /);
      const key = /flink-jobs\/(archives\/\d+\/large\.zip)/.exec(output())?.[1] ?? '';
      const object = await fetch(`${stack.s3_endpoint}/${stack.bucket}/${key}`, { method: 'HEAD' });
      // An object of two parts says so in its ETag.
      expect(object.headers.get('etag')).toMatch(/-2"$/);
      expect(output()).toContain('The job is imported successfully.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('registers and lists projects beside the demo one', async () => {
    await start('--no-sample');
    const project = async (...args: string[]) =>
      (await run('npm', ['run', '--silent', 'project', '--', ...args], { cwd: PROJECT })).stdout;
    const added = JSON.parse(await project('add', 'mine', '--name', 'Mine', '--location', 'flink-jobs/mine'));
    expect(added).toMatchObject({
      project: { project_id: 'mine', locations: [{ prefix: 'mine/', write: false }] },
      keys: { token: expect.any(String) },
    });
    expect(JSON.parse(await project('list')).projects.map((one: { project_id: string }) => one.project_id)).toEqual([
      'demo',
      'mine',
    ]);
    for (const wrong of [
      ['drop', 'mine'],
      ['add'],
      ['list', 'mine'],
      ['revoke-key', 'mine'],
      ['rotate', 'mine', 'x'],
    ]) {
      await expect(project(...wrong)).rejects.toThrow(`found "${wrong.join(' ')}". See --help.`);
    }
  });

  test('lists, adds and revokes keys of a project', async () => {
    await start('--no-sample');
    const project = async (...args: string[]) =>
      JSON.parse((await run('npm', ['run', '--silent', 'project', '--', ...args], { cwd: PROJECT })).stdout);
    const { keys } = await project('add-key', 'demo', 'token');
    expect(keys).toEqual({ token: expect.any(String) });
    const { keys: listed } = await project('list-keys', 'demo');
    expect(listed).toMatchObject([{ id: 'DEMOACCESSKEY0000000' }, { kind: 'token' }, { kind: 'token' }]);
    const { key } = await project('revoke-key', 'demo', listed[2].id);
    expect(key).toEqual({ ...listed[2], revoked: expect.any(Number) });
    expect(await project('rotate')).toEqual({ secret_key_id: 'local', rotated: 0, unreadable: [] });
  });

  test('obeys the commands about projects as the documents write them', async () => {
    await start('--no-sample');
    let key = '';
    const answers: Record<string, unknown>[] = [];
    for (const command of [...commandsOf('README.md'), ...commandsOf('docs/projects.md')]) {
      if (!command.startsWith('npm run project')) continue;
      // But for the key that an example names.
      const { stdout } = await run('sh', ['-c', command.replace('3f9a2c41', key)], { cwd: PROJECT });
      const answer = JSON.parse(stdout.slice(stdout.indexOf('{')));
      if (command.includes(' list-keys ')) key = answer.keys.at(-1).id;
      answers.push(answer);
    }
    const project = { project_id: 'my-project', locations: [{ bucket: 'flink-jobs', prefix: 'my-folder/' }] };
    const keys = [{ kind: 'access_key' }, { kind: 'token' }, { kind: 'token' }];
    expect(answers).toMatchObject([
      { projects: [{ project_id: 'demo' }] },
      { project },
      { project },
      { projects: [{ project_id: 'demo' }, project] },
      { keys: { token: expect.any(String) } },
      { keys },
      { key: { id: key, revoked: expect.any(Number) } },
      { rotated: 0 },
    ]);
  });
});

describe('npm start says what is wrong', () => {
  const fails = async (...args: string[]) => {
    const failure: { code?: number; stderr?: string } = await run('npm', ['start', '--', ...args], {
      cwd: PROJECT,
    }).then(
      () => ({}),
      (error: unknown) => (error instanceof Error ? error : {}),
    );
    expect(failure.code).toBe(1);
    return failure.stderr;
  };

  test('of a path that does not exist', async () => {
    expect(await fails('no/such.zip')).toMatch(/no\/such\.zip does not exist\. Expected a ZIP, or a folder of ZIPs\./);
  });

  test('of a file that is no ZIP', async () => {
    expect(await fails('README.md')).toMatch(/README\.md is no \.zip\. Expected a ZIP, or a folder of ZIPs\./);
  });

  test('of a port that is none', async () => {
    expect(await fails('--port', '99999')).toMatch(/--port takes a number from 0 to 65535; found 99999/);
  });

  test('of an option that it does not know', async () => {
    expect(await fails('--nonsense')).toMatch(/--nonsense/);
  });

  test('and how it is used, when asked for help', async () => {
    const { stdout } = await run('npm', ['start', '--', '--help'], { cwd: PROJECT });
    expect(stdout).toContain('npm start -- [--port N] [--no-sample] [PATH ...]');
  });
});
