import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DeployedFunction } from './deployed-function.ts';

const PROGRAM = fileURLToPath(new URL('container.ts', import.meta.url));
/** Where node keeps compiled code: with it a container starts in half of the time. */
const COMPILED = fileURLToPath(new URL('../node_modules/.cache/compiled/', import.meta.url));

/** Starts a container's process, with the environment given and no other; each line it prints goes to `onLog`. */
export function forkContainer(
  deployed: DeployedFunction,
  environment: Readonly<Record<string, string>>,
  onLog: (line: string) => void,
): ChildProcess {
  const child = fork(PROGRAM, [deployed.file, deployed.exportName], {
    env: { ...environment, NODE_COMPILE_CACHE: COMPILED },
    // The share that the service's own start script gives to the old generation; the rest is for buffers.
    execArgv: [`--max-old-space-size=${Math.floor(deployed.memoryMegabytes * 0.9)}`],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLog);
  }
  return child;
}

const SIGNALS: Readonly<Record<string, string>> = { SIGKILL: 'killed', SIGABRT: 'aborted', SIGTERM: 'terminated' };

/** How a process ended, in the words of Lambda. */
export function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `with error: signal: ${SIGNALS[signal] ?? signal}`;
  return code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
}
