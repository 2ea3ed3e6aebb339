import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Tells of each archive that it reads, by its path, whether it finds it sound. */
export type Reader = { name: string; find: (paths: readonly string[]) => Promise<Map<string, ReaderFinding>> };
/** Sound, with the SHA-256 of each entry where the reader tells what is in it; or what it says is wrong. */
export type ReaderFinding = { hashes?: string[] } | { problem: string };

const AT_ONCE = 4;

const PYTHON = `
import hashlib, json, sys, zipfile
for path in sys.stdin.read().split('\\n'):
    try:
        with zipfile.ZipFile(path) as archive:
            hashes = [hashlib.sha256(archive.read(info)).hexdigest() for info in archive.infolist()]
        print(json.dumps({'path': path, 'hashes': hashes}))
    except Exception as error:
        print(json.dumps({'path': path, 'problem': repr(error)}))
`;

/** Readers of others that this machine has; each shares no code with this project, nor with the others. */
export function readersHere(): Reader[] {
  return [
    ...(isHere('python3', ['--version']) ? [{ name: 'python zipfile', find: askPython }] : []),
    ...(isHere('unzip', ['-v']) ? [{ name: 'unzip', find: asking('unzip', (path) => ['-tqq', path]) }] : []),
    ...(isHere('bsdtar', ['--version']) ? [{ name: 'bsdtar', find: asking('bsdtar', (path) => ['-xOf', path]) }] : []),
  ];
}

function isHere(command: string, args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

async function askPython(paths: readonly string[]): Promise<Map<string, ReaderFinding>> {
  const python = spawn('python3', ['-c', PYTHON], { stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.end(paths.join('\n'));
  const lines = (await text(python.stdout)).trim().split('\n');
  return new Map(lines.map((line) => JSON.parse(line)).map(({ path, ...finding }) => [path, finding]));
}

function asking(command: string, argsFor: (path: string) => string[]): Reader['find'] {
  return async (paths) => {
    const findings = new Map<string, ReaderFinding>();
    const left = [...paths];
    const ask = async () => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) {
        const child = spawn(command, argsFor(path), {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: { ...process.env, LC_ALL: 'C.UTF-8' },
        });
        const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
        findings.set(path, code === 0 ? {} : { problem: `${code}: ${said}` });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return findings;
  };
}
