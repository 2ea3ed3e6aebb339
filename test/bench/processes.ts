import { readFileSync } from 'node:fs';

/** Of Linux, whatever the processor's clock is. */
const TICKS_A_SECOND = 100;

/** Bytes that a process held at its peak; 0 of one that is gone. */
export function peakMemoryOf(pid: number): number {
  const [, kibibytes = 0] = /^VmHWM:\s+(\d+) kB$/m.exec(read(pid, 'status')) ?? [];
  return Number(kibibytes) * 1_024;
}

/** Seconds of a core that a process has taken; 0 of one that is gone. */
export function cpuSecondsOf(pid: number): number {
  // Of user and kernel; the name before them, in parentheses, may hold anything.
  const [, , , , , , , , , , , user = 0, system = 0] = read(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
