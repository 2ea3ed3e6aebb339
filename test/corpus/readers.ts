import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Tells of each archive that it reads, by its path, whether it finds it sound. */
export type Reader = { name: string; find: (paths: readonly string[]) => Promise<Map<string, ReaderFinding>> };
/** Sound, with the SHA-256 of each entry where the reader tells what is in it; or what it says is wrong. */
export type ReaderFinding = { hashes?: string[] } | { problem: string };

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
    ...(isHere('unzip', ['-v']) ? [{ name: 'unzip', find: asking('unzip', ['-tqq']) }] : []),
    ...(isHere('bsdtar', ['--version']) ? [{ name: 'bsdtar', find: asking('bsdtar', ['-xOf']) }] : []),
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

/** One process asks about all: a start of each from here would take longer than what it does. */
const ASK = `
set -f
while IFS= read -r path; do
  said=$("$@" "$path" 2>&1 >/dev/null </dev/null)
  printf '%s: %s\\n' "$?" "$(echo $said)"
done
`;

function asking(command: string, args: string[]): Reader['find'] {
  return async (paths) => {
    const env = { ...process.env, LC_ALL: 'C.UTF-8' };
    const shell = spawn('sh', ['-c', ASK, 'sh', command, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env });
    shell.stdin.end(paths.map((path) => `${path}\n`).join(''));
    const lines = (await text(shell.stdout)).split('\n');
    return new Map(paths.map((path, at) => [path, findingOf(lines[at] ?? 'nothing')]));
  };
}

const findingOf = (line: string): ReaderFinding => (line.startsWith('0: ') ? {} : { problem: line });
