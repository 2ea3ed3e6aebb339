import { readProc } from '../../local/proc.ts';

/** Of Linux, whatever the processor's clock is. */
const TICKS_A_SECOND = 100;

/** Seconds of a core that a process has taken; 0 of one that is gone. */
export function cpuSecondsOf(pid: number): number {
  // Of user and kernel; the name before them, in parentheses, may hold anything.
  const [, , , , , , , , , , , user = 0, system = 0] = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(user) + Number(system)) / TICKS_A_SECOND;
}
